// Compresses fragments on several threads and gives them back in order.
#ifndef KASANE_SRC_OCI_PARALLEL_COMPRESSOR_H_
#define KASANE_SRC_OCI_PARALLEL_COMPRESSOR_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/oci/compression.h"

namespace kasane {

// What comes out does not depend on `jobs`. Memory: about 3 x jobs fragments. Used by one thread, which also
// is the one that `sink` is called on.
class ParallelCompressor {
 public:
  using Sink = std::function<absl::Status(absl::string_view compressed)>;

  ParallelCompressor(Compression compression, int level, int jobs, Sink sink);
  ~ParallelCompressor();
  ParallelCompressor(const ParallelCompressor&) = delete;
  ParallelCompressor& operator=(const ParallelCompressor&) = delete;

  // Hands finished fragments to the sink; waits if too many are under way.
  absl::Status Add(std::string fragment);
  absl::Status Finish();

 private:
  struct Task {
    std::string data;  // the fragment, then its compressed form
    absl::Status status;
    bool done = false;
  };
  void Work();
  absl::Status Drain(size_t keep);

  const Compression compression_;
  const int level_;
  const size_t jobs_;
  const Sink sink_;
  std::deque<std::shared_ptr<Task>> in_order_;  // used by the caller's thread only
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_;
  std::deque<std::shared_ptr<Task>> waiting_;
  bool closed_ = false;
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_PARALLEL_COMPRESSOR_H_
