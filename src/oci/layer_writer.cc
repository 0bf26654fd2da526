#include "src/oci/layer_writer.h"

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/oci/fragment_bytes.h"
#include "src/oci/fragment_cutter.h"
#include "src/oci/fragment_index.h"
#include "src/oci/fragment_pipeline.h"
#include "src/oci/fragment_plan.h"
#include "src/oci/layer_delta.h"
#include "src/oci/tar_writer.h"

namespace kasane {
namespace {

constexpr size_t kWorthIndexing = 8;  // fragments; fewer are compressed as fast as found

int Jobs(const LayerOptions& options) {
  return options.jobs > 0 ? options.jobs
                          : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

// Reads what a plan names out of the store, and checks it.
class FragmentReader {
 public:
  FragmentReader(const Store& store, const FragmentPlan& plan) : store_(store), plan_(plan) {}

  // The uncompressed bytes. `check`: files' contents against their digests, each as its last piece is read.
  absl::StatusOr<FragmentBytes> Read(const Fragment& fragment, bool check) {
    FragmentBytes raw(fragment.size);
    left_ = raw.data();
    end_ = raw.data() + raw.size();
    for (size_t i = fragment.begin; i < fragment.end; ++i) RETURN_IF_ERROR(Append(plan_.parts[i], check));
    if (fragment.last) {
      block_.clear();
      AppendTarEnd(&block_);
      RETURN_IF_ERROR(Put(block_));
    }
    if (left_ != end_) return absl::InternalError("a fragment is not as large as it was planned");
    return raw;
  }

 private:
  // The next `size` bytes of the fragment; null: there are not as many.
  char* Take(size_t size) {
    if (size > static_cast<size_t>(end_ - left_)) return nullptr;
    return std::exchange(left_, left_ + size);
  }

  absl::Status Put(absl::string_view bytes) {
    char* to = Take(bytes.size());
    if (to == nullptr) return absl::InternalError("a fragment is larger than it was planned");
    std::memcpy(to, bytes.data(), bytes.size());
    return absl::OkStatus();
  }

  absl::Status Append(const FragmentPart& part, bool check) {
    if (part.header) {
      block_.clear();
      RETURN_IF_ERROR(
          AppendEntryHeader(*part.entry, part.linked == nullptr ? "" : part.linked->path, &block_));
      RETURN_IF_ERROR(Put(block_));
    }
    if (part.size == 0) return absl::OkStatus();
    const Entry& entry = part.entry->entry;
    const std::string& path = part.entry->path;
    if (open_ != part.entry) {
      absl::StatusOr<BlobRef> ref = store_.OpenBlob(entry.content);
      if (!ref.ok()) return Annotate(ref.status(), absl::StrCat("content of ", Name(path)));
      blob_ = *std::move(ref);
      if (static_cast<uint64_t>(blob_.size) != entry.size) return Damaged(*part.entry);
      open_ = part.entry;
      hash_ = Sha256();
      hashed_ = 0;
    }
    char* to = Take(part.size + TarPadding(part.size));
    if (to == nullptr) return absl::InternalError("a fragment is larger than it was planned");
    RETURN_IF_ERROR(
        PReadExactly(blob_.fd->get(), to, part.size, blob_.offset + static_cast<int64_t>(part.offset), path));
    std::memset(to + part.size, 0, TarPadding(part.size));
    if (check && hashed_ == part.offset) {
      hash_.Update(to, part.size);
      hashed_ += part.size;
      if (hashed_ == entry.size && hash_.Finish() != entry.content) return Damaged(*part.entry);
    }
    return absl::OkStatus();
  }

  static std::string Name(const std::string& path) { return absl::StrCat("/", absl::CHexEscape(path)); }

  absl::Status Damaged(const DeltaEntry& entry) const {
    const Digest& content = entry.entry.content;
    store_.ReadBlob(content).IgnoreError();  // removes it, so that a next build makes it again
    return absl::DataLossError(absl::StrCat("the stored content of ", Name(entry.path), " is damaged (",
                                            content.ToString(), "); it was removed, build again"));
  }

  const Store& store_;
  const FragmentPlan& plan_;
  char* left_ = nullptr;  // of the fragment that is being read: from here on
  char* end_ = nullptr;
  std::string block_;                 // a header
  const DeltaEntry* open_ = nullptr;  // whose content blob_ is
  BlobRef blob_;
  Sha256 hash_;
  uint64_t hashed_ = 0;
};

// True: the file whose piece stands at the fragment's begin has begun in an earlier fragment.
bool BeginsWithin(const FragmentPlan& plan, const Fragment& fragment) {
  return fragment.begin < fragment.end && plan.parts[fragment.begin].offset > 0;
}

// What is known of a plan's fragments before any is read.
struct KnownFragments {
  std::vector<const FragmentCache::Place*> places;  // null: to be compressed
  std::vector<bool> check;  // files are checked: those of which any piece is to be compressed
  // One earlier layer begins with these. They are not read uncompressed, nor hashed: its hashes after each
  // are known.
  std::vector<FragmentCache::Place> start;
  Sha256 diff_id;
};

KnownFragments FindKnown(const FragmentPlan& plan, const std::vector<Digest>& keys,
                         const FragmentCache& cache) {
  const std::vector<Fragment>& fragments = plan.fragments;
  const size_t count = fragments.size();
  KnownFragments known;
  std::vector<bool> earlier(count), later(count);  // pieces of a file of which a piece is new
  for (const Digest& key : keys) known.places.push_back(cache.Find(key));
  for (size_t i = count; i-- > 1;) {
    earlier[i - 1] = (known.places[i] == nullptr || earlier[i]) && BeginsWithin(plan, fragments[i]);
  }
  for (size_t i = 1; i < count; ++i) {
    later[i] = (known.places[i - 1] == nullptr || later[i - 1]) && BeginsWithin(plan, fragments[i]);
  }
  size_t unchecked = count;
  for (size_t i = 0; i < count; ++i) {
    known.check.push_back(known.places[i] == nullptr || earlier[i] || later[i]);
    if (known.check[i]) unchecked = std::min(unchecked, i);
  }
  known.start = cache.CommonStart(keys, unchecked);
  if (known.start.empty()) return known;
  uint64_t size = 0;
  for (size_t i = 0; i < known.start.size(); ++i) {
    known.places[i] = &known.start[i];
    size += fragments[i].size;
  }
  known.diff_id = Sha256::FromState(known.start.back().row->state, size);
  return known;
}

// Writes the fragments of a layer's blob, and its index.
class BlobOfFragments {
 public:
  // `start`: as in KnownFragments.
  BlobOfFragments(Store* store, size_t start) : blob_(store->NewBlob()), start_(start) {}

  absl::Status Write(const PipelineFragment& fragment) {
    const absl::string_view packed = fragment.packed.view();
    const bool is_hashed = index_.rows.size() < start_;
    RETURN_IF_ERROR(is_hashed ? blob_.WriteUnhashed(packed) : blob_.Write(packed));
    index_.rows.push_back(fragment.row);
    FragmentRow& row = index_.rows.back();
    row.end = static_cast<uint64_t>(blob_.size());
    if (!is_hashed) {
      row.blob_state = blob_.hash().SaveState();
      return absl::OkStatus();
    }
    absl::StrAppend(&last_, packed.substr(packed.size() - std::min<size_t>(packed.size(), Sha256::kBlock)));
    last_.erase(0, last_.size() - std::min<size_t>(last_.size(), Sha256::kBlock));
    if (index_.rows.size() == start_) {
      const uint64_t rest = row.end % Sha256::kBlock;
      Sha256 hash = Sha256::FromState(row.blob_state, row.end - rest);
      hash.Update(absl::string_view(last_).substr(last_.size() - rest));
      blob_.SetHash(hash);
    }
    return absl::OkStatus();
  }

  int64_t size() const { return blob_.size(); }
  absl::StatusOr<Digest> Commit() { return blob_.Commit(); }
  FragmentIndex* index() { return &index_; }

 private:
  BlobWriter blob_;
  FragmentIndex index_;
  const size_t start_;
  std::string last_;  // bytes, while they are not hashed
};

absl::StatusOr<LayerInfo> Write(Store* store, const FragmentPlan& plan, const std::vector<Digest>& keys,
                                const FragmentCache& cache, const LayerOptions& options) {
  const KnownFragments known = FindKnown(plan, keys, cache);
  BlobOfFragments blob(store, known.start.size());
  FragmentPipeline pipeline(options.compression, options.level, Jobs(options), known.diff_id, cache,
                            [&](const PipelineFragment& fragment) { return blob.Write(fragment); });
  FragmentReader reader(*store, plan);
  FragmentWindow window;
  for (size_t i = 0; i < plan.fragments.size(); ++i) {
    const Fragment& from = plan.fragments[i];
    PipelineFragment fragment;
    fragment.size = from.size;
    fragment.is_piece = from.is_piece;
    const FragmentCache::Place* place = known.places[i];
    if (place != nullptr) {
      fragment.row = *place->row;
      ASSIGN_OR_RETURN(fragment.packed, window.Read(*place));
    }
    fragment.row.key = from.key;
    if (i >= known.start.size()) {
      ASSIGN_OR_RETURN(fragment.raw, reader.Read(from, known.check[i]));
      if (place != nullptr && Crc32(fragment.raw.view()) != place->row->raw_crc) {
        return absl::AbortedError("a stored file, or fragment, is damaged");
      }
    }
    RETURN_IF_ERROR(pipeline.Add(std::move(fragment)));
  }
  RETURN_IF_ERROR(pipeline.Finish());
  LayerInfo info;
  info.diff_id = pipeline.diff_id().Finish();
  info.size = blob.size();
  info.media_type = LayerMediaType(options.compression);
  ASSIGN_OR_RETURN(info.blob, blob.Commit());
  if (options.compression != Compression::kNone && plan.fragments.size() >= kWorthIndexing) {
    blob.index()->layer = info.blob;
    // Only a saving of time: a full disk must not stop what can go on.
    PublishFragmentIndex(store, *blob.index()).IgnoreError();
  }
  return info;
}

}  // namespace

absl::StatusOr<PlannedLayer> PlanLayer(const Delta& resolved, const LayerOptions& options) {
  PlannedLayer layer;
  const std::string format = LayerFormatId(options);
  ASSIGN_OR_RETURN(layer.plan, PlanFragments(TarOrder(resolved), format));
  Sha256 key;
  key.Update(absl::StrCat("planned 1 ", format, "\n"));
  for (const Fragment& fragment : layer.plan.fragments) key.Update(fragment.key.bytes());
  layer.key = key.Finish();
  return layer;
}

absl::StatusOr<LayerInfo> WriteLayer(Store* store, const PlannedLayer& layer, const LayerOptions& options) {
  const FragmentPlan& plan = layer.plan;
  std::vector<Digest> keys;
  keys.reserve(plan.fragments.size());
  for (const Fragment& fragment : plan.fragments) keys.push_back(fragment.key);
  const FragmentCache nothing;
  if (!options.reuse || keys.size() < kWorthIndexing || options.compression == Compression::kNone) {
    return Write(store, plan, keys, nothing, options);
  }
  const FragmentCache cache(*store, keys, options.before);
  absl::StatusOr<LayerInfo> info = Write(store, plan, keys, cache, options);
  // Something that is reused is damaged. Without reuse, every file is checked by itself.
  if (absl::IsAborted(info.status())) return Write(store, plan, keys, nothing, options);
  return info;
}

absl::StatusOr<LayerInfo> WriteLayer(Store* store, const Delta& resolved, const LayerOptions& options) {
  ASSIGN_OR_RETURN(const PlannedLayer layer, PlanLayer(resolved, options));
  return WriteLayer(store, layer, options);
}

std::string LayerFormatId(const LayerOptions& options) {
  return absl::StrCat("layer 1 cut ", kFragmentRule, " ", CodecId(options.compression, options.level));
}

}  // namespace kasane
