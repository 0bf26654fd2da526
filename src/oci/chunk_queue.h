// A bounded queue of byte buffers between two threads of a pipeline. Buffers go back to the writer and are
// used again, so that a layer of any size passes through the same few pages.
#ifndef KASANE_SRC_OCI_CHUNK_QUEUE_H_
#define KASANE_SRC_OCI_CHUNK_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

struct Chunk {
  std::unique_ptr<char[]> bytes;  // of ChunkQueue::chunk_size
  size_t size = 0;
  absl::string_view view() const { return {bytes.get(), size}; }
};

class ChunkQueue {
 public:
  ChunkQueue(size_t chunk_size, size_t capacity) : chunk_size_(chunk_size), capacity_(capacity) {}
  size_t chunk_size() const { return chunk_size_; }

  // The writer's side. An empty buffer; its old content is not cleared.
  Chunk NewChunk();
  // Waits for room. False if the reader has cancelled: then the chunk is dropped.
  bool Push(Chunk chunk);
  void Close();  // no more will come

  // The reader's side. Waits for a chunk; false once the queue is closed and empty, or cancelled.
  bool Pop(Chunk* chunk);
  void Recycle(Chunk chunk);
  void Cancel();  // by either side: wakes both up

 private:
  const size_t chunk_size_;
  const size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Chunk> full_;
  std::vector<Chunk> free_;
  bool closed_ = false;
  bool cancelled_ = false;
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_CHUNK_QUEUE_H_
