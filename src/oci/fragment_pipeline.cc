#include "src/oci/fragment_pipeline.h"

#include <algorithm>
#include <utility>

#include "src/base/status.h"

namespace kasane {
namespace {

// Enough for every thread to have work; more would only be memory that is no longer in a cache when it is
// wanted.
constexpr uint64_t kLeastUnderWay = 16 << 20;
constexpr uint64_t kUnderWayPerJob = 4 << 20;

}  // namespace

FragmentPipeline::FragmentPipeline(Compression compression, int level, int jobs, Sha256 diff_id,
                                   const FragmentCache& known, Sink sink)
    : compression_(compression),
      level_(level),
      jobs_(static_cast<size_t>(std::max(1, jobs))),
      known_(known),
      sink_(std::move(sink)),
      diff_id_(diff_id) {}

FragmentPipeline::~FragmentPipeline() {
  Fail(absl::CancelledError("the layer was given up"));
  for (std::thread& thread : threads_) thread.join();
}

absl::Status FragmentPipeline::Add(PipelineFragment fragment) {
  auto task = std::make_shared<Task>();
  task->fragment = std::move(fragment);
  if (threads_.empty()) {
    if (first_ == nullptr) {
      first_ = std::move(task);
      return absl::OkStatus();
    }
    Start();
    RETURN_IF_ERROR(Add(std::move(std::exchange(first_, nullptr)->fragment)));
  }
  task->known = task->packed = !task->fragment.packed.empty();
  const uint64_t most = std::max(kLeastUnderWay, jobs_ * kUnderWayPerJob);
  absl::MutexLock lock(&mutex_);
  auto has_room = [this, most]()
                      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return under_way_ < most || !status_.ok(); };
  mutex_.Await(absl::Condition(&has_room));
  RETURN_IF_ERROR(status_);
  under_way_ += task->fragment.size;
  to_hash_.push_back(task);
  if (!task->packed) to_pack_.push_back(task);
  to_write_.push_back(std::move(task));
  return absl::OkStatus();
}

absl::Status FragmentPipeline::Finish() {
  if (first_ != nullptr) {
    PipelineFragment& fragment = first_->fragment;
    first_->known = !fragment.packed.empty();
    RETURN_IF_ERROR(Hash(&fragment));
    FragmentCompressor compressor(compression_, level_);
    if (!first_->known) RETURN_IF_ERROR(Pack(&compressor, &fragment));
    return Write(*first_);
  }
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  absl::MutexLock lock(&mutex_);
  return status_;
}

void FragmentPipeline::Start() {
  threads_.emplace_back([this] { WriteAll(); });
  threads_.emplace_back([this] { HashAll(); });
  for (size_t i = 0; i < jobs_; ++i) threads_.emplace_back([this] { PackAll(); });
}

std::shared_ptr<FragmentPipeline::Task> FragmentPipeline::Next(Queue* queue) {
  absl::MutexLock lock(&mutex_);
  auto ready = [this, queue]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!status_.ok()) return true;
    if (queue->empty()) return closed_;
    return queue != &to_write_ || (queue->front()->hashed && queue->front()->packed);
  };
  mutex_.Await(absl::Condition(&ready));
  if (!status_.ok() || queue->empty()) return nullptr;
  std::shared_ptr<Task> task = std::move(queue->front());
  queue->pop_front();
  return task;
}

void FragmentPipeline::HashAll() {
  while (std::shared_ptr<Task> task = Next(&to_hash_)) {
    const absl::Status status = Hash(&task->fragment);
    if (!status.ok()) return Fail(status);
    absl::MutexLock lock(&mutex_);
    task->hashed = true;
  }
}

void FragmentPipeline::PackAll() {
  FragmentCompressor compressor(compression_, level_);
  while (std::shared_ptr<Task> task = Next(&to_pack_)) {
    const absl::Status status = Pack(&compressor, &task->fragment);
    if (!status.ok()) return Fail(status);
    absl::MutexLock lock(&mutex_);
    task->packed = true;
  }
}

void FragmentPipeline::WriteAll() {
  while (std::shared_ptr<Task> task = Next(&to_write_)) {
    const absl::Status status = Write(*task);
    if (!status.ok()) return Fail(status);
    absl::MutexLock lock(&mutex_);
    under_way_ -= task->fragment.size;
  }
}

absl::Status FragmentPipeline::Hash(PipelineFragment* fragment) {
  if (!fragment->raw.empty()) {
    diff_id_.Update(fragment->raw.view());
  } else if (!fragment->pieces.empty()) {
    uint32_t crc = 0;
    for (const FragmentBytes& piece : fragment->pieces) {
      // In this order: SHA-256 is slow enough for what it needs to come from memory meanwhile.
      diff_id_.Update(piece.view());
      crc = Crc32(piece.view(), crc);
    }
    if (crc != fragment->row.raw_crc) return absl::AbortedError("a stored file, or fragment, is damaged");
  } else {
    return absl::OkStatus();
  }
  fragment->row.state = diff_id_.SaveState();
  return absl::OkStatus();
}

absl::Status FragmentPipeline::Write(const Task& task) const {
  const PipelineFragment& fragment = task.fragment;
  RETURN_IF_ERROR(sink_(fragment));
  if (task.known && Crc32(fragment.packed.view()) != fragment.row.packed_crc) {
    return absl::AbortedError("a stored fragment is damaged");
  }
  return absl::OkStatus();
}

absl::Status FragmentPipeline::Pack(FragmentCompressor* compressor, PipelineFragment* fragment) const {
  FragmentRow& row = fragment->row;
  row.raw_crc = Crc32(fragment->raw.view());
  if (fragment->is_piece) {
    row.content = Sha256Of(fragment->raw.view());
    const FragmentCache::Place* place = known_.FindPiece(row.content);
    absl::StatusOr<FragmentBytes> packed = absl::NotFoundError("");
    if (place != nullptr) packed = FragmentCache::Read(*place);
    if (packed.ok()) {
      row.packed_crc = place->row->packed_crc;
      fragment->packed = *std::move(packed);
      return absl::OkStatus();
    }
  }
  ASSIGN_OR_RETURN(fragment->packed, compressor->Compress(fragment->raw.view()));
  row.packed_crc = Crc32(fragment->packed.view());
  return absl::OkStatus();
}

void FragmentPipeline::Fail(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (status_.ok()) status_ = status;
}

}  // namespace kasane
