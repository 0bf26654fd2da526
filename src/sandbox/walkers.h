// Who looks at everything that he lists: find -size, ls -lR, du, tar. Such an asker need not ask for each
// name: a listing can bring its attributes along.
#ifndef KASANE_SRC_SANDBOX_WALKERS_H_
#define KASANE_SRC_SANDBOX_WALKERS_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "src/sandbox/observer.h"

namespace kasane {

// Thread safe. A thread (`pid`) is taken for a walker once it has looked at each name of two directories in
// turn before it opened the next one; only those without subdirectories count, as walkers go down in
// different orders. Of what a walker lists, each 16th directory is left to its questions: it may have changed
// its ways.
class Walkers {
 public:
  // To be called at each opening of a directory and at each question for attributes.
  void Opens(uint32_t pid, const SeenNode& directory);
  void Looks(uint32_t pid, const SeenNode& node);
  // True if the listing of the directory that this thread has just opened is to bring all along.
  bool Anticipates(uint32_t pid, const SeenNode& directory);

 private:
  struct Walk {
    const SeenNode* opened = nullptr;
    bool anticipated = false;
    const SeenNode* leaf = nullptr;  // `opened`, if it tells something about its opener
    size_t looked = 0;               // how many names of `leaf` were looked at
    int in_turn = 0;                 // directories all of whose names were looked at
    uint32_t directories = 0;
  };
  absl::Mutex mutex_;
  absl::flat_hash_map<uint32_t, Walk> walks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_WALKERS_H_
