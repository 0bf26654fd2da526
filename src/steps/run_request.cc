#include "src/steps/run_request.h"

#include <sys/resource.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/status.h"
#include "src/steps/common_user.h"
#include "src/steps/run_devices.h"

namespace kasane {
namespace {

struct LimitName {
  const char* name;
  int resource;
};
constexpr LimitName kLimits[] = {
    {"as", RLIMIT_AS},           {"core", RLIMIT_CORE},         {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},       {"fsize", RLIMIT_FSIZE},       {"locks", RLIMIT_LOCKS},
    {"memlock", RLIMIT_MEMLOCK}, {"msgqueue", RLIMIT_MSGQUEUE}, {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE},   {"nproc", RLIMIT_NPROC},       {"rss", RLIMIT_RSS},
    {"rtprio", RLIMIT_RTPRIO},   {"rttime", RLIMIT_RTTIME},     {"sigpending", RLIMIT_SIGPENDING},
    {"stack", RLIMIT_STACK},
};

bool ParseLimit(absl::string_view text, rlim_t* value) {
  int64_t number;
  if (!absl::SimpleAtoi(text, &number) || number < -1) return false;
  *value = number == -1 ? RLIM_INFINITY : static_cast<rlim_t>(number);
  return true;
}

// "name=soft[:hard]"; -1 is unlimited.
absl::StatusOr<ResourceLimit> ParseUlimit(absl::string_view text) {
  std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  std::pair<absl::string_view, absl::string_view> values =
      absl::StrSplit(parts.second, absl::MaxSplits(':', 1));
  if (!absl::StrContains(parts.second, ':')) values.second = values.first;
  for (const LimitName& known : kLimits) {
    if (parts.first != known.name) continue;
    ResourceLimit limit;
    limit.resource = known.resource;
    if (ParseLimit(values.first, &limit.value.rlim_cur) && ParseLimit(values.second, &limit.value.rlim_max))
      return limit;
  }
  return absl::InvalidArgumentError(absl::StrCat("bad ulimit ", text));
}

absl::StatusOr<Network> ParseNetwork(absl::string_view name) {
  if (name == "default" || name.empty()) return Network::kIsolated;
  if (name == "host") return Network::kHost;
  if (name == "none") return Network::kNone;
  return absl::InvalidArgumentError(absl::StrCat("unknown network ", name));
}

// "name:address"; an IPv6 address may stand in brackets.
std::pair<std::string, std::string> ParseAddHost(absl::string_view text) {
  std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  std::string& address = parts.second;
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  return parts;
}

bool HasVariable(const std::vector<std::string>& env, absl::string_view name) {
  for (const std::string& entry : env) {
    // runc takes an empty HOME for none.
    if (absl::StartsWith(entry, absl::StrCat(name, "=")) && entry.size() > name.size() + 1) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<SandboxOptions> MakeSandboxOptions(const RunSpec& spec, const Store& store,
                                                  const Tree& below) {
  if (spec.argv.empty()) return absl::InvalidArgumentError("RUN needs a command");
  SandboxOptions options;
  ASSIGN_OR_RETURN(options.network, ParseNetwork(spec.network));
  ASSIGN_OR_RETURN(ProcessUser user, ResolveProcessUser(store, below, spec.user));
  options.argv = spec.argv;
  options.env = spec.env;
  options.env.insert(options.env.end(), spec.proxy_env.begin(), spec.proxy_env.end());
  options.uid = user.uid;
  options.gid = user.gid;
  options.groups = user.groups;
  AddRunDevices(spec, &options);
  if (!HasVariable(options.env, "HOME")) options.env.push_back(absl::StrCat("HOME=", user.home));
  options.workdir = spec.workdir.empty() ? "/" : spec.workdir;
  options.hostname = spec.hostname;
  options.insecure = spec.security == "insecure";
  for (const std::string& host : spec.add_hosts) options.add_hosts.push_back(ParseAddHost(host));
  for (const std::string& ulimit : spec.ulimits) {
    ASSIGN_OR_RETURN(ResourceLimit limit, ParseUlimit(ulimit));
    options.limits.push_back(limit);
  }
  options.shm_size = spec.shm_size;
  options.inline_files = spec.inline_files;
  options.epoch = spec.epoch;
  return options;
}

}  // namespace kasane
