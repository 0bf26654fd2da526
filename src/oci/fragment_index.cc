#include "src/oci/fragment_index.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr absl::string_view kMagic("KSNF\x02\0\0\0", 8);
constexpr size_t kDigest = 32;
constexpr size_t kRow = 4 * kDigest + size_t{3} * 8;
constexpr size_t kSketch =
    8;  // so many keys: layers that share half of their fragments miss each other once in 256

Digest AnchorKey(const Digest& anchor) {
  return Sha256Of(absl::StrCat("kasane fragments 1 ", anchor.bytes()));
}

std::vector<Digest> Sketch(std::vector<Digest> keys) {
  const size_t size = std::min(kSketch, keys.size());
  std::partial_sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(size), keys.end());
  keys.resize(size);
  return keys;
}

}  // namespace

std::string EncodeFragmentIndex(const FragmentIndex& index) {
  std::string out(kMagic);
  out.reserve(kMagic.size() + kDigest + 8 + index.rows.size() * kRow);
  auto digest = [&out](const Digest& d) { out.append(d.bytes().data(), d.bytes().size()); };
  digest(index.layer);
  PutFixed64(&out, index.rows.size());
  for (const FragmentRow& row : index.rows) {
    digest(row.key);
    digest(row.content);
    digest(row.state);
    digest(row.blob_state);
    PutFixed64(&out, row.end);
    PutFixed64(&out, row.raw_crc);
    PutFixed64(&out, row.packed_crc);
  }
  return out;
}

absl::StatusOr<FragmentIndex> DecodeFragmentIndex(absl::string_view bytes) {
  BinaryReader in(bytes);
  const bool known = in.Raw(kMagic.size()) == kMagic;
  FragmentIndex index;
  index.layer = Digest::FromBytes(in.Raw(kDigest));
  const uint64_t count = in.Fixed64();
  if (!known || !in.ok() || in.rest().size() % kRow != 0 || in.rest().size() / kRow != count) {
    return absl::DataLossError("a fragment index is damaged");
  }
  index.rows.resize(count);
  uint64_t end = 0;
  for (FragmentRow& row : index.rows) {
    row.key = Digest::FromBytes(in.Raw(kDigest));
    row.content = Digest::FromBytes(in.Raw(kDigest));
    row.state = Digest::FromBytes(in.Raw(kDigest));
    row.blob_state = Digest::FromBytes(in.Raw(kDigest));
    row.end = in.Fixed64();
    row.raw_crc = static_cast<uint32_t>(in.Fixed64());
    row.packed_crc = static_cast<uint32_t>(in.Fixed64());
    if (row.end <= end) return absl::DataLossError("a fragment index is damaged");
    end = row.end;
  }
  return index;
}

absl::Status PublishFragmentIndex(Store* store, const FragmentIndex& index) {
  ASSIGN_OR_RETURN(const Digest blob, store->PutBlob(EncodeFragmentIndex(index)));
  const std::string value =
      absl::StrCat("{\"fragments\":\"", blob.ToString(), "\",\"layer\":\"", index.layer.ToString(), "\"}");
  std::vector<Digest> keys;
  keys.reserve(index.rows.size());
  for (const FragmentRow& row : index.rows) keys.push_back(row.key);
  std::vector<Digest> anchors = Sketch(std::move(keys));
  anchors.push_back(index.layer);
  for (const Digest& anchor : anchors) RETURN_IF_ERROR(store->PutResult(AnchorKey(anchor), value));
  return absl::OkStatus();
}

uint32_t Crc32(absl::string_view bytes, uint32_t before) {
  return crc32_gzip_refl(before, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

FragmentCache::FragmentCache(const Store& store, const std::vector<Digest>& keys, const Digest& before) {
  if (!before.empty()) Add(store, before);
  for (const Digest& key : Sketch(keys)) Add(store, key);
}

void FragmentCache::Add(const Store& store, const Digest& anchor) {
  const absl::StatusOr<std::string> value = store.GetResult(AnchorKey(anchor));
  if (!value.ok()) return;
  const absl::StatusOr<Json> json = ParseJson(*value, "a fragment index's result");
  if (!json.ok()) return;
  const absl::StatusOr<Digest> blob = Digest::Parse(JsonString(*json, "fragments"));
  const absl::StatusOr<Digest> layer = Digest::Parse(JsonString(*json, "layer"));
  if (!blob.ok() || !layer.ok()) return;
  for (const Layer& known : layers_) {
    if (known.index.layer == *layer) return;
  }
  const absl::StatusOr<std::string> bytes = store.ReadBlob(*blob);
  if (!bytes.ok()) return;
  absl::StatusOr<FragmentIndex> index = DecodeFragmentIndex(*bytes);
  absl::StatusOr<BlobRef> ref = store.OpenBlob(*layer);
  if (!index.ok() || !ref.ok() || index->layer != *layer || index->rows.empty() ||
      index->rows.back().end != static_cast<uint64_t>(ref->size)) {
    return;
  }
  layers_.push_back({*std::move(index), *std::move(ref)});
  uint64_t begin = 0;
  for (const FragmentRow& row : layers_.back().index.rows) {
    const Place place = {&layers_.back().blob, &row, begin};
    places_.try_emplace(row.key, place);
    if (!row.content.empty()) pieces_.try_emplace(row.content, place);
    begin = row.end;
  }
}

const FragmentCache::Place* FragmentCache::Find(const Digest& key) const {
  const auto at = places_.find(key);
  return at == places_.end() ? nullptr : &at->second;
}

const FragmentCache::Place* FragmentCache::FindPiece(const Digest& content) const {
  const auto at = pieces_.find(content);
  return at == pieces_.end() ? nullptr : &at->second;
}

std::vector<FragmentCache::Place> FragmentCache::CommonStart(const std::vector<Digest>& keys,
                                                             size_t most) const {
  const Layer* best = nullptr;
  size_t common = 0;
  for (const Layer& layer : layers_) {
    const std::vector<FragmentRow>& rows = layer.index.rows;
    size_t same = 0;
    while (same < std::min(rows.size(), most) && rows[same].key == keys[same]) ++same;
    if (same <= common) continue;
    common = same;
    best = &layer;
  }
  std::vector<Place> places;
  uint64_t begin = 0;
  for (size_t i = 0; i < common; ++i) {
    const FragmentRow& row = best->index.rows[i];
    places.push_back({&best->blob, &row, begin});
    begin = row.end;
  }
  return places;
}

absl::StatusOr<FragmentBytes> FragmentCache::Read(const Place& place) {
  FragmentBytes packed(place.row->end - place.begin);
  const absl::Status status =
      PReadExactly(place.layer->fd->get(), packed.data(), packed.size(),
                   place.layer->offset + static_cast<int64_t>(place.begin), "a fragment of a layer");
  if (!status.ok() || Crc32(packed.view()) != place.row->packed_crc) {
    return absl::AbortedError("a stored fragment is damaged");
  }
  return packed;
}

}  // namespace kasane
