#include "generator/devices.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "generator/layout.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/list_directory.h"
#include "src/base/status.h"
#include "src/config/cdi.h"

namespace kasane {
namespace {

constexpr absl::string_view kMountOptions[] = {"bind",    "rbind",    "ro",    "rw",     "nosuid",
                                               "suid",    "nodev",    "dev",   "noexec", "exec",
                                               "private", "rprivate", "slave", "rslave", "defaults"};

// What --allow says of devices.
struct Allowed {
  bool all = false;
  std::vector<std::string> names;
  std::map<std::string, std::string> aliases;  // what the Dockerfile says, what is meant
};

Allowed ReadAllow(const std::vector<std::string>& allow) {
  Allowed out;
  for (absl::string_view value : allow) {
    if (value == "device") out.all = true;
    if (!absl::ConsumePrefix(&value, "device=")) continue;
    const std::pair<std::string, std::string> parts = absl::StrSplit(value, absl::MaxSplits(",alias=", 1));
    if (parts.second.empty()) {
      out.names.push_back(parts.first);
    } else {
      out.aliases[parts.second] = parts.first;
    }
  }
  return out;
}

std::string TypeOf(mode_t mode) {
  return S_ISBLK(mode) ? "b" : S_ISCHR(mode) ? "c" : S_ISFIFO(mode) ? "p" : "";
}

// The rest of what must be known of a node is what the machine's own has.
absl::StatusOr<DeviceNodeSpec> MakeNode(const CdiNode& node) {
  DeviceNodeSpec out;
  out.path = CleanPath(node.path);
  out.host = node.host_path.empty() ? node.path : node.host_path;
  out.type = node.type == "u" ? "c" : node.type;
  out.major = node.major, out.minor = node.minor;
  out.mode = node.mode, out.uid = node.uid, out.gid = node.gid;
  out.access = node.permissions.empty() ? "rwm" : node.permissions == "none" ? "" : node.permissions;
  if (!absl::StartsWith(out.path, "/dev/")) {
    return absl::UnimplementedError(absl::StrCat("device nodes outside /dev are not supported: ", out.path));
  }
  const bool complete = !out.type.empty() && (out.major != 0 || out.type == "p");
  struct stat st;
  if (lstat(out.host.c_str(), &st) != 0) {
    if (complete) return out;
    return ErrnoStatus(errno, out.host);
  }
  const std::string type = TypeOf(st.st_mode);
  if (!complete && (type.empty() || (!out.type.empty() && out.type != type))) {
    return absl::InvalidArgumentError(absl::StrCat(
        out.host, type.empty() ? " is no device" : " is a device of another type than the description says"));
  }
  if (out.mode < 0) out.mode = st.st_mode & 07777;
  if (complete) return out;
  out.type = type;
  if (type == "p") return out;
  if (out.major == 0) out.major = major(st.st_rdev), out.minor = minor(st.st_rdev);
  return out;
}

// Appends what lstat says of everything at and below `path`.
absl::Status AppendFacts(const std::string& path, std::string* facts) {
  struct stat st;
  if (lstat(path.c_str(), &st) != 0) return ErrnoStatus(errno, path);
  PutBytes(facts, path);
  for (const int64_t fact : {int64_t{st.st_mode}, int64_t{st.st_uid}, int64_t{st.st_gid}})
    PutSigned(facts, fact);
  if (S_ISDIR(st.st_mode)) {
    for (const std::string& name : NamesIn(path)) RETURN_IF_ERROR(AppendFacts(JoinPath(path, name), facts));
    return absl::OkStatus();
  }
  PutSigned(facts, st.st_size);
  PutSigned(facts, st.st_mtim.tv_sec);
  PutSigned(facts, st.st_mtim.tv_nsec);
  return absl::OkStatus();
}

absl::StatusOr<DeviceMountSpec> MakeMount(const CdiMount& mount) {
  DeviceMountSpec out;
  out.source = RealPath(mount.host_path);
  out.target = CleanPath(absl::StrCat("/", mount.container_path));
  bool bind = mount.type == "bind";
  for (const std::string& option : mount.options) {
    bind = bind || option == "bind" || option == "rbind";
    if (std::find(std::begin(kMountOptions), std::end(kMountOptions), option) == std::end(kMountOptions)) {
      return absl::UnimplementedError(absl::StrCat("the mount option ", option, " is not supported"));
    }
  }
  if (!bind) {
    return absl::UnimplementedError(
        absl::StrCat("only bind mounts are supported, and that on ", out.target, " is none"));
  }
  out.options = mount.options;
  std::string facts;
  RETURN_IF_ERROR(AppendFacts(out.source, &facts));
  out.files = Sha256Of(facts);
  return out;
}

absl::Status AddEdits(const CdiEdits& edits, RunSpec* run) {
  if (!edits.others.empty()) {
    return absl::UnimplementedError(absl::StrCat("its description has ", absl::StrJoin(edits.others, ", "),
                                                 ", which Kasane does not support"));
  }
  run->device_env.insert(run->device_env.end(), edits.env.begin(), edits.env.end());
  for (const CdiNode& node : edits.nodes) {
    ASSIGN_OR_RETURN(DeviceNodeSpec made, MakeNode(node));
    run->device_nodes.push_back(std::move(made));
  }
  for (const CdiMount& mount : edits.mounts) {
    ASSIGN_OR_RETURN(DeviceMountSpec made, MakeMount(mount));
    run->device_mounts.push_back(std::move(made));
  }
  for (const int64_t group : edits.groups) {
    if (group != 0) run->device_groups.push_back(static_cast<int>(group));
  }
  return absl::OkStatus();
}

class Resolver {
 public:
  Resolver(const std::vector<std::string>& directories, const std::vector<std::string>& allow,
           Diagnostic* error)
      : devices_(CdiDevices::Load(directories)), allowed_(ReadAllow(allow)), error_(error) {
    for (const std::string& directory : directories) {
      if (PathExists(directory)) read_.push_back(directory);
    }
    if (read_.empty())
      nothing_ = absl::StrCat("no device is described in ", absl::StrJoin(directories, ", "));
    read_.insert(read_.end(), devices_.files.begin(), devices_.files.end());
    for (const std::string& name : allowed_.names) {
      for (const CdiDevice* device : devices_.Find(name)) granted_.insert(device->name);
    }
  }

  const std::vector<std::string>& read() const { return read_; }

  bool Resolve(RunSpec* run) {
    std::vector<const CdiDevice*> wanted;
    for (const DeviceSpec& device : run->devices) {
      const auto alias = allowed_.aliases.find(device.name);
      const bool has_alias = alias != allowed_.aliases.end();
      const std::vector<const CdiDevice*> found = devices_.Find(has_alias ? alias->second : device.name);
      if (found.empty() && !MayLack(device)) return false;
      for (const CdiDevice* one : found) {
        if (!has_alias && !IsAllowed(*one)) return false;
        if (std::find(wanted.begin(), wanted.end(), one) == wanted.end()) wanted.push_back(one);
      }
    }
    std::set<std::string> files;
    for (const CdiDevice* device : wanted) {
      absl::Status status;
      if (files.insert(device->file).second) status = AddEdits(device->file_edits, run);
      if (status.ok()) status = AddEdits(device->edits, run);
      if (status.ok()) continue;
      return Error(absl::StrCat("device ", device->name, ": ", status.message()),
                   absl::StrCat("it is described in ", device->file));
    }
    return true;
  }

 private:
  bool Error(const std::string& message, const std::string& help) {
    error_->message = message;
    error_->help = help;
    return false;
  }

  bool MayLack(const DeviceSpec& device) {
    if (!device.required) return true;
    // A file that cannot be read hides what it describes.
    std::string help = nothing_;
    if (help.empty() && !devices_.problems.empty()) help = std::string(devices_.problems[0].message());
    if (help.empty())
      help = absl::StrCat("there are ",
                          absl::StrJoin(devices_.devices, ", ", [](std::string* out, const auto& known) {
                            absl::StrAppend(out, known.first);
                          }));
    return Error(absl::StrCat("required device \"", device.name, "\" is not registered"), help);
  }

  bool IsAllowed(const CdiDevice& device) {
    if (allowed_.all || granted_.count(device.name) > 0 || IsAllowedToAll(device)) return true;
    return Error(absl::StrCat("device ", device.name, " is not allowed"),
                 absl::StrCat("if you trust this file, use gen --allow device=", device.name));
  }

  const CdiDevices devices_;
  const Allowed allowed_;
  Diagnostic* const error_;
  std::string nothing_;
  std::vector<std::string> read_;
  std::set<std::string> granted_;
};

}  // namespace

const std::vector<std::string>& CdiDirectories() {
  static const auto* directories =
      new std::vector<std::string>{"/etc/cdi", "/var/run/cdi", "/etc/buildkit/cdi"};
  return *directories;
}

bool ResolveDevices(const std::vector<std::string>& directories, const std::vector<std::string>& allow,
                    Plan* plan, std::vector<std::string>* depends, Diagnostic* error) {
  absl::optional<Resolver> resolver;
  for (PlanStage& stage : plan->stages) {
    for (PlanStep& step : stage.steps) {
      auto* run = std::get_if<RunSpec>(&step.spec);
      if (run == nullptr || run->devices.empty()) continue;
      if (!resolver.has_value()) {
        resolver.emplace(directories, allow, error);
        depends->insert(depends->end(), resolver->read().begin(), resolver->read().end());
      }
      error->range = step.range;
      if (!resolver->Resolve(run)) return false;
    }
  }
  return true;
}

}  // namespace kasane
