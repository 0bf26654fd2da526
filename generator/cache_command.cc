#include "generator/cache_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/oci/cache_archive.h"
#include "src/sandbox/user_namespace.h"
#include "src/store/caches.h"
#include "src/store/store.h"
#include "src/store/warm_states.h"

namespace kasane {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

constexpr char kHelp[] =
    "gen cache: the directories of RUN --mount=type=cache. They lie in the store, belong to no image and no\n"
    "result, and are never removed by anything but this command.\n"
    "\n"
    "  gen cache ls [--json]          lists them: id, size, files, last use, what they were made from\n"
    "  gen cache rm ID... | --all     empties them; the next RUN that mounts one makes it anew\n"
    "  gen cache export ID FILE.tar   writes one into a tar, with all owners, modes, links and times\n"
    "  gen cache import FILE.tar      puts it into this store, in the place of the one of the same id\n"
    "\n"
    "What a tool keeps from RUN to RUN (gen --no-warm) is listed and emptied too, as warm/TOOL, with its "
    "project.\n"
    "ID is the id= of the mount, or its target. A cache that a RUN is using can be listed only.\n"
    "RUNs that later RUNs of a build rely on (they mount the same cache) run again when it was emptied.\n";

class Command {
 public:
  Command(Store* store, std::string* out, Messages* messages)
      : store_(store), out_(out), messages_(messages) {}

  int List(bool json) {
    absl::StatusOr<std::vector<CacheInfo>> caches = ListCaches(*store_);
    if (!caches.ok()) return Fail(caches.status());
    if (json) return ListJson(*caches);
    for (const WarmState& state : ListWarmStates(*store_)) {
      CacheInfo info;
      info.name = {WarmId(state), state.project};
      info.bytes = state.bytes();
      info.last_used = state.last_used;
      caches->push_back(std::move(info));
    }
    if (caches->empty()) {
      absl::StrAppend(out_, "no caches\n");
      return 0;
    }
    size_t width = 2;
    for (const CacheInfo& cache : *caches) width = std::max(width, cache.name.id.size());
    absl::StrAppendFormat(out_, "%-*s  %10s  %8s  %-19s  %s\n", static_cast<int>(width), "ID", "KB", "FILES",
                          "LAST USED", "MADE FROM");
    for (const CacheInfo& cache : *caches) {
      std::string line =
          absl::StrFormat("%-*s  %10d  %8d  %-19s  %s", static_cast<int>(width), cache.name.id,
                          cache.bytes / 1024, cache.files,
                          absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(cache.last_used),
                                           absl::LocalTimeZone()),
                          cache.name.base);
      line.erase(line.find_last_not_of(' ') + 1);
      absl::StrAppend(out_, line, "\n");
    }
    return 0;
  }

  int Remove(const std::vector<std::string>& ids, bool all) {
    // What RUNs of other users than root left belongs to ids that are this user's there alone.
    std::string notice;
    BecomeRootOfUserNamespace(&notice).IgnoreError();
    absl::StatusOr<std::vector<CacheInfo>> caches = ListCaches(*store_);
    if (!caches.ok()) return Fail(caches.status());
    std::set<std::string> unknown(ids.begin(), ids.end());
    int exit_code = 0;
    for (const CacheInfo& cache : *caches) {
      const bool named = std::find(ids.begin(), ids.end(), cache.name.id) != ids.end();
      unknown.erase(cache.name.id);
      if (!all && !named) continue;
      const absl::Status status = RemoveCache(store_, cache.name, cache.number);
      if (absl::IsUnavailable(status)) {
        exit_code = InUse(cache.name.id);
      } else if (!status.ok() && !absl::IsNotFound(status)) {
        exit_code = Fail(status);
      } else {
        absl::StrAppendFormat(out_, "removed %s, %d KB\n", cache.name.id, cache.bytes / 1024);
      }
    }
    for (const WarmState& state : ListWarmStates(*store_)) {
      const std::string id = WarmId(state);
      const bool named = std::find(ids.begin(), ids.end(), id) != ids.end();
      unknown.erase(id);
      if (!all && !named) continue;
      const int64_t bytes = state.bytes();
      const absl::Status status = RemoveWarmState(store_, state.key);
      if (absl::IsUnavailable(status)) {
        exit_code = InUse(id);
      } else if (!status.ok()) {
        exit_code = Fail(status);
      } else {
        absl::StrAppendFormat(out_, "removed %s of %s, %d KB\n", id, state.project, bytes / 1024);
      }
    }
    for (const std::string& id : unknown) exit_code = Unknown(id, *caches);
    return exit_code;
  }

  int Export(const std::string& id, const std::string& path) {
    absl::StatusOr<std::vector<CacheInfo>> caches = ListCaches(*store_);
    if (!caches.ok()) return Fail(caches.status());
    const CacheInfo* best = nullptr;  // the one that was used last
    for (const CacheInfo& cache : *caches) {
      if (cache.name.id == id && (best == nullptr || cache.last_used > best->last_used)) best = &cache;
    }
    if (best == nullptr) return Unknown(id, *caches);
    absl::Status status = ExportTo(*best, path);
    if (absl::IsUnavailable(status)) return InUse(id);
    if (!status.ok()) return Fail(status);
    absl::StrAppendFormat(out_, "exported %s, %d files\n", id, best->files);
    return 0;
  }

  int Import(const std::string& path) {
    const absl::StatusOr<CacheInfo> info = ImportFrom(path);
    if (absl::IsUnavailable(info.status())) {
      messages_->Error("the cache that it would replace is in use", "a RUN mounts it right now");
      return kFailed;
    }
    if (!info.ok()) return Fail(Annotate(info.status(), path));
    absl::StrAppend(out_, "imported ", info->name.id, "\n");
    return 0;
  }

 private:
  static std::string WarmId(const WarmState& state) { return absl::StrCat("warm/", state.tool); }

  int InUse(const std::string& id) {
    messages_->Error(absl::StrCat("the cache ", id, " is in use"), "a RUN mounts it right now");
    return kFailed;
  }

  int Fail(const absl::Status& status) {
    messages_->Error(status.message());
    return kFailed;
  }

  int Unknown(const std::string& id, const std::vector<CacheInfo>& caches) {
    std::vector<std::string> ids;
    for (const CacheInfo& cache : caches) ids.push_back(cache.name.id);
    const std::string guess = ClosestMatch(id, ids);
    messages_->Error(absl::StrCat("there is no cache ", id),
                     guess.empty() ? "`gen cache ls` lists them" : absl::StrCat("did you mean ", guess, "?"));
    return kFailed;
  }

  int ListJson(const std::vector<CacheInfo>& caches) {
    Json json = Json::array();
    for (const CacheInfo& cache : caches) {
      json.push_back({{"id", cache.name.id},
                      {"made_from", cache.name.base},
                      {"generation", cache.generation},
                      {"bytes", cache.bytes},
                      {"files", cache.files},
                      {"last_used", cache.last_used},
                      {"directory", cache.directory}});
    }
    absl::StrAppend(out_, PrettyJson(json));
    return 0;
  }

  absl::Status ExportTo(const CacheInfo& info, const std::string& path) {
    // Nobody may write to it meanwhile.
    ASSIGN_OR_RETURN(const CacheLease lease, HoldCache(store_, info.name, info.number));
    CacheInfo held = info;
    held.directory = lease.directory();
    held.generation = lease.generation();
    const std::string temporary = absl::StrCat(path, ".", getpid());
    const auto write = [&]() -> absl::Status {
      ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(temporary, O_CREAT | O_TRUNC | O_WRONLY));
      RETURN_IF_ERROR(WriteCacheArchive(held, fd.get()));
      if (rename(temporary.c_str(), path.c_str()) == 0) return absl::OkStatus();
      return ErrnoStatus(errno, absl::StrCat("cannot write ", path));
    };
    absl::Status status = write();
    if (!status.ok()) unlink(temporary.c_str());
    return status;
  }

  absl::StatusOr<CacheInfo> ImportFrom(const std::string& path) {
    ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_RDONLY));
    ASSIGN_OR_RETURN(CacheInfo info, ReadCacheArchiveHead(fd.get()));
    const auto fill = [&](const std::string& directory) -> absl::Status {
      if (lseek(fd.get(), 0, SEEK_SET) != 0) return ErrnoStatus(errno, "cannot read it a second time");
      return ReadCacheArchive(fd.get(),
                              [&](const CacheInfo&) -> absl::StatusOr<std::string> { return directory; });
    };
    RETURN_IF_ERROR(ReplaceCache(store_, info.name, 0, info.generation, fill));
    return info;
  }

  Store* const store_;
  std::string* const out_;
  Messages* const messages_;
};

int Usage(Messages* messages, absl::string_view message) {
  messages->Error(message, "`gen cache --help` says how it is used");
  return kWrongUsage;
}

}  // namespace

int CacheCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
                 Messages* messages) {
  std::vector<std::string> words;
  std::set<std::string> flags;
  for (const std::string& arg : args) {
    if (absl::StartsWith(arg, "-") && arg.size() > 1) {
      flags.insert(arg);
    } else {
      words.push_back(arg);
    }
  }
  if (flags.count("--help") + flags.count("-h") > 0) {
    out->append(kHelp);
    return 0;
  }
  const std::string what = words.empty() ? "" : words[0];
  const bool json = flags.erase("--json") > 0 && what == "ls";
  const bool all = flags.erase("--all") > 0 && what == "rm";
  if (!flags.empty()) return Usage(messages, absl::StrCat("gen cache does not know ", *flags.begin()));
  const size_t count = words.size();
  const bool fits = (what == "ls" && count == 1) || (what == "rm" && (all ? count == 1 : count > 1)) ||
                    (what == "export" && count == 3) || (what == "import" && count == 2);
  if (!fits) return Usage(messages, "gen cache takes ls, rm ID, export ID FILE or import FILE");
  absl::StatusOr<std::unique_ptr<Store>> opened = Store::Open(store);
  if (!opened.ok()) {
    messages->Error(opened.status().message());
    return kFailed;
  }
  Command command(opened->get(), out, messages);
  if (what == "ls") return command.List(json);
  if (what == "rm") return command.Remove({words.begin() + 1, words.end()}, all);
  if (what == "export") return command.Export(words[1], words[2]);
  return command.Import(words[1]);
}

}  // namespace kasane
