#include "src/steps/run_devices.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace kasane {
namespace {

constexpr uint32_t kDefaultMode = 0666;

struct FlagName {
  const char* option;
  unsigned long flag;
};
constexpr FlagName kFlags[] = {{"nosuid", MS_NOSUID}, {"nodev", MS_NODEV}, {"noexec", MS_NOEXEC}};

uint32_t Or(int64_t value, uint32_t fallback) { return value < 0 ? fallback : static_cast<uint32_t>(value); }

void SetVariable(const std::string& entry, std::vector<std::string>* env) {
  const absl::string_view name = absl::string_view(entry).substr(0, entry.find('=') + 1);
  const auto same = [&](const std::string& other) { return absl::StartsWith(other, name); };
  const auto known = std::find_if(env->begin(), env->end(), same);
  if (known != env->end()) {
    *known = entry;
  } else {
    env->push_back(entry);
  }
}

DeviceNode MakeNode(const DeviceNodeSpec& spec, const SandboxOptions& options) {
  DeviceNode node;
  node.path = spec.path;
  node.host = spec.host;
  node.mode = spec.type == "b" ? S_IFBLK : spec.type == "p" ? S_IFIFO : S_IFCHR;
  node.mode |= Or(spec.mode, kDefaultMode) & 07777;
  node.major = static_cast<uint32_t>(spec.major);
  node.minor = static_cast<uint32_t>(spec.minor);
  node.uid = Or(spec.uid, options.uid);
  node.gid = Or(spec.gid, options.gid);
  node.access = spec.access;
  return node;
}

SandboxMount MakeMount(const DeviceMountSpec& spec) {
  SandboxMount mount;
  mount.kind = SandboxMount::Kind::kHost;
  mount.path = spec.source;
  mount.target = spec.target;
  struct stat st;
  mount.is_file = stat(spec.source.c_str(), &st) == 0 && !S_ISDIR(st.st_mode);
  for (const std::string& option : spec.options) {
    if (option == "ro") mount.read_only = true;
    if (option == "rw") mount.read_only = false;
    for (const FlagName& known : kFlags) {
      if (option == known.option) mount.flags |= known.flag;
    }
  }
  return mount;
}

}  // namespace

void AddRunDevices(const RunSpec& spec, SandboxOptions* options) {
  for (const std::string& variable : spec.device_env) SetVariable(variable, &options->env);
  for (const DeviceNodeSpec& node : spec.device_nodes) options->devices.push_back(MakeNode(node, *options));
  for (const int group : spec.device_groups) options->groups.push_back(static_cast<uint32_t>(group));
  for (const DeviceMountSpec& from : spec.device_mounts) {
    SandboxMount mount = MakeMount(from);
    mount.index = spec.mounts.size();
    options->mounts.push_back(std::move(mount));
  }
}

}  // namespace kasane
