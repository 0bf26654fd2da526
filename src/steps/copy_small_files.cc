#include "src/steps/copy_small_files.h"

#include "src/base/status.h"

namespace kasane {
namespace {

// So many are worth a pack. Whoever looks for a blob looks in every pack, so there must not be too many of
// them.
constexpr size_t kMany = 512;

}  // namespace

absl::Status SmallFiles::Put(const Digest& digest, std::string content) {
  absl::MutexLock lock(&mutex_);
  if (!known_.insert(digest).second) return absl::OkStatus();
  if (pack_.has_value()) return AddToPack(digest, content);
  few_.emplace_back(digest, std::move(content));
  if (few_.size() < kMany) return absl::OkStatus();
  pack_.emplace(store_->NewPack());
  for (const auto& [name, bytes] : few_) RETURN_IF_ERROR(AddToPack(name, bytes));
  few_.clear();
  return absl::OkStatus();
}

absl::Status SmallFiles::AddToPack(const Digest& digest, absl::string_view content) {
  pack_->AddFile(digest, pack_->size(), static_cast<int64_t>(content.size()));
  return pack_->Write(content);
}

absl::Status SmallFiles::Finish() {
  absl::MutexLock lock(&mutex_);
  if (pack_.has_value()) return pack_->Commit().status();
  for (const auto& [digest, content] : few_) RETURN_IF_ERROR(store_->PutBlob(content).status());
  return absl::OkStatus();
}

}  // namespace kasane
