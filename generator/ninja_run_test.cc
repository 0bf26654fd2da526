#include "generator/ninja_run.h"

#include "gtest/gtest.h"

namespace kasane {
namespace {

TEST(WhatWentWrong, IsWhatCommandsSay) {
  EXPECT_EQ(WhatWentWrong("\x1e[0] RUN true\n\x1e[0] RUN false\n"
                          "FAILED: .kasane/records/0/2-run.json\nexec gen step --dir .kasane\nlast words\n"
                          "Dockerfile:3:1: error: the command failed with exit code 1\n\n"
                          "ninja: build stopped: subcommand failed.\n"),
            "last words\nDockerfile:3:1: error: the command failed with exit code 1\n");
  EXPECT_EQ(WhatWentWrong("ninja: error: unknown target 'x'\n"), "ninja: error: unknown target 'x'\n");
  EXPECT_EQ(WhatWentWrong(""), "");
}

}  // namespace
}  // namespace kasane
