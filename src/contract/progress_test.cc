#include "src/contract/progress.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "src/base/file.h"

namespace kasane {
namespace {

TEST(Progress, SaysNothingWhereNobodyListens) {
  unsetenv(kProgressVariable);
  EXPECT_FALSE(Progress::FromEnvironment("r").on());
  setenv(kProgressVariable, "1", 1);  // standard output is no listener
  EXPECT_FALSE(Progress::FromEnvironment("r").on());
  const UniqueFd file(open("/dev/null", O_RDWR));
  setenv(kProgressVariable, absl::StrCat(file.get()).c_str(), 1);
  EXPECT_FALSE(Progress::FromEnvironment("r").on());
  unsetenv(kProgressVariable);
  Progress().End("nothing", true);
}

TEST(Progress, MessagesComeWhole) {
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
  const UniqueFd ours(fds[0]);
  UniqueFd theirs(fds[1]);
  setenv(kProgressVariable, absl::StrCat(fds[1]).c_str(), 1);
  const Progress progress = Progress::FromEnvironment(".kasane/records/0/1-run.json");
  unsetenv(kProgressVariable);
  ASSERT_TRUE(progress.on());
  EXPECT_EQ(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
  progress.HandOn();
  EXPECT_EQ(fcntl(fds[1], F_GETFD), 0);
  EXPECT_EQ(std::string(std::getenv(kProgressVariable)),
            absl::StrCat(fds[1], " .kasane/records/0/1-run.json"));
  const Progress same = Progress::FromEnvironment("another name");
  EXPECT_EQ(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
  unsetenv(kProgressVariable);
  same.Start("RUN \"x\"");
  progress.Log(std::string(6000, '\1'));
  progress.End("", false);
  const auto next = [&] {
    std::string buffer(kLongestNews, '\0');
    const ssize_t size = recv(ours.get(), buffer.data(), buffer.size(), 0);
    EXPECT_GT(size, 0);
    return ParseStepNews(absl::string_view(buffer.data(), static_cast<size_t>(size)));
  };
  absl::optional<StepNews> news = next();
  ASSERT_TRUE(news.has_value());
  EXPECT_EQ(news->step, ".kasane/records/0/1-run.json");
  EXPECT_EQ(news->text, "RUN \"x\"");
  std::string log;
  for (news = next(); news.has_value() && news->kind == StepNews::Kind::kLog; news = next())
    log += news->text;
  EXPECT_EQ(log, std::string(6000, '\1'));
  ASSERT_TRUE(news.has_value());
  EXPECT_EQ(news->kind, StepNews::Kind::kEnd);
  EXPECT_FALSE(news->ok);
  theirs.reset();
  progress.End("to nobody", true);  // neither blocks nor kills
}

TEST(Progress, OtherMessagesAreNone) {
  EXPECT_FALSE(ParseStepNews("").has_value());
  EXPECT_FALSE(ParseStepNews("{\"event\":\"else\"}").has_value());
}

}  // namespace
}  // namespace kasane
