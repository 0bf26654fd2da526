#include "src/steps/run_clock.h"

#include "gtest/gtest.h"

namespace kasane {
namespace {

TEST(CacheClock, AnotherContentIsNew) {
  CacheClock clock;
  const Digest a = Sha256Of("a"), b = Sha256Of("b");
  EXPECT_EQ(clock.Show("x", a, {10, 1}), (Timestamp{10, 1}));
  EXPECT_EQ(clock.Show("x", a, {20, 2}), (Timestamp{10, 1}));
  EXPECT_EQ(clock.Show("y", a, {20, 2}), (Timestamp{20, 2}));
  CacheClock read = CacheClock::Decode(clock.Encode());
  EXPECT_EQ(read.Show("x", a, {30, 3}), (Timestamp{10, 1}));
  EXPECT_EQ(read.Show("x", b, {30, 3}), (Timestamp{30, 3}));
  EXPECT_EQ(read.Show("x", a, {40, 4}), (Timestamp{40, 4}));  // it came back
}

TEST(CacheClock, MalformedIsEmpty) {
  CacheClock clock;
  clock.Show("x", Sha256Of("a"), {10, 1});
  const std::string bytes = clock.Encode();
  for (const std::string& bad :
       {std::string(), bytes.substr(0, bytes.size() - 1), bytes + "x", "KSNX" + bytes.substr(4)}) {
    CacheClock read = CacheClock::Decode(bad);
    EXPECT_EQ(read.Show("x", Sha256Of("a"), {30, 3}), (Timestamp{30, 3}));
  }
}

}  // namespace
}  // namespace kasane
