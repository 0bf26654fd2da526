#include "src/sandbox/user_namespace.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/sandbox/process.h"

namespace kasane {
namespace {

struct Map {
  const char* program;
  const char* own_file;  // what maps one id without a program
  uint32_t id;           // that becomes 0
  absl::optional<IdRange> others;
};

// Runs newuidmap or newgidmap for `process`; never returns.
[[noreturn]] void Execute(const Map& map, pid_t process) {
  const std::string pid = absl::StrCat(process), id = absl::StrCat(map.id);
  const std::string first = absl::StrCat(map.others->first), count = absl::StrCat(map.others->count);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(null, 1), dup2(null, 2);
  execlp(map.program, map.program, pid.c_str(), "0", id.c_str(), "1", "1", first.c_str(), count.c_str(),
         nullptr);
  _exit(127);
}

bool Succeeds(pid_t process) {
  if (process <= 0) return false;
  const int status = WaitForEnd(process);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A process that stays outside and does, once a byte comes, what has to be done there.
pid_t StartMapper(const Map& users, const Map& groups, int go) {
  const pid_t self = getpid();
  const pid_t mapper = fork();
  if (mapper != 0) return mapper;
  DieWithParent(self);
  char byte;
  while (read(go, &byte, 1) < 0 && errno == EINTR) {
  }
  for (const Map* map : {&users, &groups}) {
    const pid_t child = fork();
    if (child == 0) Execute(*map, self);
    if (!Succeeds(child)) _exit(1);
  }
  _exit(0);
}

absl::Status WriteProc(const char* file, const std::string& text) {
  ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(file, O_WRONLY));
  if (write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("cannot write ", file));
}

}  // namespace

bool InInitialUserNamespace() {
  const std::string map = ReadFile("/proc/self/uid_map").value_or("");
  const std::vector<absl::string_view> words = absl::StrSplit(map, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  return words.size() == 3 && words[2] == "4294967295";
}

absl::optional<IdRange> FindSubordinateIds(absl::string_view file, absl::string_view name, uint32_t id) {
  for (absl::string_view line : absl::StrSplit(file, '\n')) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
    IdRange range;
    if (fields.size() == 3 && (fields[0] == name || fields[0] == absl::StrCat(id)) &&
        absl::SimpleAtoi(fields[1], &range.first) && absl::SimpleAtoi(fields[2], &range.count) &&
        range.count > 0) {
      return range;
    }
  }
  return absl::nullopt;
}

absl::Status BecomeRootOfUserNamespace(std::string* notice) {
  notice->clear();
  if (geteuid() == 0) return absl::OkStatus();
  int death_signal = 0;
  prctl(PR_GET_PDEATHSIG, &death_signal);
  const passwd* entry = getpwuid(geteuid());
  const std::string name = entry == nullptr ? absl::StrCat(geteuid()) : entry->pw_name;
  const auto ids = [&name](const char* file) {
    return FindSubordinateIds(ReadFile(file).value_or(""), name, geteuid());
  };
  const Map users = {"newuidmap", "/proc/self/uid_map", geteuid(), ids("/etc/subuid")};
  const Map groups = {"newgidmap", "/proc/self/gid_map", getegid(), ids("/etc/subgid")};
  const bool has_others = users.others.has_value() && groups.others.has_value();
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  UniqueFd go(pipe_ends[0]), start(pipe_ends[1]);
  const pid_t mapper = has_others ? StartMapper(users, groups, go.get()) : -1;
  if (unshare(CLONE_NEWUSER) != 0) {
    absl::Status status = ErrnoStatus(errno, "a RUN needs root, or a user namespace, which cannot be made");
    if (mapper > 0) kill(mapper, SIGKILL), Succeeds(mapper);
    return status;
  }
  const char byte = 0;
  const bool told = write(start.get(), &byte, 1) == 1;
  if (!told || !Succeeds(mapper)) {
    RETURN_IF_ERROR(WriteProc("/proc/self/setgroups", "deny"));
    for (const Map* map : {&users, &groups})
      RETURN_IF_ERROR(WriteProc(map->own_file, absl::StrCat("0 ", map->id, " 1")));
    *notice = absl::StrCat(
        "RUN knows root alone, no other user: ",
        has_others ? std::string("newuidmap or newgidmap fails")
                   : absl::StrCat("there are no ids for ", name, " in /etc/subuid and /etc/subgid"));
  } else if (setgroups(0, nullptr) != 0) {
    return ErrnoStatus(errno, "cannot leave the user's groups");
  }
  if (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0) return ErrnoStatus(errno, "cannot become root");
  // New rights have taken both away.
  prctl(PR_SET_DUMPABLE, 1);
  prctl(PR_SET_PDEATHSIG, death_signal);
  return absl::OkStatus();
}

}  // namespace kasane
