#include "src/store/pack_set.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/binary.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr absl::string_view kMagic("KSNP\x01\0\0\0", 8);
constexpr size_t kHeader = 24;
constexpr size_t kRow = 48;

}  // namespace

std::string EncodePackIndex(std::vector<PackRow> rows, int64_t tar_size) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const PackRow& a, const PackRow& b) { return a.content < b.content; });
  rows.erase(std::unique(rows.begin(), rows.end(),
                         [](const PackRow& a, const PackRow& b) { return a.content == b.content; }),
             rows.end());
  std::string out(kMagic);
  out.reserve(kHeader + rows.size() * kRow);
  PutFixed64(&out, static_cast<uint64_t>(tar_size));
  PutFixed64(&out, rows.size());
  for (const PackRow& row : rows) {
    out.append(row.content.bytes().data(), row.content.bytes().size());
    PutFixed64(&out, static_cast<uint64_t>(row.offset));
    PutFixed64(&out, static_cast<uint64_t>(row.size));
  }
  return out;
}

absl::StatusOr<PackIndex> PackIndex::Open(const std::string& path) {
  ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_RDONLY));
  struct stat st;
  if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot stat ", path));
  PackIndex index;
  ASSIGN_OR_RETURN(index.file_, MappedFile::Map(fd.get(), 0, st.st_size, path));
  BinaryReader in(index.file_->bytes());
  bool known = in.Raw(kMagic.size()) == kMagic;
  index.tar_size_ = static_cast<int64_t>(in.Fixed64());
  uint64_t count = in.Fixed64();
  if (!known || !in.ok() || in.rest().size() / kRow != count || in.rest().size() % kRow != 0) {
    return absl::DataLossError(absl::StrCat(path, " is damaged"));
  }
  index.count_ = count;
  return index;
}

PackRow PackIndex::Row(size_t i) const {
  BinaryReader in(file_->bytes().substr(kHeader + i * kRow, kRow));
  PackRow row;
  row.content = Digest::FromBytes(in.Raw(32));
  row.offset = static_cast<int64_t>(in.Fixed64());
  row.size = static_cast<int64_t>(in.Fixed64());
  return row;
}

bool PackIndex::Find(const Digest& content, PackRow* row) const {
  absl::string_view rows = file_->bytes().substr(kHeader);
  size_t low = 0;
  size_t high = count_;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = rows.substr(middle * kRow, 32).compare(content.bytes());
    if (order == 0) {
      *row = Row(middle);
      return row->offset >= 0 && row->size >= 0 && row->size <= tar_size_ &&
             row->offset <= tar_size_ - row->size;
    }
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return false;
}

std::string PackSet::TarPath(const Digest& diff_id) const {
  return absl::StrCat(directory_, "/", diff_id.ToHex(), ".tar");
}
std::string PackSet::IndexPath(const Digest& diff_id) const {
  return absl::StrCat(directory_, "/", diff_id.ToHex(), ".idx");
}

void PackSet::Refresh() {
  struct stat st;
  if (stat(directory_.c_str(), &st) != 0) {
    packs_.clear();
    return;
  }
  if (settled_ && st.st_mtim.tv_sec == read_at_.tv_sec && st.st_mtim.tv_nsec == read_at_.tv_nsec) return;
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  read_at_ = st.st_mtim;
  // A file system's clock may tick as seldom as every 2 seconds; a change within one tick shows no new mtime.
  settled_ = now.tv_sec - st.st_mtim.tv_sec > 2;
  DIR* dir = opendir(directory_.c_str());
  if (dir == nullptr) return;
  std::set<Digest> there;
  while (dirent* entry = readdir(dir)) {
    absl::string_view name = entry->d_name;
    if (!absl::ConsumeSuffix(&name, ".tar")) continue;
    absl::StatusOr<Digest> diff_id = Digest::ParseHex(name);
    if (diff_id.ok()) there.insert(*diff_id);
  }
  closedir(dir);
  for (auto it = packs_.begin(); it != packs_.end();) {
    it = there.count(it->first) == 0 ? packs_.erase(it) : std::next(it);
  }
  for (const Digest& diff_id : there) {
    if (packs_.count(diff_id) > 0) continue;
    absl::StatusOr<PackIndex> index = PackIndex::Open(IndexPath(diff_id));
    if (index.ok()) packs_[diff_id].index = *std::move(index);
  }
}

absl::StatusOr<std::shared_ptr<const UniqueFd>> PackSet::Tar(const Digest& diff_id, Pack* pack) {
  if (pack->tar == nullptr) {
    ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(TarPath(diff_id), O_RDONLY));
    struct stat st;
    if (fstat(fd.get(), &st) != 0 || st.st_size != pack->index.tar_size()) {
      return absl::DataLossError(absl::StrCat("pack ", diff_id.ToHex(), " is damaged"));
    }
    pack->tar = std::make_shared<const UniqueFd>(std::move(fd));
  }
  return pack->tar;
}

bool PackSet::Contains(const Digest& content, int64_t size) {
  std::lock_guard<std::mutex> lock(mutex_);
  Refresh();
  PackRow row;
  return Holder(content, size, &row) != packs_.end();
}

std::map<Digest, PackSet::Pack>::iterator PackSet::Holder(const Digest& content, int64_t size, PackRow* row) {
  const auto holds = [&](const Pack& pack) {
    return pack.index.Find(content, row) && (size < 0 || row->size == size);
  };
  const auto last = packs_.find(last_);
  if (last != packs_.end() && holds(last->second)) return last;
  for (auto it = packs_.begin(); it != packs_.end(); ++it) {
    if (it == last || !holds(it->second)) continue;
    last_ = it->first;
    return it;
  }
  return packs_.end();
}

absl::optional<BlobRef> PackSet::FindOpen(const Digest& content, int64_t size) {
  std::lock_guard<std::mutex> lock(mutex_);
  PackRow row;
  const auto it = Holder(content, size, &row);
  if (it == packs_.end() || it->second.tar == nullptr) return absl::nullopt;
  return BlobRef{it->second.tar, row.offset, row.size, false};
}

absl::StatusOr<BlobRef> PackSet::OpenFileIn(const Digest& content, int64_t size, Digest* in_pack) {
  std::lock_guard<std::mutex> lock(mutex_);
  Refresh();
  PackRow row;
  for (auto it = Holder(content, size, &row); it != packs_.end(); it = Holder(content, size, &row)) {
    const Digest diff_id = it->first;
    absl::StatusOr<std::shared_ptr<const UniqueFd>> tar = Tar(diff_id, &it->second);
    if (tar.ok()) {
      if (in_pack != nullptr) *in_pack = diff_id;
      return BlobRef{*std::move(tar), row.offset, row.size, false};
    }
    if (absl::IsDataLoss(tar.status())) {
      RemoveLocked(diff_id);
    } else {
      packs_.erase(diff_id);  // gone, or not to be opened now
      settled_ = false;
    }
  }
  return absl::NotFoundError(absl::StrCat("no blob ", content.ToString(), " in the store"));
}

absl::StatusOr<BlobRef> PackSet::OpenTar(const Digest& diff_id) {
  std::lock_guard<std::mutex> lock(mutex_);
  Refresh();
  absl::Status missing = absl::NotFoundError(absl::StrCat("no pack ", diff_id.ToString(), " in the store"));
  auto it = packs_.find(diff_id);
  if (it == packs_.end()) return missing;
  absl::StatusOr<std::shared_ptr<const UniqueFd>> tar = Tar(diff_id, &it->second);
  if (tar.ok()) return BlobRef{*std::move(tar), 0, it->second.index.tar_size(), true};
  if (!absl::IsDataLoss(tar.status())) return tar.status();
  RemoveLocked(diff_id);
  return missing;
}

void PackSet::RemoveDamaged(const Digest& diff_id) {
  std::lock_guard<std::mutex> lock(mutex_);
  RemoveLocked(diff_id);
}

void PackSet::RemoveLocked(const Digest& diff_id) {
  // The tar first: an index alone is no pack.
  unlink(TarPath(diff_id).c_str());
  unlink(IndexPath(diff_id).c_str());
  packs_.erase(diff_id);
  on_damage_();
}

}  // namespace kasane
