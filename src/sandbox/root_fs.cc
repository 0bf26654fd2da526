#include "src/sandbox/root_fs.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/sandbox/insecure.h"
#include "src/sandbox/mount_table.h"
#include "src/sandbox/mounts.h"
#include "src/sandbox/process.h"

namespace kasane {
namespace {

constexpr unsigned long kSafe = MS_NOSUID | MS_NODEV | MS_NOEXEC;

// Shown empty: what tells of, or reaches into, the host. Files become /dev/null, directories an empty tmpfs.
constexpr const char* kMasked[] = {
    "/proc/acpi",        "/proc/asound",        "/proc/interrupts", "/proc/kcore",
    "/proc/keys",        "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
    "/proc/sched_debug", "/proc/scsi",          "/sys/firmware",    "/sys/devices/virtual/powercap",
};
constexpr const char* kReadOnly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                     "/proc/sysrq-trigger"};

struct Device {
  const char* name;
  unsigned major, minor;
};
constexpr Device kDevices[] = {{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
                               {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

struct Link {
  const char* path;
  const char* target;
};
constexpr Link kLinks[] = {{"/dev/fd", "/proc/self/fd"},
                           {"/dev/stdin", "/proc/self/fd/0"},
                           {"/dev/stdout", "/proc/self/fd/1"},
                           {"/dev/stderr", "/proc/self/fd/2"},
                           {"/dev/ptmx", "pts/ptmx"}};

absl::Status MakeDirectory(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("cannot create ", path));
}

// A bind mount's flags are set by a second call. `source` may be relative to the working directory, which is
// the old root's.
absl::Status Bind(const std::string& source, const std::string& target, unsigned long flags) {
  RETURN_IF_ERROR(Mount(source, target, "", MS_BIND | MS_REC));
  if (flags == 0) return absl::OkStatus();
  return Mount("", target, "", MS_BIND | MS_REMOUNT | flags);
}

absl::Status MakeDev(const LaunchPlan& plan, bool guarded) {
  RETURN_IF_ERROR(Mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_STRICTATIME | (guarded ? 0 : MS_NODEV),
                        "mode=755,size=65536k"));
  RETURN_IF_ERROR(MakeDirectory("/dev/pts", 0755));
  // In a user namespace group 5 need not exist.
  RETURN_IF_ERROR(Mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
                        absl::StrCat("newinstance,ptmxmode=0666,mode=0620", plan.root_mode ? ",gid=5" : "")));
  RETURN_IF_ERROR(MakeDirectory("/dev/shm", 0755));
  RETURN_IF_ERROR(Mount("shm", "/dev/shm", "tmpfs", kSafe, absl::StrCat("mode=1777,size=", plan.shm_size)));
  RETURN_IF_ERROR(MakeDirectory("/dev/mqueue", 0755));
  RETURN_IF_ERROR(Mount("mqueue", "/dev/mqueue", "mqueue", kSafe));
  for (const Device& device : kDevices) {
    std::string path = absl::StrCat("/dev/", device.name);
    if (guarded) {
      if (mknod(path.c_str(), S_IFCHR | 0666, makedev(device.major, device.minor)) != 0) {
        return ErrnoStatus(errno, absl::StrCat("cannot create ", path));
      }
      continue;
    }
    UniqueFd file(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
    RETURN_IF_ERROR(Bind(absl::StrCat("dev/", device.name), path, 0));
  }
  for (const Link& link : kLinks) {
    if (symlink(link.target, link.path) != 0)
      return ErrnoStatus(errno, absl::StrCat("cannot create ", link.path));
  }
  return absl::OkStatus();
}

// RUN --device.
absl::Status MakeDeviceNodes(const std::vector<DeviceNode>& devices, bool guarded) {
  for (const DeviceNode& device : devices) {
    for (size_t slash = device.path.find('/', 1); slash != std::string::npos;
         slash = device.path.find('/', slash + 1)) {
      RETURN_IF_ERROR(MakeDirectory(device.path.substr(0, slash), 0755));
    }
    unlink(device.path.c_str());  // one of ours, or of another description
    if (!guarded && !S_ISFIFO(device.mode)) {
      UniqueFd file(open(device.path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
      RETURN_IF_ERROR(Bind(device.host.substr(1), device.path, 0));
      continue;
    }
    if (mknod(device.path.c_str(), device.mode, makedev(device.major, device.minor)) != 0 ||
        chown(device.path.c_str(), device.uid, device.gid) != 0) {
      return ErrnoStatus(errno, absl::StrCat("cannot create ", device.path));
    }
  }
  return absl::OkStatus();
}

// Where this process is in a cgroup hierarchy, of those in /proc/self/cgroup: "N:controllers:path".
std::string CgroupPath(absl::string_view table, absl::string_view controllers) {
  for (absl::string_view line : absl::StrSplit(table, '\n')) {
    std::vector<absl::string_view> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() == 3 && fields[1] == controllers) return std::string(fields[2]);
  }
  return "/";
}

absl::Status MakeCgroups(const std::vector<CgroupView>& cgroups, bool writable) {
  const unsigned long flags = kSafe | (writable ? 0 : MS_RDONLY);
  if (cgroups.size() == 1 && cgroups[0].name.empty()) {
    Bind(cgroups[0].source, "/sys/fs/cgroup", flags).IgnoreError();
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(Mount("tmpfs", "/sys/fs/cgroup", "tmpfs", kSafe, "mode=755"));
  for (const CgroupView& cgroup : cgroups) {
    std::string target = absl::StrCat("/sys/fs/cgroup/", cgroup.name);
    if (mkdir(target.c_str(), 0755) != 0) continue;
    Bind(cgroup.source, target, flags).IgnoreError();
  }
  return absl::OkStatus();
}

absl::Status MakeReadOnly(const std::string& path) {
  absl::Status status = Mount(path, path, "", MS_BIND | MS_REC);
  if (absl::IsNotFound(status)) return absl::OkStatus();
  RETURN_IF_ERROR(status);
  return Mount("", path, "", MS_BIND | MS_REMOUNT | MS_RDONLY | kSafe);
}

absl::Status Mask(const std::string& path) {
  struct stat st;
  if (stat(path.c_str(), &st) != 0) return absl::OkStatus();
  if (S_ISDIR(st.st_mode)) return Mount("tmpfs", path, "tmpfs", MS_RDONLY);
  return Mount("/dev/null", path, "", MS_BIND);
}

absl::Status HideTheHost() {
  for (const char* path : kReadOnly) RETURN_IF_ERROR(MakeReadOnly(path));
  for (const char* path : kMasked) RETURN_IF_ERROR(Mask(path));
  for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); ++cpu) {
    RETURN_IF_ERROR(Mask(absl::StrCat("/sys/devices/system/cpu/cpu", cpu, "/thermal_throttle")));
  }
  return absl::OkStatus();
}

absl::Status MakeInlineFiles(const LaunchPlan& plan) {
  if (plan.inline_files.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(MakeDirectory("/dev/pipes", 0755));
  RETURN_IF_ERROR(Mount("tmpfs", "/dev/pipes", "tmpfs", 0, "mode=755"));
  for (const auto& [name, content] : plan.inline_files) {
    ASSIGN_OR_RETURN(UniqueFd fd,
                     OpenFile(absl::StrCat("/dev/pipes/", name), O_CREAT | O_EXCL | O_WRONLY, 0755));
    RETURN_IF_ERROR(WriteAll(fd.get(), content, name));
  }
  return Mount("", "/dev/pipes", "", MS_REMOUNT | MS_RDONLY);
}

}  // namespace

std::vector<CgroupView> FindCgroups() {
  std::vector<CgroupView> cgroups;
  absl::StatusOr<std::string> table = ReadFile("/proc/self/cgroup");
  if (!table.ok()) return cgroups;
  for (const MountLine& mount : ReadMountTable()) {
    if (!absl::StartsWith(mount.target, "/sys/fs/cgroup")) continue;
    bool unified = mount.type == "cgroup2";
    if (!unified && mount.type != "cgroup") continue;
    absl::string_view name = absl::StripPrefix(absl::StripPrefix(mount.target, "/sys/fs/cgroup"), "/");
    if (unified && !name.empty()) continue;  // a hybrid host's second hierarchy: runc does not show it
    std::string controllers;
    if (!unified) {
      for (absl::string_view option : absl::StrSplit(mount.options, ',')) {
        if (option != "rw" && option != "ro" && option != "xattr" && option != "clone_children") {
          absl::StrAppend(&controllers, controllers.empty() ? "" : ",", option);
        }
      }
    }
    std::string path = CgroupPath(*table, controllers);
    absl::string_view rest = path;
    if (mount.root != "/") absl::ConsumePrefix(&rest, mount.root);
    cgroups.push_back({absl::StrCat(mount.target.substr(1), rest), std::string(name)});
  }
  return cgroups;
}

absl::Status EnterRootFs(const LaunchPlan& plan, const std::vector<CgroupView>& cgroups, bool guarded) {
  UniqueFd old_root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!old_root.valid()) return ErrnoStatus(errno, "cannot open /");
  std::string root = absl::StrCat(plan.scratch, "/root");
  if (chdir(root.c_str()) != 0) return ErrnoStatus(errno, absl::StrCat("cannot enter ", root));
  // The old root comes to lie on top of the new one; paths from "/" reach the new, paths from old_root the
  // old.
  if (syscall(SYS_pivot_root, ".", ".") != 0) return ErrnoStatus(errno, "cannot change the root");
  if (fchdir(old_root.get()) != 0) return ErrnoStatus(errno, "cannot enter the old root");
  std::string scratch = plan.scratch.substr(1);
  mode_t old_mask = umask(0);

  if (!guarded) RETURN_IF_ERROR(Mount("", "/", "", MS_BIND | MS_REMOUNT | MS_NODEV));
  RETURN_IF_ERROR(Mount("proc", "/proc", "proc", kSafe));
  RETURN_IF_ERROR(MakeDev(plan, guarded));
  RETURN_IF_ERROR(MakeDeviceNodes(plan.devices, guarded));
  absl::Status sysfs = Mount("sysfs", "/sys", "sysfs", kSafe | (plan.insecure ? 0 : MS_RDONLY));
  // A user namespace may mount it for a network namespace of its own only.
  if (!sysfs.ok() && !plan.root_mode) sysfs = Bind("sys", "/sys", kSafe | MS_RDONLY);
  RETURN_IF_ERROR(sysfs);
  RETURN_IF_ERROR(Bind(absl::StrCat(scratch, "/resolv.conf"), plan.resolv_target, kSafe | MS_RDONLY));
  RETURN_IF_ERROR(Bind(absl::StrCat(scratch, "/hosts"), plan.hosts_target, kSafe | MS_RDONLY));
  if (plan.root_mode) RETURN_IF_ERROR(MakeCgroups(cgroups, plan.insecure));
  RETURN_IF_ERROR(MakeInlineFiles(plan));
  RETURN_IF_ERROR(MakeMounts(plan.mounts, scratch, guarded));
  RETURN_IF_ERROR(plan.insecure ? MakeInsecureDevices() : HideTheHost());

  if (umount2(".", MNT_DETACH) != 0) return ErrnoStatus(errno, "cannot leave the old root");
  if (chdir("/") != 0) return ErrnoStatus(errno, "cannot enter the root");
  umask(old_mask);
  return absl::OkStatus();
}

}  // namespace kasane
