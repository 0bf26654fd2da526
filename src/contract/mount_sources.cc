#include "src/contract/mount_sources.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "src/base/digest.h"

namespace kasane {

std::vector<std::string> LocalWords(const CopySpec& spec) {
  std::vector<std::string> words;
  for (size_t i = 0; i < spec.sources.size(); ++i) {
    if (!std::binary_search(spec.remotes.begin(), spec.remotes.end(), static_cast<int>(i))) {
      words.push_back(spec.sources[i]);
    }
  }
  return words;
}

std::map<std::string, MountSources> ContextMountSources(const RunSpec& spec) {
  std::map<std::string, MountSources> out;
  for (size_t i = 0; i < spec.mounts.size(); ++i) {
    const MountSpec& mount = spec.mounts[i];
    absl::string_view name = mount.from;
    if (mount.type != "bind" || !absl::ConsumePrefix(&name, "context")) continue;
    absl::ConsumePrefix(&name, ":");
    MountSources& sources = out[std::string(name)];
    sources.mounts.push_back(i);
    sources.sources.push_back(mount.source.empty() ? "." : mount.source);
  }
  return out;
}

std::string MountStateRecord(absl::string_view record, absl::string_view context) {
  if (context.empty()) return std::string(record);
  return absl::StrCat(record, ".", Sha256Of(context).ToHex().substr(0, 12));
}

std::string JoinSalts(const std::vector<std::string>& salts) {
  // Each state file holds the salt of the whole command.
  if (salts.empty() || std::count(salts.begin(), salts.end(), salts[0]) == static_cast<int>(salts.size())) {
    return salts.empty() ? "" : salts[0];
  }
  return Sha256Of(absl::StrJoin(salts, ",")).ToHex().substr(0, 16);
}

}  // namespace kasane
