#include "src/base/child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kasane {
namespace {

using ::testing::HasSubstr;

ChildCommand Command(std::vector<std::string> words) {
  ChildCommand command;
  command.words = std::move(words);
  return command;
}

TEST(ChildTest, OutputErrorsAndExitCodes) {
  const std::vector<ChildResult> results =
      RunChildren({Command({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}),
                   Command({"/no/such/program"}), Command({"sh", "-c", "kill -9 $$"})});
  EXPECT_EQ(results[0].out, "out\n");
  EXPECT_EQ(results[0].err, "err\n");
  EXPECT_EQ(results[0].exit_code, 3);
  EXPECT_EQ(results[1].exit_code, -1);
  EXPECT_THAT(results[1].err, HasSubstr("cannot run /no/such/program: No such file"));
  EXPECT_EQ(results[2].exit_code, 128 + 9);
}

TEST(ChildTest, EnvironmentDirectoryAndUmask) {
  ChildCommand command = Command({"/bin/sh", "-c", "pwd; echo $X$HOME; umask; cat"});
  command.env = {"X=y"};
  command.directory = "/";
  command.umask = 027;
  const std::vector<ChildResult> results = RunChildren({command});
  EXPECT_EQ(results[0].out, "/\ny\n0027\n") << results[0].err;
}

}  // namespace
}  // namespace kasane
