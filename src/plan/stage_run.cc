// RUN of a stage: what its flags ask for.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/plan/check.h"
#include "src/plan/stage_evaluator.h"

namespace kasane {
namespace {

constexpr char kAgentSocket[] = "SSH_AUTH_SOCK";
constexpr char kAgentDirectory[] = "/run/buildkit/ssh_agent.";
constexpr char kSecretDirectory[] = "/run/secrets/";

// Go's path.Base.
std::string LastPart(absl::string_view path) {
  const std::string clean = CleanPath(path);
  return clean == "/" ? clean : std::string(Basename(clean));
}

}  // namespace

bool StageEvaluator::RunFlags(const StageInstruction& stage_instruction, RunSpec* spec, PlanStep* step) {
  const Instruction& in = *stage_instruction.instruction;
  if (!Mounts(stage_instruction, spec, step) || !Devices(in, spec)) return false;
  AddAgentVariable(spec);
  const std::string& given = context_.options->network;
  const Flag* network = FindFlag(in, "network");
  spec->network = network == nullptr || network->value == "default" ? given : network->value;
  if (spec->network == "host" && given != "host" && !Allowed(network, "network.host")) return false;
  const Flag* security = FindFlag(in, "security");
  if (security == nullptr || security->value != "insecure") return true;
  spec->security = security->value;
  return Allowed(security, "security.insecure");
}

bool StageEvaluator::Mounts(const StageInstruction& in, RunSpec* spec, PlanStep* step) {
  const FlagExpander expand = [this](absl::string_view text, const SourceRange& range, std::string* out) {
    return ExpandText(text, range, out);
  };
  size_t next = 0;
  for (const Flag& flag : in.instruction->flags) {
    if (flag.name != "mount") continue;
    const MountSource& source = in.mounts[next++];
    MountFlag mount;
    if (!ReadMountFlag(flag, expand, context_.report, &mount)) return false;
    MountSpec out;
    out.type = mount.type;
    out.mode = mount.mode.value_or(-1);
    out.uid = mount.uid.value_or(-1);
    out.gid = mount.gid.value_or(-1);
    if (!PlaceMount(mount, *spec, &out)) return false;
    const bool new_cache = mount.type == "cache" && (mount.from.empty() || mount.from == "scratch");
    const bool from_stage = source.stage >= 0 && !new_cache;
    if (mount.type == "bind" || mount.type == "cache") {
      const std::string path = CleanPath(absl::StrCat("/", mount.source));
      out.source = path.substr(1);
      out.read_only = mount.read_only;
      if (from_stage) {
        out.from = "stage";
        step->mount_stages.emplace_back(static_cast<int>(spec->mounts.size()), source.stage);
      } else if (mount.type == "bind") {
        out.from = source.context.empty() ? "context" : absl::StrCat("context:", source.context);
      }
    }
    step->source_ranges.push_back(mount.source_range);
    spec->mounts.push_back(std::move(out));
  }
  return true;
}

// Target, id and what only one type has.
bool StageEvaluator::PlaceMount(const MountFlag& mount, const RunSpec& run, MountSpec* out) {
  Report* report = context_.report;
  std::string target = mount.target;
  out->id = mount.id;
  if (mount.type == "secret") {
    if (!mount.source.empty()) out->id = mount.source;
    if (out->id.empty()) out->id = LastPart(target);
    out->required = mount.required;
    out->env = mount.env.value_or("");
    if (target.empty() && mount.env.has_value()) return true;  // a variable alone
    if (target.empty()) target = absl::StrCat(kSecretDirectory, LastPart(out->id));
  } else if (mount.type == "ssh") {
    if (!mount.source.empty()) return report->Error(mount.source_range, "an ssh mount has no source");
    if (out->id.empty()) out->id = "default";
    out->required = mount.required;
    int before = 0;
    for (const MountSpec& other : run.mounts) before += other.type == "ssh" ? 1 : 0;
    if (target.empty()) target = absl::StrCat(kAgentDirectory, before);
  } else if (mount.type == "cache") {
    if (out->id.empty()) out->id = CleanPath(target);
    const auto name_space = context_.build_args->find("BUILDKIT_CACHE_MOUNT_NS");
    if (name_space != context_.build_args->end() && !name_space->second.empty()) {
      out->id = absl::StrCat(name_space->second, "/", out->id);
    }
    out->sharing = mount.sharing.empty() ? "shared" : mount.sharing;
  } else if (mount.type == "tmpfs") {
    out->id.clear();
    out->size = mount.size;
    out->read_only = mount.read_only;
    if (CleanPath(absl::StrCat("/", mount.source)) != "/") {
      return report->Error(mount.source_range, "a tmpfs mount has no source: it is empty");
    }
  } else {
    out->id.clear();
  }
  out->target = CleanPath(JoinPath(run.workdir, target));
  if (out->target != "/") return true;
  return report->Error(mount.target_range, "nothing can be mounted on /",
                       mount.target.empty() ? "write target=PATH" : "");
}

// BuildKit shows the process the first agent, unless something else is set.
void StageEvaluator::AddAgentVariable(RunSpec* spec) const {
  for (const MountSpec& mount : spec->mounts) {
    if (mount.type != "ssh") continue;
    if (!state_.env.Get(kAgentSocket).has_value()) {
      spec->env.push_back(absl::StrCat(kAgentSocket, "=", mount.target));
    }
    return;
  }
}

bool StageEvaluator::Devices(const Instruction& in, RunSpec* spec) {
  for (const Flag& flag : in.flags) {
    if (flag.name != "device") continue;
    DeviceSpec device;
    if (!ReadDeviceFlag(flag, context_.report, &device)) return false;
    spec->devices.push_back(std::move(device));
  }
  return true;
}

// What reaches out of the sandbox must be allowed by whoever builds, not by the Dockerfile alone.
bool StageEvaluator::Allowed(const Flag* flag, absl::string_view entitlement) {
  const auto& allowed = context_.options->allow;
  if (std::find(allowed.begin(), allowed.end(), entitlement) != allowed.end()) return true;
  return context_.report->Error(flag->range, absl::StrCat(entitlement, " is not allowed"),
                                absl::StrCat("if you trust this file, use gen --allow ", entitlement));
}

}  // namespace kasane
