#include "src/trace/side_thread.h"

#include <gtest/gtest.h>

#include <memory>

#include "absl/synchronization/notification.h"

namespace kasane {
namespace {

TEST(SideThread, DoesWhatItIsGiven) {
  SideThread side;
  auto sum = std::make_shared<int>(0);
  for (int i = 1; i <= 10; ++i) EXPECT_TRUE(side.Do([sum, i] { *sum += i; }, absl::InfiniteDuration()));
  EXPECT_EQ(*sum, 55);
}

TEST(SideThread, NobodyWaitsLongerThanHeLikes) {
  auto end = std::make_shared<absl::Notification>();
  auto done = std::make_shared<absl::Notification>();
  SideThread side;
  EXPECT_FALSE(side.Do([end] { end->WaitForNotification(); }, absl::Milliseconds(1)));
  EXPECT_FALSE(side.Do([done] { done->Notify(); }, absl::Milliseconds(1)));
  EXPECT_FALSE(done->HasBeenNotified());
  end->Notify();
  EXPECT_TRUE(side.Do([] {}, absl::InfiniteDuration()));
  EXPECT_TRUE(done->HasBeenNotified());
}

TEST(SideThread, IsStartedWhenItIsNeeded) { SideThread side; }

}  // namespace
}  // namespace kasane
