#include "generator/context_steps.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/child.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/context/select.h"
#include "src/contract/build_secrets.h"
#include "src/contract/record.h"
#include "src/contract/spec_file.h"
#include "src/contract/step.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

absl::Status RunStep(const std::string& gen, const Store& store, const std::string& state, const Spec& spec,
                     const std::vector<std::string>& sources, const std::string& record) {
  ChildCommand command;
  command.words = {gen, "step", "--dir", state, "--store", store.identity()};
  if (!sources.empty()) command.words.emplace_back("--source");
  command.words.insert(command.words.end(), sources.begin(), sources.end());
  command.words.insert(command.words.end(), {"--", SpecDigest(spec).ToHex(), record});
  const ChildResult result = RunChildren({command})[0];
  if (result.exit_code == 0) return absl::OkStatus();
  absl::string_view message = absl::StripAsciiWhitespace(result.err);
  if (!absl::ConsumePrefix(&message, "error: ")) absl::ConsumePrefix(&message, "kasane: ");
  return absl::UnavailableError(message.empty() ? "the step that brings it failed" : message);
}

}  // namespace

absl::StatusOr<Tree> MakeContextTree(const std::string& gen, Store* store, const PlanContext& context,
                                     const std::string& inputs, const std::string& secrets) {
  if (context.copy.sources.empty()) return Tree();
  ASSIGN_OR_RETURN(const ScratchDir scratch, store->NewScratch());
  const std::string state = JoinPath(scratch.path(), "state");
  RETURN_IF_ERROR(MakeDirs(state));
  std::map<Digest, std::string> specs;
  const Spec copy = context.copy;
  specs[SpecDigest(copy)] = EncodeSpec(copy);
  for (const PlanRemote& remote : context.remotes) specs[SpecDigest(remote.spec)] = EncodeSpec(remote.spec);
  RETURN_IF_ERROR(WriteFileAtomic(JoinPath(state, "specs"), EncodeSpecFile(specs)));
  const ContextBindings bindings = {{kInputsContext, {AbsolutePath(inputs), {}, {}, {}}}};
  RETURN_IF_ERROR(WriteFileAtomic(JoinPath(state, "context.json"), EncodeContextBindings(bindings)));
  RETURN_IF_ERROR(WriteFileAtomic(BuildSecretsPath(state), secrets));

  std::vector<std::string> sources;
  for (const PlanRemote& remote : context.remotes) {
    sources.push_back(JoinPath(state, absl::StrCat(sources.size(), ".json")));
    RETURN_IF_ERROR(RunStep(gen, *store, state, remote.spec, {}, sources.back()));
  }
  const std::string record = JoinPath(state, "context-tree.json");
  RETURN_IF_ERROR(RunStep(gen, *store, state, copy, sources, record));
  ASSIGN_OR_RETURN(const Chain chain, ReadChain({record}));
  return ComposeTree(store, chain.base_tree, chain.deltas);
}

Epoch NewestFile(const Tree& tree) {
  int64_t newest = 0;
  tree.Walk([&](const std::string&, const Node& node) {
    if (node.entry.is_file()) newest = std::max(newest, node.entry.mtime.seconds);
    return true;
  });
  return newest > 0 ? Epoch(newest) : absl::nullopt;
}

absl::StatusOr<std::string> ReadTreeFile(const Store& store, const Tree& tree, const std::string& path) {
  ASSIGN_OR_RETURN(const FollowedPath found, FollowLinks(TreeView(tree), path, nullptr));
  RETURN_IF_ERROR(tree.status());
  if (found.handle == nullptr)
    return absl::NotFoundError(absl::StrCat(path, " does not exist in the context"));
  const Entry& entry = TreeView::NodeOf(found.handle).entry;
  if (!entry.is_file()) return absl::NotFoundError(absl::StrCat(path, " is not a file"));
  return store.ReadBlob(entry.content);
}

}  // namespace kasane
