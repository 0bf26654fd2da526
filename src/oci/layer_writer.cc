#include "src/oci/layer_writer.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/oci/file_window.h"
#include "src/oci/fragment_bytes.h"
#include "src/oci/fragment_cutter.h"
#include "src/oci/fragment_index.h"
#include "src/oci/fragment_pipeline.h"
#include "src/oci/fragment_plan.h"
#include "src/oci/fragment_reader.h"
#include "src/oci/layer_delta.h"

namespace kasane {
namespace {

constexpr size_t kWorthIndexing = 8;  // fragments; fewer are compressed as fast as found

int Jobs(const LayerOptions& options) {
  return options.jobs > 0 ? options.jobs
                          : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

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

// The compressed bytes of a known fragment, not yet checked.
absl::StatusOr<FragmentBytes> ReadPacked(const FragmentCache::Place& place, FileWindow* earlier) {
  const BlobRef& layer = *place.layer;
  absl::StatusOr<FragmentBytes> packed =
      earlier->Read(layer.fd, layer.offset + static_cast<int64_t>(place.begin),
                    static_cast<int64_t>(place.row->end - place.begin), "a stored layer");
  if (absl::IsDataLoss(packed.status())) return absl::AbortedError(packed.status().message());
  return packed;
}

// The uncompressed bytes of a known fragment, to be hashed. `check`: contents against their digests.
absl::StatusOr<std::vector<FragmentBytes>> ReadRaw(const Fragment& fragment, bool check,
                                                   FragmentReader* reader) {
  if (!check) return reader->ReadPieces(fragment);
  ASSIGN_OR_RETURN(FragmentBytes all, reader->Read(fragment));
  std::vector<FragmentBytes> pieces;
  pieces.push_back(std::move(all));
  return pieces;
}

absl::StatusOr<LayerInfo> Write(Store* store, const FragmentPlan& plan, const std::vector<Digest>& keys,
                                const FragmentCache& cache, const LayerOptions& options) {
  const KnownFragments known = FindKnown(plan, keys, cache);
  BlobOfFragments blob(store, known.start.size());
  FragmentPipeline pipeline(options.compression, options.level, Jobs(options), known.diff_id, cache,
                            [&](const PipelineFragment& fragment) { return blob.Write(fragment); });
  FragmentReader reader(*store, plan);
  FileWindow earlier;
  for (size_t i = 0; i < plan.fragments.size(); ++i) {
    const Fragment& from = plan.fragments[i];
    PipelineFragment fragment;
    fragment.size = from.size;
    fragment.is_piece = from.is_piece;
    const FragmentCache::Place* place = known.places[i];
    if (place == nullptr) {
      ASSIGN_OR_RETURN(fragment.raw, reader.Read(from));
    } else {
      fragment.row = *place->row;
      ASSIGN_OR_RETURN(fragment.packed, ReadPacked(*place, &earlier));
      if (i >= known.start.size()) {  // else it is hashed already
        ASSIGN_OR_RETURN(fragment.pieces, ReadRaw(from, known.check[i], &reader));
      }
    }
    fragment.row.key = from.key;
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
