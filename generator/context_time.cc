#include "generator/context_time.h"

#include <memory>
#include <variant>

#include "generator/context_steps.h"
#include "src/base/status.h"
#include "src/store/store.h"

namespace kasane {
namespace {

absl::StatusOr<Epoch> NewestOf(const std::string& gen, const PlanContext& context,
                               const std::string& secrets) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(Store::DefaultPath()));
  ASSIGN_OR_RETURN(const ScratchDir scratch, store->NewScratch());
  ASSIGN_OR_RETURN(const Tree tree, MakeContextTree(gen, store.get(), context, scratch.path(), secrets));
  const Epoch newest = NewestFile(tree);
  RETURN_IF_ERROR(tree.status());
  return newest;
}

}  // namespace

bool FindContextTime(const std::string& gen, const std::string& state, PlanContext context,
                     RemoteResolver* remotes, Epoch* time, std::string* message) {
  if (context.remotes.empty()) return true;
  PlanRemote& remote = context.remotes[0];
  const PlanRemote asked = remote;
  remotes->Load(state + "/remotes.json");
  if (remotes->FindTime(asked, time)) return true;
  if (auto* git = std::get_if<GitSpec>(&remote.spec)) {
    git->commit_time = true;
    Diagnostic error;
    if (!remotes->ResolveOne(&remote, &error)) {
      *message = error.message;
      return false;
    }
  }
  absl::StatusOr<Epoch> newest = NewestOf(gen, context, remotes->secrets());
  if (newest.ok() && !newest->has_value() && std::holds_alternative<HttpSpec>(remote.spec)) {
    context.copy.unpack_remotes = true;
    newest = NewestOf(gen, context, remotes->secrets());
  }
  if (!newest.ok()) {
    *message = std::string(newest.status().message());
    return false;
  }
  *time = *newest;
  remotes->KeepTime(asked, *time);
  return true;
}

}  // namespace kasane
