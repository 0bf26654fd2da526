#include "src/oci/chunk_queue.h"

#include <utility>

namespace kasane {

Chunk ChunkQueue::NewChunk() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!free_.empty()) {
      Chunk chunk = std::move(free_.back());
      free_.pop_back();
      chunk.size = 0;
      return chunk;
    }
  }
  return {std::unique_ptr<char[]>(new char[chunk_size_]), 0};
}

bool ChunkQueue::Push(Chunk chunk) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return full_.size() < capacity_ || cancelled_; });
  if (cancelled_) return false;
  full_.push_back(std::move(chunk));
  changed_.notify_all();
  return true;
}

void ChunkQueue::Close() {
  std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool ChunkQueue::Pop(Chunk* chunk) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return !full_.empty() || closed_ || cancelled_; });
  if (cancelled_ || full_.empty()) return false;
  *chunk = std::move(full_.front());
  full_.pop_front();
  changed_.notify_all();
  return true;
}

void ChunkQueue::Recycle(Chunk chunk) {
  std::lock_guard<std::mutex> lock(mutex_);
  free_.push_back(std::move(chunk));
}

void ChunkQueue::Cancel() {
  std::lock_guard<std::mutex> lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

}  // namespace kasane
