#include "generator/watch_command.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "generator/command_words.h"
#include "generator/generate.h"
#include "generator/held_signals.h"
#include "generator/layout.h"
#include "generator/ninja_run.h"
#include "generator/watched_container.h"
#include "generator/watched_files.h"
#include "generator/workspace.h"
#include "generator/workspace_bases.h"
#include "src/base/child.h"
#include "src/base/file.h"
#include "src/base/shorten.h"
#include "src/base/status.h"
#include "src/config/workspace_file.h"
#include "src/contract/record.h"

namespace kasane {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr int kQuiet = 15;      // milliseconds without a change after which a save counts as done
constexpr int kPatience = 300;  // milliseconds after which what keeps changing is built all the same
constexpr size_t kShownPaths = 3;
constexpr size_t kShownText = 40;
constexpr size_t kShownDigits = 12;

constexpr char kHelp[] =
    "gen watch: builds after each save.\n"
    "\n"
    "  gen watch [-C DIR] [TARGET]... [--run [OPTION]... [IMAGE] [-- COMMAND...]]\n"
    "\n"
    "  -C, --build-dir DIR   the build (default: the one here, which gen makes if there is none)\n"
    "      --run             runs the image, and starts it again when a build has made another one; all that "
    "follows is\n"
    "                        for gen run (gen run --help): -p 8080:8080, -e NAME=VALUE, ..\n"
    "\n"
    "TARGET is one of ninja's (default: image; in a workspace all-images). Watched are the Dockerfile, the "
    "ignore file and\n"
    "what that leaves of the context, new directories too. Each round is gen with the options of the last "
    "one, "
    "then ninja,\n"
    "and prints one line: what has changed, which steps ran and how many were hits, the image, and how long "
    "it "
    "took. A build\n"
    "that fails leaves the container as it is.\n";

struct WatchOptions {
  std::string directory;
  std::vector<std::string> targets, run_words;
  bool run = false;
};

// What the steps of one round have told.
class Round {
 public:
  void Take(const StepNews& news) {
    if (news.kind == StepNews::Kind::kStart) started_[news.step] = {news.text, absl::Now()};
    if (news.kind != StepNews::Kind::kEnd || !news.ok) return;
    if (absl::StartsWith(news.text, "hit ")) {
      ++hits_;
      return;
    }
    ++ran_;
    const auto& [text, time] = started_[news.step];
    if (absl::StartsWith(text, "RUN ")) {
      runs_.push_back(
          absl::StrFormat("%s %.1f s", Shorten(text, kShownText), absl::ToDoubleSeconds(absl::Now() - time)));
    }
  }
  std::string Text() const {
    if (ran_ == 0 && hits_ == 0) return "nothing to do";
    const std::string runs = runs_.empty() ? "" : absl::StrCat(" (", absl::StrJoin(runs_, ", "), ")");
    return absl::StrCat(ran_, " ran", runs, ", ", hits_, hits_ == 1 ? " hit" : " hits");
  }

 private:
  std::map<std::string, std::pair<std::string, absl::Time>> started_;  // by step: its text
  std::vector<std::string> runs_;
  int ran_ = 0, hits_ = 0;
};

std::string ShownChange(const std::set<std::string>& changed) {
  if (changed.empty()) return "first build";
  // Programs save under another name first: such a name is gone by now.
  std::vector<std::string> names;
  for (const std::string& path : changed) {
    if (PathExists(path)) names.push_back(path);
  }
  if (names.empty()) names.assign(changed.begin(), changed.end());
  const size_t more = names.size() > kShownPaths ? names.size() - kShownPaths : 0;
  names.resize(names.size() - more);
  return absl::StrCat(absl::StrJoin(names, ", "), more > 0 ? absl::StrCat(" and ", more, " more") : "");
}

void Say(absl::string_view line) {
  std::printf("%s %s\n", absl::FormatTime("%H:%M:%S", absl::Now(), absl::LocalTimeZone()).c_str(),
              std::string(line).c_str());
  std::fflush(stdout);
}

class Watcher {
 public:
  Watcher(const WatchOptions& options, const std::string& gen, const std::string& store, Messages* messages)
      : options_(options), gen_(gen), messages_(messages), container_(gen, store, options.run_words) {}

  int Run() {
    if (!options_.directory.empty() && chdir(options_.directory.c_str()) != 0)
      return Failed(ErrnoStatus(errno, absl::StrCat("cannot enter ", options_.directory)));
    workspace_ = !PathExists(kStateName) || !PathExists(JoinPath(kStateName, "context.json"));
    if (workspace_ && !IsWorkspace() && !ReadWorkspaceOrigin().ok()) {
      if (!Generate({gen_})) return kFailed;  // has said why
      workspace_ = false;
    }
    if (absl::Status status = files_.Open(); !status.ok()) return Failed(status);
    if (workspace_ && !Generate(MakeWorkspace())) return kFailed;
    absl::StatusOr<bool> grown = Follow();
    if (!grown.ok()) return Failed(grown.status());
    std::set<std::string> changed;
    while (true) {
      const absl::Status status = Build(changed);
      if (!status.ok()) return Failed(status);
      changed.clear();
      grown = Follow();
      if (!grown.ok()) return Failed(grown.status());
      if (signal_ != 0) break;
      // What is watched only now may have changed after it was read.
      if (*grown) {
        changed.insert("what is read now");
        continue;
      }
      const absl::Status waited = Wait(&changed);
      if (!waited.ok()) return Failed(waited);
      if (signal_ != 0) break;
    }
    container_.Stop();
    return 128 + signal_;
  }

 private:
  int Failed(const absl::Status& status) {
    messages_->Error(status.message());
    return kFailed;
  }

  static bool Generate(const std::vector<std::string>& words) {
    ChildCommand command;
    command.words = words;
    std::string error;
    const pid_t pid = StartChild(command, {}, &error);
    return pid > 0 && WaitForChild(pid) == 0;
  }

  std::vector<std::string> States() const {
    return workspace_ ? StatesOfWorkspace() : std::vector<std::string>{kStateName};
  }

  // The command that makes the workspace again: of a kasane.toml, or of what gen bake has read.
  std::vector<std::string> MakeWorkspace() const {
    std::vector<std::string> command = {gen_};
    const absl::StatusOr<WorkspaceOrigin> origin = ReadWorkspaceOrigin();
    if (IsWorkspace() || !origin.ok()) return command;
    const std::vector<std::string> words = origin->Words();
    command.insert(command.end(), words.begin(), words.end());
    return command;
  }

  absl::StatusOr<bool> Follow() {
    const absl::StatusOr<WorkspaceOrigin> origin = ReadWorkspaceOrigin();
    return files_.Follow(States(), workspace_ && origin.ok() ? origin->inputs : std::vector<std::string>());
  }

  // Of the images that are there.
  std::string Digests() const {
    std::string digests;
    for (const std::string& state : States()) {
      const absl::StatusOr<Record> record = ReadRecord(state + "/records/image.json");
      if (record.ok()) absl::StrAppend(&digests, record->manifest.ToHex(), "\n");
    }
    return digests;
  }

  absl::Status Build(const std::set<std::string>& changed) {
    const absl::Time began = absl::Now();
    const std::string head = ShownChange(changed);
    const auto took = [&] { return absl::StrFormat("%.2f s", absl::ToDoubleSeconds(absl::Now() - began)); };
    const std::vector<std::string> again = {gen_, "regenerate", "--note", kStateName};
    if (!Generate(workspace_ ? MakeWorkspace() : again)) {
      Say(absl::StrCat(head, ": gen failed"));
      return absl::OkStatus();
    }
    Round round;
    NinjaRequest request;
    request.words = options_.targets;
    if (request.words.empty()) request.words = {workspace_ ? "all-images" : "image"};
    request.on_news = [&](const StepNews& news) { round.Take(news); };
    ASSIGN_OR_RETURN(const NinjaEnd end, RunNinja(request));
    if (end.signal != 0) signal_ = end.signal;
    if (end.exit_code != 0) {
      std::fputs(WhatWentWrong(end.output).c_str(), stderr);
      // No save will make it one.
      if (changed.empty() && absl::StrContains(end.output, "ninja: error: unknown target"))
        return absl::InvalidArgumentError("gen watch needs a target of the build");
      Say(absl::StrCat(head, ": the build failed after ", took()));
      return absl::OkStatus();
    }
    const std::string digests = Digests();
    std::string line = absl::StrCat(head, ": ", round.Text());
    if (!digests.empty() && !workspace_)
      absl::StrAppend(&line, digests == digests_ ? ", still image " : ", image ",
                      digests.substr(0, kShownDigits));
    if (options_.run && signal_ == 0 && (digests != digests_ || container_.fd() < 0)) {
      absl::StrAppend(&line, container_.fd() < 0 ? ", started" : ", restarted");
      container_.Stop();
      RETURN_IF_ERROR(container_.Start());
    }
    digests_ = digests;
    Say(absl::StrCat(line, ", ", took()));
    return absl::OkStatus();
  }

  // Until something has changed and no more does, or we are to end.
  absl::Status Wait(std::set<std::string>* changed) {
    absl::Time first;
    while (true) {
      pollfd fds[3] = {{files_.fd(), POLLIN, 0}, {signals_.fd(), POLLIN, 0}, {container_.fd(), POLLIN, 0}};
      const int n = poll(fds, 3, changed->empty() ? -1 : kQuiet);
      if (n < 0 && errno != EINTR) return ErrnoStatus(errno, "cannot wait for changes");
      if (n > 0 && fds[1].revents != 0) signal_ = signals_.Take();
      if (signal_ != 0) return absl::OkStatus();
      if (n > 0 && fds[2].revents != 0)
        Say(absl::StrCat("the container has ended with exit code ", container_.Wait(),
                         "; the next save starts it"));
      if (n > 0 && fds[0].revents != 0) {
        const bool was_empty = changed->empty();
        RETURN_IF_ERROR(files_.Take(changed));
        // Layouts of bases, which the build itself has written.
        for (auto at = changed->begin(); at != changed->end();)
          at = absl::StartsWith(*at, absl::StrCat(kStateName, "/")) ? changed->erase(at) : std::next(at);
        if (changed->empty()) continue;
        if (was_empty) first = absl::Now();
      }
      const bool impatient = absl::Now() - first > absl::Milliseconds(kPatience);
      if (!changed->empty() && (n == 0 || impatient)) return absl::OkStatus();
    }
  }

  const WatchOptions& options_;
  const std::string gen_;
  Messages* const messages_;
  WatchedFiles files_;
  WatchedContainer container_;
  HeldSignals signals_;
  bool workspace_ = false;
  int signal_ = 0;
  std::string digests_;
};

}  // namespace

int WatchCommand(const std::vector<std::string>& args, const std::string& gen, const std::string& store,
                 std::string* out, Messages* messages) {
  WatchOptions options;
  std::vector<std::string> own;
  for (const std::string& word : args) {
    if (!options.run && word == "--run") {
      options.run = true;
      continue;
    }
    (options.run ? options.run_words : own).push_back(word);
  }
  CommandWords words("gen watch", messages);
  words.Option("-C|--build-dir", &options.directory);
  if (!words.Parse(own)) return kWrongUsage;
  if (words.help()) {
    out->append(kHelp);
    return 0;
  }
  for (const std::string& word : options.run_words) {
    if (word == "--") break;
    if (word != "-d" && word != "--detach") continue;
    messages->Error("gen watch --run stays in the foreground with its container", "leave -d out");
    return kWrongUsage;
  }
  options.targets = words.words();
  return Watcher(options, gen, store, messages).Run();
}

}  // namespace kasane
