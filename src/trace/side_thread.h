// A thread that does what may take long, or for ever, for threads that may not wait.
#ifndef KASANE_SRC_TRACE_SIDE_THREAD_H_
#define KASANE_SRC_TRACE_SIDE_THREAD_H_

#include <deque>
#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace kasane {

// Thread safe. The thread is started when it is needed first.
class SideThread {
 public:
  SideThread() = default;
  ~SideThread();  // waits for what it is doing; what it has not begun is dropped

  // False: not done within `patience`. It may be done later, so `work` owns all that it works on.
  bool Do(std::function<void()> work, absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ending_ || !work_.empty(); }

  absl::Mutex mutex_;
  std::deque<std::function<void()>> work_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_SIDE_THREAD_H_
