#include "src/sandbox/insecure.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/loop.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

struct Device {
  const char* path;
  unsigned major, minor;
};
// Source: BuildKit's security profile.
constexpr Device kDevices[] = {{"/dev/kmsg", 1, 11},      {"/dev/cuse", 10, 203},
                               {"/dev/fuse", 10, 229},    {"/dev/kvm", 10, 232},
                               {"/dev/net/tun", 10, 200}, {"/dev/loop-control", 10, 237}};
constexpr unsigned kLoopMajor = 7;
constexpr int kSpareLoops = 7;

absl::Status MakeNode(const std::string& path, mode_t type, dev_t device) {
  if (mknod(path.c_str(), type | 0666, device) == 0 || errno == EEXIST) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("cannot create ", path));
}

}  // namespace

absl::Status MakeInsecureDevices() {
  if (mkdir("/dev/net", 0755) != 0 && errno != EEXIST) return ErrnoStatus(errno, "cannot create /dev/net");
  for (const Device& device : kDevices) {
    RETURN_IF_ERROR(MakeNode(device.path, S_IFCHR, makedev(device.major, device.minor)));
  }
  int free_loop = 0;
  const UniqueFd control(open("dev/loop-control", O_RDWR | O_CLOEXEC));
  if (control.valid()) free_loop = std::max(ioctl(control.get(), LOOP_CTL_GET_FREE), 0);
  for (int i = 0; i <= free_loop + kSpareLoops; ++i) {
    RETURN_IF_ERROR(
        MakeNode(absl::StrCat("/dev/loop", i), S_IFBLK, makedev(kLoopMajor, static_cast<unsigned>(i))));
  }
  return absl::OkStatus();
}

absl::Status KeepAllRights(const LaunchPlan& plan) {
  cap_t own = cap_get_proc();
  std::vector<cap_value_t> all;
  for (cap_value_t cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; ++cap) {
    cap_flag_value_t value = CAP_CLEAR;
    if (cap_get_flag(own, cap, CAP_PERMITTED, &value) == 0 && value == CAP_SET) all.push_back(cap);
  }
  cap_free(own);
  const bool changed =
      prctl(PR_SET_KEEPCAPS, 1) == 0 && setgroups(plan.groups.size(), plan.groups.data()) == 0 &&
      setresgid(plan.gid, plan.gid, plan.gid) == 0 && setresuid(plan.uid, plan.uid, plan.uid) == 0;
  if (!changed) return ErrnoStatus(errno, absl::StrCat("cannot become user ", plan.uid));
  cap_t caps = cap_init();
  for (const cap_flag_t flag : {CAP_PERMITTED, CAP_EFFECTIVE, CAP_INHERITABLE}) {
    cap_set_flag(caps, flag, static_cast<int>(all.size()), all.data(), CAP_SET);
  }
  const int error = cap_set_proc(caps) == 0 ? 0 : errno;
  cap_free(caps);
  if (error != 0) return ErrnoStatus(error, "cannot keep the capabilities");
  for (const cap_value_t cap : all) {
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0) {
      return ErrnoStatus(errno, "cannot keep the capabilities");
    }
  }
  return absl::OkStatus();
}

}  // namespace kasane
