#include "generator/build_progress.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kStart = StepNews::Kind::kStart;
constexpr auto kLog = StepNews::Kind::kLog;
constexpr auto kEnd = StepNews::Kind::kEnd;

absl::Time At(double seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }

TEST(BuildProgress, GoesByWhatStepsTell) {
  BuildProgress progress([](const std::string& step,
                            const std::string& text) { return text.empty() ? "title of " + step : text; },
                         [](const std::string&) { return 12.34; });
  std::vector<std::string> lines;
  progress.Take({kStart, "a", "RUN make", true}, At(0), &lines);
  const ShownStep* base = progress.Take({kStart, "b", "", true}, At(0.5), &lines);
  EXPECT_EQ(base->title, "title of b");
  EXPECT_EQ(base->number, 2);
  progress.Take({kLog, "a", "one\ntw", true}, At(1), &lines);
  EXPECT_THAT(lines, ElementsAre("one"));
  progress.Take({kLog, "a", "o\n10%\r20%\n", true}, At(1), &lines);
  EXPECT_THAT(lines, ElementsAre("one", "two", "20%"));
  EXPECT_THAT(RunningLines(progress, At(2), 30, 10),
              ElementsAre(" => RUN make              2.0s", " => => # one", " => => # two", " => => # 20%",
                          " => title of b            1.5s"));
  EXPECT_THAT(RunningLines(progress, At(2), 30, 2),
              ElementsAre(" => RUN make              2.0s", " => title of b            1.5s"));
  EXPECT_EQ(EndLine(*progress.Take({kEnd, "a", "ran RUN make", true}, At(3), nullptr), 30),
            " => RUN make              3.0s");
  EXPECT_EQ(EndLine(*progress.Take({kEnd, "b", "hit RUN x: why", true}, At(3), nullptr), 30),
            " => HIT title of b  took 12.3s");
  EXPECT_THAT(RunningLines(progress, At(3), 30, 10), IsEmpty());
  EXPECT_TRUE(progress.Ran("a"));
  EXPECT_FALSE(progress.Ran("b"));
  EXPECT_FALSE(progress.Knows("c"));
  EXPECT_EQ(EndLine(*progress.Take({kEnd, "c", "", false}, At(4), nullptr), 30),
            " => ERROR title of c      0.0s");
}

TEST(PlainLine, MovesNoCursor) {
  EXPECT_EQ(PlainLine("\x1b[31mred\x1b[0m\ttext\x07"), "red text");
  EXPECT_EQ(PlainLine("10%\r20%\r"), "20%");
  EXPECT_EQ(PlainLine("\x1b["), "");
}

}  // namespace
}  // namespace kasane
