#include "src/steps/run_xattrs.h"

#include <string>

#include "src/base/binary.h"
#include "src/base/status.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

Digest MemoKey(const Digest& part) {
  std::string key;
  PutBytes(&key, "has xattrs");
  PutBytes(&key, part.bytes());
  return Sha256Of(key);
}

absl::StatusOr<bool> TreeHas(const Store& store, const Digest& digest) {
  ASSIGN_OR_RETURN(Tree tree, LoadTree(store, digest));
  bool has = false;
  tree.Walk([&has](const std::string&, const Node& node) {
    has |= !node.entry.xattrs.empty();
    return !has;
  });
  RETURN_IF_ERROR(tree.status());
  return has;
}

absl::StatusOr<bool> DeltaHas(const Store& store, const Digest& digest) {
  ASSIGN_OR_RETURN(Delta delta, LoadDelta(store, digest));
  for (const DeltaEntry& entry : delta.entries()) {
    if (!entry.entry.xattrs.empty()) return true;
  }
  return false;
}

absl::StatusOr<bool> Has(Store* store, const Digest& part, bool is_tree) {
  const Digest key = MemoKey(part);
  absl::StatusOr<std::string> memo = store->GetResult(key);
  if (memo.ok()) return *memo != "false";
  ASSIGN_OR_RETURN(bool has, is_tree ? TreeHas(*store, part) : DeltaHas(*store, part));
  RETURN_IF_ERROR(store->PutResult(key, has ? "true" : "false"));
  return has;
}

}  // namespace

absl::StatusOr<bool> MayHaveXattrs(Store* store, const Chain& chain) {
  if (!chain.base_tree.empty()) {
    ASSIGN_OR_RETURN(bool has, Has(store, chain.base_tree, true));
    if (has) return true;
  }
  for (const Digest& delta : chain.deltas) {
    ASSIGN_OR_RETURN(bool has, Has(store, delta, false));
    if (has) return true;
  }
  return false;
}

}  // namespace kasane
