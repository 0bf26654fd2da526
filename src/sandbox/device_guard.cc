#include "src/sandbox/device_guard.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/status.h"
#include "src/sandbox/mount_table.h"
#include "src/sandbox/process.h"

namespace kasane {
namespace {

constexpr char kPrefix[] = "kasane.";
constexpr int kTries = 5;

struct Device {
  int32_t major;
  int32_t minor;  // -1: all
};
constexpr Device kAllowed[] = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 2}, {136, -1}};

bpf_insn Insn(int code, int dst, int src, int offset, int32_t immediate) {
  bpf_insn insn = {};
  insn.code = static_cast<__u8>(code);
  insn.dst_reg = static_cast<__u8>(dst & 15);
  insn.src_reg = static_cast<__u8>(src & 15);
  insn.off = static_cast<__s16>(offset);
  insn.imm = immediate;
  return insn;
}

// Over a struct bpf_cgroup_dev_ctx: access << 16 | type, major, minor. 1: allowed.
std::vector<bpf_insn> DeviceProgram(const std::vector<DeviceNode>& devices) {
  const int kLoad = BPF_LDX | BPF_MEM | BPF_W;
  const bpf_insn kExit = Insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
  std::vector<bpf_insn> p = {
      Insn(kLoad, 2, 1, 0, 0),
      Insn(kLoad, 3, 1, 4, 0),
      Insn(kLoad, 4, 1, 8, 0),
      Insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1),
      // Only mknod?
      Insn(BPF_ALU64 | BPF_MOV | BPF_X, 5, 2, 0, 0),
      Insn(BPF_ALU64 | BPF_RSH | BPF_K, 5, 0, 0, 16),
      Insn(BPF_ALU64 | BPF_AND | BPF_K, 5, 0, 0, BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE),
      Insn(BPF_JMP | BPF_JNE | BPF_K, 5, 0, 1, 0),
      kExit,
      Insn(BPF_ALU64 | BPF_MOV | BPF_X, 6, 2, 0, 0),
      Insn(BPF_ALU64 | BPF_AND | BPF_K, 6, 0, 0, 0xffff),
  };
  for (const DeviceNode& device : devices) {
    if (S_ISFIFO(device.mode)) continue;
    const int32_t type = S_ISBLK(device.mode) ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
    const int32_t refused = ~((absl::StrContains(device.access, 'r') ? BPF_DEVCG_ACC_READ : 0) |
                              (absl::StrContains(device.access, 'w') ? BPF_DEVCG_ACC_WRITE : 0));
    p.push_back(Insn(BPF_JMP | BPF_JNE | BPF_K, 6, 0, 6, type));
    p.push_back(Insn(BPF_JMP | BPF_JNE | BPF_K, 3, 0, 5, static_cast<int32_t>(device.major)));
    p.push_back(Insn(BPF_JMP | BPF_JNE | BPF_K, 4, 0, 4, static_cast<int32_t>(device.minor)));
    p.push_back(Insn(BPF_ALU64 | BPF_MOV | BPF_X, 7, 5, 0, 0));
    p.push_back(Insn(BPF_ALU64 | BPF_AND | BPF_K, 7, 0, 0, refused));
    p.push_back(Insn(BPF_JMP | BPF_JNE | BPF_K, 7, 0, 1, 0));
    p.push_back(kExit);
  }
  const bpf_insn no_blocks[] = {
      // No other block device is allowed.
      Insn(BPF_ALU64 | BPF_AND | BPF_K, 2, 0, 0, 0xffff),
      Insn(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 2, BPF_DEVCG_DEV_CHAR),
      Insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
      kExit,
  };
  p.insert(p.end(), std::begin(no_blocks), std::end(no_blocks));
  for (const Device& device : kAllowed) {
    bool any = device.minor < 0;
    p.push_back(Insn(BPF_JMP | BPF_JNE | BPF_K, 3, 0, any ? 1 : 2, device.major));
    if (!any) p.push_back(Insn(BPF_JMP | BPF_JNE | BPF_K, 4, 0, 1, device.minor));
    p.push_back(kExit);
  }
  p.push_back(Insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0));
  p.push_back(kExit);
  return p;
}

long Bpf(int command, bpf_attr* attributes) {
  return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

absl::Status Attach(int cgroup, const std::vector<DeviceNode>& devices) {
  std::vector<bpf_insn> program = DeviceProgram(devices);
  bpf_attr load = {};
  load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  load.insns = reinterpret_cast<uint64_t>(program.data());
  load.insn_cnt = static_cast<uint32_t>(program.size());
  load.license = reinterpret_cast<uint64_t>("Apache");
  UniqueFd fd;
  // EAGAIN: the kernel's verifier gives up when a signal comes, which says nothing of the program.
  for (int i = 0; i < kTries && !fd.valid(); ++i) {
    fd.reset(static_cast<int>(Bpf(BPF_PROG_LOAD, &load)));
    if (!fd.valid() && errno != EAGAIN) break;
  }
  if (!fd.valid()) return ErrnoStatus(errno, "cannot load the device program");
  bpf_attr attach = {};
  attach.target_fd = static_cast<uint32_t>(cgroup);
  attach.attach_bpf_fd = static_cast<uint32_t>(fd.get());
  attach.attach_type = BPF_CGROUP_DEVICE;
  attach.attach_flags = BPF_F_ALLOW_MULTI;
  if (Bpf(BPF_PROG_ATTACH, &attach) != 0) return ErrnoStatus(errno, "cannot attach the device program");
  return absl::OkStatus();
}

// Where this process is in the unified hierarchy; empty if the machine has none.
std::string OwnGroup() {
  for (absl::string_view line : absl::StrSplit(ReadFile("/proc/self/cgroup").value_or(""), '\n')) {
    if (absl::StartsWith(line, "0::")) return std::string(line.substr(3));
  }
  return "";
}

// Where this machine has the whole of the unified hierarchy mounted; empty: nowhere.
std::string FindHierarchy() {
  for (const MountLine& mount : ReadMountTable()) {
    if (mount.type == "cgroup2" && mount.root == "/") return mount.target;
  }
  return "";
}

bool IsWritableGroup(const std::string& path) {
  struct statfs fs;
  return statfs(path.c_str(), &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC &&
         access(path.c_str(), W_OK) == 0;
}

void RemoveLeftovers(const std::string& group) {
  DIR* dir = opendir(group.c_str());
  if (dir == nullptr) return;
  while (dirent* entry = readdir(dir)) {
    // One that holds processes cannot be removed; one that its maker has not filled yet must not be. Whether
    // he lives his lock tells: his process id may be one of another namespace.
    if (!absl::StartsWith(entry->d_name, kPrefix)) continue;
    const UniqueFd fd(openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.valid() && flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
      unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
  }
  closedir(dir);
}

// A group of our own below `parent`, locked.
absl::StatusOr<UniqueFd> MakeGroup(const std::string& parent, std::string* path) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    *path = absl::StrCat(parent, "/", kPrefix, getpid(), ".", attempt);
    if (mkdir(path->c_str(), 0755) != 0) {
      if (errno == EEXIST) continue;  // of a process in another namespace
      return ErrnoStatus(errno, "cannot make a control group");
    }
    UniqueFd fd(open(path->c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Somebody may take it for a leftover until it is locked.
    if (fd.valid() && flock(fd.get(), LOCK_EX | LOCK_NB) == 0 && access(path->c_str(), F_OK) == 0) return fd;
  }
  return absl::UnavailableError("cannot make a control group");
}

}  // namespace

absl::StatusOr<DeviceGuard> DeviceGuard::Make(const std::string& mount_point,
                                              const std::vector<DeviceNode>& devices) {
  std::string own = OwnGroup();
  if (own.empty()) return absl::NotFoundError("no unified control group hierarchy");
  // A mount of it makes the kernel wait for all processes to be between two forks: some 10 ms.
  std::string parent = absl::StrCat(FindHierarchy(), own);
  if (!IsWritableGroup(parent)) {
    RETURN_IF_ERROR(Mount("cgroup2", mount_point, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC));
    parent = absl::StrCat(mount_point, own);
  }
  RemoveLeftovers(parent);
  DeviceGuard guard;
  ASSIGN_OR_RETURN(guard.fd_, MakeGroup(parent, &guard.path_));
  RETURN_IF_ERROR(Attach(guard.fd_.get(), devices));
  return guard;
}

DeviceGuard::~DeviceGuard() {
  if (path_.empty()) return;
  fd_.reset();
  rmdir(path_.c_str());
}

}  // namespace kasane
