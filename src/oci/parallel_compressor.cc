#include "src/oci/parallel_compressor.h"

#include <algorithm>
#include <utility>

#include "src/base/status.h"

namespace kasane {

ParallelCompressor::ParallelCompressor(Compression compression, int level, int jobs, Sink sink)
    : compression_(compression),
      level_(level),
      jobs_(static_cast<size_t>(std::max(1, jobs))),
      sink_(std::move(sink)) {}

ParallelCompressor::~ParallelCompressor() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    waiting_.clear();
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

absl::Status ParallelCompressor::Add(std::string fragment) {
  auto task = std::make_shared<Task>();
  task->data = std::move(fragment);
  in_order_.push_back(task);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back(std::move(task));
  }
  // A layer of one fragment takes one thread.
  if (threads_.size() < jobs_) threads_.emplace_back([this] { Work(); });
  work_.notify_one();
  return Drain(2 * jobs_);
}

absl::Status ParallelCompressor::Finish() { return Drain(0); }

absl::Status ParallelCompressor::Drain(size_t keep) {
  while (!in_order_.empty()) {
    Task& task = *in_order_.front();
    {
      std::unique_lock<std::mutex> lock(mutex_);
      if (in_order_.size() <= keep && !task.done) break;
      done_.wait(lock, [&task] { return task.done; });
    }
    RETURN_IF_ERROR(task.status);
    RETURN_IF_ERROR(sink_(task.data));
    in_order_.pop_front();
  }
  return absl::OkStatus();
}

void ParallelCompressor::Work() {
  FragmentCompressor compressor(compression_, level_);
  while (true) {
    std::shared_ptr<Task> task;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      work_.wait(lock, [this] { return !waiting_.empty() || closed_; });
      if (waiting_.empty()) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
    }
    absl::StatusOr<std::string> compressed = compressor.Compress(task->data);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (compressed.ok()) {
        task->data = *std::move(compressed);
      } else {
        task->status = compressed.status();
      }
      task->done = true;
    }
    done_.notify_one();
  }
}

}  // namespace kasane
