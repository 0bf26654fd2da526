#include "src/registry/backoff.h"

#include "absl/time/civil_time.h"
#include "gtest/gtest.h"

namespace kasane {
namespace {

TEST(Backoff, Statuses) {
  for (long status : {408, 429, 499, 500, 502, 503, 504, 522}) EXPECT_TRUE(IsTransient(status)) << status;
  for (long status : {200, 301, 400, 401, 403, 404, 416, 501, 505})
    EXPECT_FALSE(IsTransient(status)) << status;
}

TEST(Backoff, RetryAfter) {
  const absl::Time now = absl::FromCivil(absl::CivilSecond(2024, 5, 6, 7, 8, 9), absl::UTCTimeZone());
  EXPECT_EQ(ParseRetryAfter("7", now), absl::Seconds(7));
  EXPECT_EQ(ParseRetryAfter("Mon, 06 May 2024 07:08:19 GMT", now), absl::Seconds(10));
  EXPECT_EQ(ParseRetryAfter("Mon, 06 May 2024 07:00:00 GMT", now), absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter("", now), absl::nullopt);
  EXPECT_EQ(ParseRetryAfter("-1", now), absl::nullopt);
  EXPECT_EQ(ParseRetryAfter("soon", now), absl::nullopt);
}

TEST(Backoff, Delay) {
  EXPECT_EQ(RetryDelay(1, 0, absl::nullopt), absl::Milliseconds(200));
  EXPECT_EQ(RetryDelay(3, 0, absl::nullopt), absl::Milliseconds(800));
  EXPECT_EQ(RetryDelay(3, 1, absl::nullopt), absl::Milliseconds(400));
  EXPECT_EQ(RetryDelay(100, 0, absl::nullopt), absl::Seconds(30));
  EXPECT_EQ(RetryDelay(1, 0, absl::Seconds(5)), absl::Seconds(5));
  EXPECT_EQ(RetryDelay(1, 0, absl::Hours(5)), absl::Seconds(30));
}

}  // namespace
}  // namespace kasane
