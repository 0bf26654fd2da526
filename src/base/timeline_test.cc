#include "src/base/timeline.h"

#include <gtest/gtest.h>

#include "src/base/file.h"
#include "src/base/json.h"

namespace kasane {
namespace {

TEST(Timeline, SpansAreKeptAndTraced) {
  { Span before("before it is on"); }
  EXPECT_TRUE(TimelineSoFar().empty());
  StartTimeline();
  {
    Span outer("outer");
    Span inner("inner");
    inner.Count(3, "files");
  }
  const std::vector<Stretch> stretches = TimelineSoFar();
  ASSERT_EQ(stretches.size(), 2u);
  EXPECT_EQ(stretches[0].name, "outer");
  EXPECT_EQ(stretches[1].name, "inner");
  EXPECT_GE(stretches[0].duration, stretches[1].duration);

  const std::string path = testing::TempDir() + "/trace.json";
  EXPECT_FALSE(AppendToTrace(path + ".none", "gen").ok());
  ASSERT_TRUE(BeginTrace(path).ok());
  ASSERT_TRUE(AppendToTrace(path, "gen").ok());
  ASSERT_TRUE(AppendToTrace(path, "a \"step\"").ok());
  const std::string text = ReadFile(path).value();
  ASSERT_EQ(text.substr(text.size() - 2), ",\n");
  const Json events = ParseJson(text.substr(0, text.size() - 2) + "]", path).value();
  ASSERT_EQ(events.size(), 6u);
  EXPECT_EQ(events[2]["args"]["files"], 3);
  EXPECT_EQ(events[3]["args"]["name"], "a \"step\"");
}

TEST(Timeline, NoteOfTheTraceFile) {
  const std::string dir = testing::TempDir();
  EXPECT_EQ(ReadTraceNote(dir), "");
  ASSERT_TRUE(WriteTraceNote(dir, "/tmp/t.json").ok());
  EXPECT_EQ(ReadTraceNote(dir), "/tmp/t.json");
  ASSERT_TRUE(WriteTraceNote(dir, "").ok());
  ASSERT_TRUE(WriteTraceNote(dir, "").ok());
  EXPECT_EQ(ReadTraceNote(dir), "");
}

}  // namespace
}  // namespace kasane
