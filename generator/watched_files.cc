#include "generator/watched_files.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/list_directory.h"
#include "src/base/real_path.h"
#include "src/base/status.h"
#include "src/contract/step.h"
#include "src/store/store.h"

namespace kasane {
namespace {

// A file that is being written is of interest when its writer has closed it.
constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                             IN_ATTRIB | IN_MOVE_SELF | IN_ONLYDIR;

bool IsDirectory(const std::string& path) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

std::vector<std::string> DepfileInputs(absl::string_view text) {
  std::vector<std::string> paths;
  std::string path;
  for (size_t i = std::min(text.find(':'), text.size() - 1) + 1; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : '\n';
    const char next = i + 1 < text.size() ? text[i + 1] : '\n';
    if ((c == '\\' && (next == ' ' || next == '#')) || (c == '$' && next == '$')) {
      path += next;
      ++i;
    } else if (c != ' ' && c != '\n' && c != '\\') {
      path += c;
    } else if (!path.empty()) {
      paths.push_back(std::move(path));
      path.clear();
    }
  }
  return paths;
}

absl::Status WatchedFiles::Open() {
  inotify_.reset(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  return inotify_.valid() ? absl::OkStatus() : ErrnoStatus(errno, "cannot watch files");
}

absl::StatusOr<bool> WatchedFiles::Follow(const std::vector<std::string>& states,
                                          const std::vector<std::string>& files) {
  std::vector<Context> contexts;
  std::set<std::string> known;
  std::set<std::string> directories;
  const std::string store = RealPath(Store::DefaultPath());
  const auto add = [&](const std::string& path) {
    const std::string absolute = AbsolutePath(path);
    if (IsAtOrBelow(absolute, store)) return;  // what a collection of garbage changes, the next build sees
    if (IsDirectory(absolute)) {
      directories.insert(absolute);
    } else {
      known.insert(absolute);
      directories.insert(std::string(Dirname(absolute)));
    }
  };
  for (const std::string& file : files) add(file);
  for (const std::string& state : states) {
    const absl::StatusOr<std::string> depfile = ReadFile(state + "/stamp.d");
    if (!depfile.ok()) continue;  // its base is not built yet
    for (const std::string& path : DepfileInputs(*depfile)) add(path);
    ASSIGN_OR_RETURN(const ContextBindings bindings, ReadContextBindings(state));
    for (const auto& [name, binding] : bindings) {
      Context context;
      context.root = RealPath(JoinPath(Dirname(AbsolutePath(state)), binding.root));
      ASSIGN_OR_RETURN(context.matcher, IgnoreMatcher::Compile(binding.ignore));
      context.exclude = binding.exclude;
      contexts.push_back(std::move(context));
    }
  }
  contexts_ = std::move(contexts);
  files_ = std::move(known);
  bool grown = false;
  for (const std::string& directory : directories) {
    ASSIGN_OR_RETURN(const bool fresh, Watch(directory));
    grown = grown || fresh;
  }
  return grown;
}

absl::StatusOr<bool> WatchedFiles::Watch(const std::string& directory) {
  if (watched_.count(directory) > 0) return false;
  const int watch = inotify_add_watch(inotify_.get(), directory.c_str(), kEvents);
  if (watch < 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) return false;
    if (errno == ENOSPC)
      return absl::ResourceExhaustedError(
          "there are more directories than may be watched: raise fs.inotify.max_user_watches");
    return ErrnoStatus(errno, absl::StrCat("cannot watch ", directory));
  }
  directories_[watch] = directory;
  watched_.insert(directory);
  return true;
}

absl::StatusOr<bool> WatchedFiles::WatchBelow(const std::string& directory) {
  ASSIGN_OR_RETURN(const bool fresh, Watch(directory));
  for (const std::string& name : NamesIn(directory)) {
    const std::string path = JoinPath(directory, name);
    if (IsDirectory(path) && Counts(path, true)) RETURN_IF_ERROR(WatchBelow(path).status());
  }
  return fresh;
}

bool WatchedFiles::Counts(const std::string& path, bool is_directory) const {
  // An ignore file counts as soon as it is there.
  if (files_.count(path) > 0 || absl::EndsWith(path, ".dockerignore")) return true;
  for (const Context& context : contexts_) {
    if (!IsAtOrBelow(path, context.root) || path == context.root) continue;
    const absl::string_view own = absl::string_view(path).substr(context.root.size() + 1);
    const bool excluded = std::any_of(context.exclude.begin(), context.exclude.end(),
                                      [&](const std::string& name) { return IsAtOrBelow(own, name); });
    if (excluded) continue;
    if (!context.matcher.MatchPath(own) || (is_directory && !context.matcher.CanPrune(own))) return true;
  }
  return false;
}

absl::Status WatchedFiles::Take(std::set<std::string>* changed) {
  alignas(inotify_event) char buffer[16384];
  const std::string here = AbsolutePath(".");
  ssize_t size;
  while ((size = read(inotify_.get(), buffer, sizeof(buffer))) > 0) {
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if ((event->mask & IN_Q_OVERFLOW) != 0) changed->insert("much");
      const auto found = directories_.find(event->wd);
      if (found == directories_.end()) continue;
      if ((event->mask & IN_MOVE_SELF) != 0) inotify_rm_watch(inotify_.get(), event->wd);
      if ((event->mask & (IN_MOVE_SELF | IN_IGNORED)) != 0) {
        watched_.erase(found->second);
        directories_.erase(found);
        continue;
      }
      if (event->len == 0) continue;
      const std::string path = JoinPath(found->second, event->name);
      const bool is_directory = (event->mask & IN_ISDIR) != 0;
      if (!Counts(path, is_directory)) continue;
      if (is_directory && (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0)
        RETURN_IF_ERROR(WatchBelow(path).status());
      changed->insert(IsAtOrBelow(path, here) ? path.substr(here.size() + 1) : path);
    }
  }
  return absl::OkStatus();
}

}  // namespace kasane
