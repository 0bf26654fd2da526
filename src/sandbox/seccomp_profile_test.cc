#include "src/sandbox/seccomp_profile.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

namespace kasane {
namespace {

// errno of a call made under the filter, in a process of its own; 0: it succeeded.
int Under(const std::function<long()>& call) {
  std::string filter = BuildSeccompFilter().value();
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (LoadSeccompFilter(filter) != 0) _exit(255);
    _exit(call() >= 0 ? 0 : errno);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(SeccompProfile, Allows) {
  EXPECT_EQ(Under([] { return syscall(SYS_getpid); }), 0);
  EXPECT_EQ(Under([] { return socket(AF_UNIX, SOCK_STREAM, 0); }), 0);
  EXPECT_EQ(Under([] { return syscall(SYS_personality, 0xffffffff); }), 0);
  EXPECT_EQ(Under([] { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }), 0);
}

TEST(SeccompProfile, Forbids) {
  EXPECT_EQ(Under([] { return unshare(CLONE_NEWUSER); }), EPERM);
  EXPECT_EQ(Under([] { return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }), EPERM);
  EXPECT_EQ(Under([] { return syscall(SYS_mount, 0, 0, 0, 0, 0); }), EPERM);
  EXPECT_EQ(Under([] { return syscall(SYS_keyctl, 0, 0, 0, 0, 0); }), EPERM);
  EXPECT_EQ(Under([] { return syscall(425 /* io_uring_setup */, 1, 0); }), EPERM);
  EXPECT_EQ(Under([] { return socket(AF_ALG, SOCK_SEQPACKET, 0); }), EPERM);
  EXPECT_EQ(Under([] { return socket(AF_VSOCK, SOCK_STREAM, 0); }), EPERM);
  EXPECT_EQ(Under([] { return personality(ADDR_NO_RANDOMIZE); }), EPERM);
}

TEST(SeccompProfile, SaysUnknownSoThatLibcFallsBack) {
  EXPECT_EQ(Under([] { return syscall(SYS_clone3, 0, 0); }), ENOSYS);
  EXPECT_EQ(Under([] { return syscall(1000); }), ENOSYS);
}

TEST(SeccompProfile, StatxMustAskTheFileSystem) {
  // Not libc's statx, which has a fallback of its own.
  struct statx st;
  auto call = [&](int flags) {
    return [&st, flags] { return syscall(SYS_statx, AT_FDCWD, "/", flags, 0x7ff, &st); };
  };
  EXPECT_EQ(Under(call(0)), 0);
  EXPECT_EQ(Under(call(AT_STATX_FORCE_SYNC)), 0);
  EXPECT_EQ(Under(call(AT_STATX_DONT_SYNC)), ENOSYS);
}

}  // namespace
}  // namespace kasane
