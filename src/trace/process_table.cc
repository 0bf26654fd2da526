#include "src/trace/process_table.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr size_t kShownName = 64;
constexpr size_t kProcSize = 64 << 10;
constexpr size_t kShortArguments = 4 << 10;
constexpr size_t kMostSeen = 64;

// Like ReadFile, but of a file whose size stat does not tell, and of its beginning only.
std::string ReadProc(uint32_t tid, const char* name) {
  UniqueFd fd(open(absl::StrCat("/proc/", tid, "/", name).c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  char buffer[4096];
  ssize_t size = 0;
  while (fd.valid() && text.size() < kProcSize && (size = read(fd.get(), buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(size));
  }
  return text;
}

std::vector<std::string> SplitNul(absl::string_view text) {
  if (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  return absl::StrSplit(text, '\0');
}

std::string Executable(uint32_t tid) {
  char target[4096];
  ssize_t size = readlink(absl::StrCat("/proc/", tid, "/exe").c_str(), target, sizeof(target));
  if (size <= 0 || size == static_cast<ssize_t>(sizeof(target))) return "";
  return std::string(target, static_cast<size_t>(size));
}

}  // namespace

// A thread that has asked, with its open files in /proc: to see that it still runs the same program takes two
// system calls, and no path.
struct ProcessTable::Seen {
  UniqueFd directory, cmdline;
  std::string executable, arguments;
  TableProcess process;

  bool RunsTheSame() const {
    char text[kShortArguments + 1];
    ssize_t size = readlinkat(directory.get(), "exe", text, sizeof(text));
    if (absl::string_view(text, size < 0 ? 0 : static_cast<size_t>(size)) != executable) return false;
    size = pread(cmdline.get(), text, sizeof(text), 0);
    return absl::string_view(text, size < 0 ? 0 : static_cast<size_t>(size)) == arguments;
  }
};

ProcessTable::ProcessTable(Options options)
    : options_(std::move(options)), own_executable_(Executable(static_cast<uint32_t>(getpid()))) {}

TableProcess ProcessTable::Find(uint32_t tid) {
  if (tid == 0) return {};
  std::shared_ptr<const Seen> seen;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = seen_.find(tid);
    if (found != seen_.end()) seen = found->second;
  }
  if (seen != nullptr && seen->RunsTheSame()) return seen->process;
  return FindAnew(tid);
}

TableProcess ProcessTable::FindAnew(uint32_t tid) {
  std::string executable = Executable(tid);
  if (executable == own_executable_) return {};
  // What a profile says may hang on the arguments, and an exec of the same program changes nothing else.
  std::string arguments = ReadProc(tid, "cmdline");
  {
    absl::MutexLock lock(&mutex_);
    auto found = known_.find(tid);
    if (found != known_.end() && found->second.executable == executable &&
        found->second.arguments == arguments && found->second.chosen) {
      Keep(tid, found->second);
      return found->second.process;
    }
  }
  // Outside the lock: it may read the executable.
  std::shared_ptr<const Profile> profile = ChooseProfile(tid, executable, arguments);
  const uint32_t parent = ParentOf(tid);
  absl::MutexLock lock(&mutex_);
  Known& known = Enter(tid, executable, arguments, parent);
  if (!known.chosen) {
    if (profile != nullptr) processes_[known.process.number - 1].profile = profile->name();
    known.process.profile = std::move(profile);
    known.chosen = true;
  }
  Keep(tid, known);
  return known.process;
}

ProcessTable::Known& ProcessTable::Enter(uint32_t tid, const std::string& executable,
                                         const std::string& arguments, uint32_t parent) {
  Known& known = known_[tid];
  if (known.process.number != 0 && known.executable == executable && known.arguments == arguments)
    return known;
  TracedProcess process;
  process.executable = executable;
  process.name = std::string(Basename(arguments.substr(0, arguments.find('\0'))).substr(0, kShownName));
  // After an exec the program before it was this process's too.
  process.parent =
      known.process.number != 0 && known.executable != executable ? known.process.number : parent;
  processes_.push_back(std::move(process));
  known = {executable, arguments, {static_cast<uint32_t>(processes_.size()), nullptr}};
  return known;
}

void ProcessTable::Keep(uint32_t tid, const Known& known) {
  if (known.arguments.size() > kShortArguments || known.executable.size() > kShortArguments) return;
  if (seen_.size() >= kMostSeen) seen_.clear();
  auto seen = std::make_shared<Seen>();
  seen->directory.reset(open(absl::StrCat("/proc/", tid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  seen->cmdline.reset(openat(seen->directory.get(), "cmdline", O_RDONLY | O_CLOEXEC));
  seen->executable = known.executable;
  seen->arguments = known.arguments;
  seen->process = known.process;
  if (seen->cmdline.valid()) seen_[tid] = std::move(seen);
}

uint32_t ProcessTable::Number(uint32_t tid) {
  if (tid == 0) return 0;
  const std::string executable = Executable(tid);
  if (executable == own_executable_) return 0;
  {
    absl::MutexLock lock(&mutex_);
    auto found = known_.find(tid);
    if (found != known_.end() && found->second.executable == executable) return found->second.process.number;
  }
  if (options_.all_are_known) return Find(tid).number;
  const std::string arguments = ReadProc(tid, "cmdline");
  const uint32_t parent = ParentOf(tid);
  absl::MutexLock lock(&mutex_);
  return Enter(tid, executable, arguments, parent).process.number;
}

uint32_t ProcessTable::ParentOf(uint32_t tid) {
  const std::string status = ReadProc(tid, "status");
  uint32_t group = 0, parent = 0;
  for (absl::string_view line : absl::StrSplit(status, '\n')) {
    if (absl::StartsWith(line, "Tgid:\t")) (void)absl::SimpleAtoi(line.substr(6), &group);
    if (absl::StartsWith(line, "PPid:\t")) (void)absl::SimpleAtoi(line.substr(6), &parent);
  }
  absl::MutexLock lock(&mutex_);
  for (uint32_t id : {group == tid ? 0 : group, parent}) {
    auto found = known_.find(id);
    if (id != 0 && found != known_.end()) return found->second.process.number;
  }
  return 0;
}

std::shared_ptr<const Profile> ProcessTable::ChooseProfile(uint32_t tid, const std::string& executable,
                                                           const std::string& arguments) {
  if (options_.profiles == nullptr || !upper_.is_set() || executable.size() < 2 || executable[0] != '/') {
    return nullptr;
  }
  for (const std::string& mount : options_.mounts) {
    if (IsAtOrBelow(executable, mount)) return nullptr;
  }
  // What /proc shows is the path of the file itself, without links. If upper has it, the RUN made or changed
  // it.
  if (upper_.Has(executable.substr(1))) return nullptr;
  Asker asker;
  asker.executable = executable;
  asker.file = options_.tree.Lookup(executable.substr(1));
  if (asker.file == nullptr || !asker.file->entry.is_file()) return nullptr;  // " (deleted)" is in no tree
  if (arguments.size() >= kProcSize) return nullptr;                          // not all of them were read
  asker.argv = SplitNul(arguments);
  const std::string environment = ReadProc(tid, "environ");
  if (environment.size() < kProcSize) asker.environment = SplitNul(environment);
  asker.read_file = [this](const std::string& path) { return ReadAsProcess(path); };
  return options_.profiles->Find(asker, options_.read, options_.memory);
}

absl::StatusOr<std::string> ProcessTable::ReadAsProcess(const std::string& path) {
  const absl::Status unknown =
      absl::UnavailableError(absl::StrCat(path, ": it cannot be told what a RUN finds there"));
  if (path.size() < 2 || path[0] != '/') return unknown;
  for (const std::string& mount : options_.mounts) {
    if (IsAtOrBelow(path, mount)) return unknown;
  }
  const Node* node = &options_.tree.root();
  for (size_t begin = 1; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const absl::string_view name = absl::string_view(path).substr(begin, end - begin);
    if (name.empty() || name == "." || name == "..") return unknown;
    // A directory on the way only says that something in it was changed, unless it hides what is below.
    const UpperView::What made = upper_.At(path.substr(1, end - 1));
    if (made == UpperView::What::kOther || (made == UpperView::What::kDirectory && end == path.size()))
      return unknown;
    // Not in the tree: the RUN may have made all the rest.
    if (node != nullptr) node = node->Child(name);
    if (node != nullptr && node->entry.is_symlink()) return unknown;
    begin = end + 1;
  }
  if (node == nullptr) return absl::NotFoundError(absl::StrCat(path, " is not there"));
  if (!node->entry.is_file()) return unknown;
  return options_.read(*node, 0, node->entry.size);
}

std::vector<TracedProcess> ProcessTable::processes() const {
  absl::MutexLock lock(&mutex_);
  return processes_;
}

}  // namespace kasane
