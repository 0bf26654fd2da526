// Go's durations, EXPOSE's ports, STOPSIGNAL's signals.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/plan/duration.h"
#include "src/plan/ports.h"

namespace kasane {
namespace {

std::string Duration(absl::string_view text) {
  int64_t ns = 0;
  return ParseGoDuration(text, &ns) ? FormatGoDuration(ns) : "bad";
}

TEST(Duration, ParsesAndFormatsAsGo) {
  EXPECT_EQ(Duration("5s"), "5s");
  EXPECT_EQ(Duration("90s"), "1m30s");
  EXPECT_EQ(Duration("1h"), "1h0m0s");
  EXPECT_EQ(Duration("1.5s"), "1.5s");
  EXPECT_EQ(Duration("1500ms"), "1.5s");
  EXPECT_EQ(Duration("1h2m3.004s"), "1h2m3.004s");
  EXPECT_EQ(Duration("250us"), "250\xC2\xB5s");
  EXPECT_EQ(Duration("0"), "0s");
  EXPECT_EQ(Duration("-2s"), "-2s");
  EXPECT_EQ(Duration(".5m"), "30s");
  EXPECT_EQ(Duration("5"), "bad");
  EXPECT_EQ(Duration(""), "bad");
  EXPECT_EQ(Duration("1x"), "bad");
  EXPECT_EQ(Duration(".s"), "bad");
  EXPECT_EQ(Duration("99999999999h"), "bad");
}

std::string Ports(absl::string_view spec) {
  std::vector<std::string> ports;
  std::string error;
  return ParsePorts(spec, &ports, &error) ? absl::StrJoin(ports, " ") : "bad";
}

TEST(Ports, Forms) {
  EXPECT_EQ(Ports("80"), "80/tcp");
  EXPECT_EQ(Ports("53/UDP"), "53/udp");
  EXPECT_EQ(Ports("8-10/sctp"), "8/sctp 9/sctp 10/sctp");
  EXPECT_EQ(Ports("127.0.0.1:8080:80"), "80/tcp");
  EXPECT_EQ(Ports("[::1]:8080:80"), "80/tcp");
  EXPECT_EQ(Ports("8000-8001:80-81"), "80/tcp 81/tcp");
  EXPECT_EQ(Ports("8000-8009:80"), "80/tcp");
  EXPECT_EQ(Ports("8000:80-81"), "bad");
  EXPECT_EQ(Ports("x:8080:80"), "bad");
  EXPECT_EQ(Ports("70000"), "bad");
  EXPECT_EQ(Ports("9-8"), "bad");
  EXPECT_EQ(Ports("80/http"), "bad");
  EXPECT_EQ(Ports("/tcp"), "bad");
  EXPECT_EQ(Ports(""), "bad");
  EXPECT_EQ(Ports("-1"), "bad");
}

TEST(Signals, NamesAndNumbers) {
  for (absl::string_view good : {"9", "TERM", "sigterm", "SIGRTMIN+3", "RTMAX-14", "SIGRTMIN"}) {
    EXPECT_TRUE(IsSignal(good)) << good;
  }
  for (absl::string_view bad : {"0", "", "SIG", "FOO", "RTMIN+16", "RTMAX-15", "RTMIN+", "RTMIN+0"}) {
    EXPECT_FALSE(IsSignal(bad)) << bad;
  }
}

}  // namespace
}  // namespace kasane
