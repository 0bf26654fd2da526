#include "src/steps/run_secrets.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

uint32_t Or(int64_t value, uint32_t fallback) { return value < 0 ? fallback : static_cast<uint32_t>(value); }

absl::Status AddSecret(const MountSpec& spec, size_t index, const BuildSecrets& all, RunSecrets* out) {
  bool found = false;
  ASSIGN_OR_RETURN(std::string value, ReadSecret(all, spec.id, &found, &out->notices));
  if (!found && spec.required) {
    return absl::NotFoundError(
        absl::StrCat("the secret ", spec.id, " is required, and gen was given none such"));
  }
  if (!spec.env.empty()) out->env.push_back(absl::StrCat(spec.env, "=", value));
  if (spec.target.empty() || !found) return absl::OkStatus();
  out->values.emplace(index, std::move(value));
  return absl::OkStatus();
}

absl::Status AddAgent(const MountSpec& spec, size_t index, const BuildSecrets& all, Store* store,
                      RunSecrets* out) {
  const auto agent = all.agents.find(spec.id);
  if (agent == all.agents.end()) {
    if (!spec.required) return absl::OkStatus();
    return absl::NotFoundError(
        absl::StrCat("the ssh agent ", spec.id, " is required, and gen was given none such"));
  }
  if (out->scratch.path().empty()) {
    ASSIGN_OR_RETURN(out->scratch, store->NewScratch());
  }
  SshSocket socket;
  socket.path = absl::StrCat(out->scratch.path(), "/ssh.", out->agents.size());
  socket.mode = Or(spec.mode, 0600) & 0777;
  socket.uid = Or(spec.uid, 0);
  socket.gid = Or(spec.gid, 0);
  absl::StatusOr<std::unique_ptr<SshForward>> forward = SshForward::Start(socket, agent->second);
  if (!forward.ok()) {
    return absl::NotFoundError(absl::StrCat("ssh agent ", spec.id, ": ", forward.status().message()));
  }
  out->agents.push_back(*std::move(forward));
  out->sockets.emplace(index, socket.path);
  return absl::OkStatus();
}

}  // namespace

bool IsGiven(const MountSpec& mount, const BuildSecrets& all) {
  return mount.type == "ssh" ? all.agents.count(mount.id) > 0 : all.secrets.count(mount.id) > 0;
}

absl::StatusOr<RunSecrets> ReadRunSecrets(const RunSpec& spec, const BuildSecrets& all, Store* store) {
  RunSecrets out;
  for (size_t i = 0; i < spec.mounts.size(); ++i) {
    const MountSpec& mount = spec.mounts[i];
    if (mount.type == "secret") RETURN_IF_ERROR(AddSecret(mount, i, all, &out));
    if (mount.type == "ssh") RETURN_IF_ERROR(AddAgent(mount, i, all, store, &out));
  }
  return out;
}

}  // namespace kasane
