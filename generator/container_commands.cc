#include "generator/container_commands.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "generator/command_words.h"
#include "generator/shown_figures.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/shorten.h"
#include "src/base/status.h"
#include "src/containers/container.h"
#include "src/containers/stop_container.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr size_t kShownCommand = 40;

constexpr char kHelp[] =
    "Containers that `gen run` has started in this store:\n"
    "\n"
    "  gen ps [-a] [-q] [--json]     lists those that run, or all; -q: their names alone\n"
    "  gen logs [-f] [-n LINES] NAME what one in the background has written, or the last LINES of it; -f: "
    "and "
    "what it will write\n"
    "  gen stop [-t SECONDS] NAME... asks it to end with the image's STOPSIGNAL, and after SECONDS (10) "
    "kills it\n"
    "  gen rm [-f] NAME...           forgets one that has ended; -f: or kills it first\n";

std::string StateOf(const Container& container) {
  const int64_t now = std::time(nullptr);
  if (container.runs()) return absl::StrCat("up ", ShownAge(std::max<int64_t>(now - container.created, 0)));
  if (container.ended == 0) return "killed";
  return absl::StrCat("exited (", container.exit_code, ") ", ShownAgo(container.ended));
}

std::string Listing(const Store& store, bool all, bool quiet, bool json) {
  std::string names;
  std::vector<std::vector<std::string>> lines = {{"NAME", "IMAGE", "STATE", "PORTS", "COMMAND"}};
  Json list = Json::array();
  for (const Container& container : ListContainers(store)) {
    const bool runs = container.runs();
    if (!runs && !all) continue;
    absl::StrAppend(&names, container.name, "\n");
    const std::string command = Shorten(absl::StrJoin(container.command, " "), kShownCommand);
    lines.push_back(
        {container.name, container.image, StateOf(container), absl::StrJoin(container.ports, ", "), command});
    Json item = Json::object();
    item["name"] = container.name;
    item["image"] = container.image;
    if (!container.manifest.empty()) item["digest"] = container.manifest.ToString();
    item["state"] = runs ? "running" : container.ended != 0 ? "exited" : "killed";
    if (container.ended != 0) item["exit_code"] = container.exit_code;
    if (runs) item["pid"] = container.process.pid;
    item["created"] =
        absl::FormatTime(absl::RFC3339_sec, absl::FromTimeT(container.created), absl::UTCTimeZone());
    item["ports"] = container.ports;
    item["command"] = container.command;
    list.push_back(std::move(item));
  }
  return json ? PrettyJson(list) : quiet ? names : ShownTable(lines);
}

// Prints what is new of the log from `*offset` on.
absl::Status PrintFrom(int log, int64_t* offset) {
  char buffer[65536];
  while (true) {
    const ssize_t n = pread(log, buffer, sizeof(buffer), *offset);
    if (n < 0) return ErrnoStatus(errno, "cannot read the log");
    if (n == 0) return absl::OkStatus();
    *offset += n;
    RETURN_IF_ERROR(
        WriteAll(STDOUT_FILENO, absl::string_view(buffer, static_cast<size_t>(n)), "standard output"));
  }
}

// Where the last lines of a file begin; `lines` < 0: all of them.
absl::StatusOr<int64_t> StartOfLast(int file, int64_t lines) {
  if (lines < 0) return 0;
  int64_t at = lseek(file, 0, SEEK_END);
  char buffer[65536];
  // The end of the last line is no beginning of another.
  int64_t ends = at > 0 && pread(file, buffer, 1, at - 1) == 1 && buffer[0] == '\n' ? lines + 1 : lines;
  if (ends == 0) return at;
  while (at > 0) {
    const int64_t size = std::min<int64_t>(at, sizeof(buffer));
    if (pread(file, buffer, static_cast<size_t>(size), at - size) != size)
      return ErrnoStatus(errno, "cannot read the log");
    for (int64_t i = size; i > 0; --i) {
      if (buffer[i - 1] == '\n' && --ends == 0) return at - size + i;
    }
    at -= size;
  }
  return 0;
}

absl::Status PrintLog(const std::string& path, const Container& container, int64_t lines, bool follow) {
  const absl::StatusOr<UniqueFd> log = OpenFile(path, O_RDONLY);
  if (!log.ok())
    return absl::NotFoundError(
        absl::StrCat("container ", container.name, " has no log: it was not started with -d"));
  const UniqueFd changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (follow) inotify_add_watch(changes.get(), path.c_str(), IN_MODIFY);
  const UniqueFd supervisor = WatchProcess(container.supervisor);
  ASSIGN_OR_RETURN(int64_t offset, StartOfLast(log->get(), lines));
  while (true) {
    RETURN_IF_ERROR(PrintFrom(log->get(), &offset));
    if (!follow || !supervisor.valid()) return absl::OkStatus();
    pollfd fds[2] = {{changes.get(), POLLIN, 0}, {supervisor.get(), POLLIN, 0}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) return ErrnoStatus(errno, "cannot wait for the log");
    if (fds[1].revents != 0) return PrintFrom(log->get(), &offset);
    char events[4096];
    while (read(changes.get(), events, sizeof(events)) > 0) {
    }
  }
}

class Command {
 public:
  Command(const std::string& name, Messages* messages)
      : name_(name), messages_(messages), words_("gen " + name, messages) {}

  int Run(const std::vector<std::string>& args, const std::string& store_path, std::string* out) {
    if (name_ == "ps") {
      words_.Flag("-a|--all", &all_);
      words_.Flag("-q|--quiet", &quiet_);
      words_.Flag("--json", &json_);
    }
    if (name_ == "logs") {
      words_.Flag("-f|--follow", &follow_);
      words_.Option("-n|--tail", [this](const std::string& value) {
        const bool good = value == "all" || (absl::SimpleAtoi(value, &lines_) && lines_ >= 0);
        return good ? "" : absl::StrCat("\"", value, "\" is no number of lines");
      });
    }
    if (name_ == "rm") words_.Flag("-f|--force", &force_);
    if (name_ == "stop") {
      words_.Option("-t|--time", [this](const std::string& value) {
        const bool good = absl::SimpleAtoi(value, &patience_) && patience_ >= 0 && patience_ <= 86400;
        return good ? "" : absl::StrCat("\"", value, "\" is no number of seconds");
      });
    }
    if (!words_.Parse(args)) return words_.wrong_value() ? kFailed : kWrongUsage;
    if (words_.help()) {
      out->append(kHelp);
      return 0;
    }
    const bool lists = name_ == "ps";
    if (lists != words_.words().empty() || (name_ == "logs" && words_.words().size() > 1)) {
      messages_->Error(absl::StrCat("gen ", name_,
                                    lists             ? " takes no words"
                                    : name_ == "logs" ? " needs one container"
                                                      : " needs a container"),
                       absl::StrCat("`gen ", name_, " --help` lists all it takes"));
      return kWrongUsage;
    }
    const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(store_path);
    if (!store.ok()) return Failed(store.status());
    if (lists) {
      out->append(Listing(**store, all_, quiet_, json_));
      return 0;
    }
    int exit_code = 0;
    for (const std::string& name : words_.words()) exit_code = std::max(exit_code, Do(store->get(), name));
    return exit_code;
  }

 private:
  int Failed(const absl::Status& status, absl::string_view help = "") {
    messages_->Error(status.message(), help);
    return kFailed;
  }

  int Do(Store* store, const std::string& name) {
    if (name_ == "rm" && IsContainerName(name) && IsLeftOver(*store, name)) {
      const absl::Status removed = RemoveContainer(*store, name);
      return removed.ok() ? 0 : Failed(removed);
    }
    const absl::StatusOr<Container> container = LoadContainer(*store, name);
    if (!container.ok()) return Failed(container.status(), "`gen ps -a` lists what there is");
    absl::Status status;
    if (name_ == "logs") {
      status = PrintLog(ContainerLog(*store, name), *container, lines_, follow_);
    } else if (name_ == "stop") {
      status = StopContainer(*container, patience_);
    } else {
      if (container->runs() && !force_) {
        messages_->Error(absl::StrCat("container ", name, " runs"),
                         absl::StrCat("`gen stop ", name, "` ends it, `gen rm -f ", name, "` kills it"));
        return kFailed;
      }
      if (container->runs()) status = StopContainer(*container, 0);
      if (status.ok()) status = RemoveContainer(*store, name);
    }
    return status.ok() ? 0 : Failed(status);
  }

  const std::string name_;
  Messages* const messages_;
  CommandWords words_;
  bool all_ = false, quiet_ = false, json_ = false, follow_ = false, force_ = false;
  int64_t lines_ = -1;  // of a log; all
  int patience_ = kStopPatience;
};

}  // namespace

int ContainerCommand(const std::string& command, const std::vector<std::string>& args,
                     const std::string& store, std::string* out, Messages* messages) {
  return Command(command, messages).Run(args, store, out);
}

}  // namespace kasane
