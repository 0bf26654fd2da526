// The threads of a layer: while the caller reads fragments, others compress them, hash them for the diff_id,
// and write what is compressed.
#ifndef KASANE_SRC_OCI_FRAGMENT_PIPELINE_H_
#define KASANE_SRC_OCI_FRAGMENT_PIPELINE_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "src/base/digest.h"
#include "src/oci/compression.h"
#include "src/oci/fragment_bytes.h"
#include "src/oci/fragment_index.h"

namespace kasane {

// A fragment under way. The caller gives `row.key`, `size` and `raw`; of one that is known, `packed`, the row
// and `pieces` (none: the diff_id's hash is to be taken as done up to here).
struct PipelineFragment {
  FragmentRow row;
  uint64_t size = 0;  // uncompressed
  bool is_piece = false;
  FragmentBytes raw;
  std::vector<FragmentBytes> pieces;  // what `raw` would be
  FragmentBytes packed;
};

// What comes out does not depend on `jobs`. Memory: about 16 MiB of fragments, or 4 for each job,
// uncompressed, and what they are compressed. Used by one thread. Of fragments that are known the bytes are
// checked, each where it is in a cache anyway: kAborted if their CRCs are not the row's. `sink` gets the
// fragments in order, all but `row.end` filled in, on one thread at a time.
class FragmentPipeline {
 public:
  using Sink = std::function<absl::Status(const PipelineFragment& fragment)>;

  // `diff_id`: the hash as it is before the first fragment that has `raw`. `known`: pieces of files are
  // looked up in it.
  FragmentPipeline(Compression compression, int level, int jobs, Sha256 diff_id, const FragmentCache& known,
                   Sink sink);
  ~FragmentPipeline();
  FragmentPipeline(const FragmentPipeline&) = delete;
  FragmentPipeline& operator=(const FragmentPipeline&) = delete;

  // Waits if too much is under way.
  absl::Status Add(PipelineFragment fragment);
  // After the last one. Then `diff_id` is complete.
  absl::Status Finish();
  const Sha256& diff_id() const { return diff_id_; }

 private:
  struct Task {
    PipelineFragment fragment;
    bool hashed = false;
    bool packed = false;
    bool known = false;  // given as such
  };
  using Queue = std::deque<std::shared_ptr<Task>>;

  void Start();
  void HashAll();
  void PackAll();
  void WriteAll();
  // The next task of a queue; null: there will be none.
  std::shared_ptr<Task> Next(Queue* queue);
  absl::Status Pack(FragmentCompressor* compressor, PipelineFragment* fragment) const;
  absl::Status Hash(PipelineFragment* fragment);
  absl::Status Write(const Task& task) const;
  void Fail(const absl::Status& status);

  const Compression compression_;
  const int level_;
  const size_t jobs_;
  const FragmentCache& known_;
  const Sink sink_;
  Sha256 diff_id_;               // of the thread that hashes, while it runs
  std::shared_ptr<Task> first_;  // waits for a second one: a layer of one fragment takes no threads
  std::vector<std::thread> threads_;

  absl::Mutex mutex_;
  Queue to_hash_ ABSL_GUARDED_BY(mutex_);
  Queue to_pack_ ABSL_GUARDED_BY(mutex_);
  Queue to_write_ ABSL_GUARDED_BY(mutex_);
  uint64_t under_way_ ABSL_GUARDED_BY(mutex_) = 0;  // bytes
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);  // the first error
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_FRAGMENT_PIPELINE_H_
