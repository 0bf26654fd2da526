#include "src/trace/side_thread.h"

#include <memory>
#include <utility>

#include "absl/synchronization/notification.h"

namespace kasane {

SideThread::~SideThread() {
  std::thread thread;
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
    thread = std::move(thread_);
  }
  if (thread.joinable()) thread.join();
}

void SideThread::Run() {
  while (true) {
    std::function<void()> work;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &SideThread::HasWork));
      if (ending_) return;
      work = std::move(work_.front());
      work_.pop_front();
    }
    work();
  }
}

bool SideThread::Do(std::function<void()> work, absl::Duration patience) {
  auto done = std::make_shared<absl::Notification>();
  {
    absl::MutexLock lock(&mutex_);
    work_.emplace_back([work = std::move(work), done] {
      work();
      done->Notify();
    });
    if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  }
  return done->WaitForNotificationWithTimeout(patience);
}

}  // namespace kasane
