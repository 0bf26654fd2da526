#include "src/store/tree_store.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/store/mapped_file.h"
#include "src/store/store_impl.h"
#include "src/tree/apply.h"
#include "src/tree/delta_reader.h"
#include "src/tree/tree_file.h"

namespace kasane {
namespace {

// Saving costs about as much as applying did; so many entries (0.4 ms) are worth it from their second reader
// on.
constexpr size_t kWorthSaving = 1000;
constexpr size_t kBytesAtOnce = 16 << 20;  // of an encoded delta: some 200,000 entries
constexpr size_t kEntriesAtOnce = 100000;
// A file refers to others, those to others: far more than EncodeTreeFile makes, and no loop of damaged files.
constexpr int kMaxReferenceDepth = 32;

// Loads a tree file and those that it refers to, each once.
class Loader {
 public:
  explicit Loader(const Store& store) : store_(store) {}

  absl::StatusOr<std::shared_ptr<const TreeFile>> Load(const Digest& digest) {
    auto [known, added] = files_.try_emplace(digest);
    if (!added) {
      if (known->second != nullptr) return known->second;
      return absl::DataLossError(absl::StrCat("tree file ", digest.ToHex(), " refers to itself"));
    }
    if (++depth_ > kMaxReferenceDepth)
      return absl::DataLossError("tree files refer to each other too deeply");
    ASSIGN_OR_RETURN(BlobRef blob, store_.OpenBlob(digest));
    ASSIGN_OR_RETURN(auto map, MappedFile::Map(blob.fd->get(), blob.offset, blob.size, digest.ToHex()));
    // Without the store: a tree may outlive it.
    std::string directory = store_.directory();
    auto on_damage = [directory, digest] { Store::Impl(directory).RemoveDamagedBlob(digest); };
    absl::StatusOr<std::shared_ptr<const TreeFile>> file = TreeFile::Open(
        {digest, map->bytes(), map, on_damage}, [this](const Digest& reference) { return Load(reference); });
    --depth_;
    // A missing reference makes the file useless, so it counts as damaged itself.
    if (absl::IsDataLoss(file.status()) || absl::IsNotFound(file.status())) {
      on_damage();
      return absl::NotFoundError(file.status().message());
    }
    if (file.ok()) files_[digest] = *file;
    return file;
  }

 private:
  const Store& store_;
  absl::flat_hash_map<Digest, std::shared_ptr<const TreeFile>> files_;  // null: being loaded
  int depth_ = 0;
};

// The key under which the tree of a chain is remembered, after each of its deltas.
std::vector<Digest> ChainKeys(const Digest& base, const std::vector<Digest>& deltas) {
  Sha256 hash;
  hash.Update("kasane composed tree 1");
  hash.Update(base.bytes());
  std::vector<Digest> keys;
  keys.reserve(deltas.size());
  for (const Digest& delta : deltas) {
    hash.Update(delta.bytes());
    keys.push_back(hash.Finish());
  }
  return keys;
}

absl::Status Remember(Store* store, const Digest& key, const Tree& tree) {
  ASSIGN_OR_RETURN(Digest file, SaveTree(store, tree));
  return store->PutResult(key, absl::StrCat("{\"tree\":\"", file.ToString(), "\"}"));
}

absl::StatusOr<Tree> Recall(const Store& store, const Digest& key) {
  ASSIGN_OR_RETURN(std::string value, store.GetResult(key));
  ASSIGN_OR_RETURN(Json json, ParseJson(value, "a composed tree's result"));
  ASSIGN_OR_RETURN(Digest file, Digest::Parse(JsonString(json, "tree")));
  return LoadTree(store, file);
}

// Applies a delta piece by piece, so that a large one is never in memory whole beside the tree. A piece ends
// where a directory does, which no rule of Tree::Apply spans but for what an entry of a parent says, and that
// comes first. Returns the number of its entries.
absl::StatusOr<size_t> ApplyStored(const Store& store, const Digest& digest, Tree* tree) {
  ASSIGN_OR_RETURN(const std::string bytes, store.ReadBlob(digest));
  const auto apply = [&](const Delta& delta) {
    absl::StatusOr<Tree> next = tree->Apply(delta);
    if (!next.ok()) return Annotate(next.status(), absl::StrCat("applying delta ", digest.ToHex()));
    *tree = *std::move(next);
    return absl::OkStatus();
  };
  size_t count = 0;
  if (bytes.size() < kBytesAtOnce) {
    ASSIGN_OR_RETURN(const Delta delta, Delta::Decode(bytes));
    RETURN_IF_ERROR(apply(delta));
    return delta.entries().size();
  }
  ASSIGN_OR_RETURN(DeltaReader reader, DeltaReader::Open(bytes));
  while (!reader.done()) {
    ASSIGN_OR_RETURN(std::vector<DeltaEntry> entries, reader.Next(kEntriesAtOnce));
    count += entries.size();
    ASSIGN_OR_RETURN(const Delta piece, Delta::FromEntries(std::move(entries)));
    RETURN_IF_ERROR(apply(piece));
  }
  return count;
}

}  // namespace

absl::StatusOr<Delta> LoadDelta(const Store& store, const Digest& digest) {
  ASSIGN_OR_RETURN(std::string bytes, store.ReadBlob(digest));
  return Delta::Decode(bytes);
}

absl::StatusOr<Digest> SaveDelta(Store* store, const Delta& delta) { return store->PutBlob(delta.Encode()); }

absl::StatusOr<Tree> LoadTree(const Store& store, const Digest& digest) {
  ASSIGN_OR_RETURN(std::shared_ptr<const TreeFile> file, Loader(store).Load(digest));
  return file->tree();
}

std::vector<Digest> TreeFilesOf(const Tree& tree) {
  std::vector<Digest> names;
  for (const auto& file : tree.rep()->files) names.push_back(file->name());
  return names;
}

absl::StatusOr<Digest> SaveTree(Store* store, const Tree& tree) {
  ASSIGN_OR_RETURN(std::string bytes, EncodeTreeFile(tree));
  return store->PutBlob(bytes);
}

absl::StatusOr<Tree> ComposeTree(Store* store, const Digest& base, const std::vector<Digest>& deltas) {
  std::vector<Digest> keys = ChainKeys(base, deltas);
  Tree tree;
  size_t done = deltas.size();
  for (; done > 0; --done) {
    absl::StatusOr<Tree> known = Recall(*store, keys[done - 1]);
    if (!known.ok()) continue;
    tree = *std::move(known);
    break;
  }
  if (done == 0 && !base.empty()) {
    ASSIGN_OR_RETURN(tree, LoadTree(*store, base));
  }
  size_t applied = 0;
  for (; done < deltas.size(); ++done) {
    ASSIGN_OR_RETURN(const size_t count, ApplyStored(*store, deltas[done], &tree));
    applied += count;
  }
  if (applied > kWorthSaving) {
    // Only a saving of time: a full disk must not stop what can go on.
    Remember(store, keys.back(), tree).IgnoreError();
  }
  return tree;
}

}  // namespace kasane
