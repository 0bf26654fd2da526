#include "src/steps/run_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class WhatToAskAheadTest : public testing::Test {
 protected:
  WhatToAskAheadTest() {
    for (int i = 0; i < 100; ++i) {  // enough to be worth it
      const std::string path = absl::StrCat("opt/many/f", i);
      base_ = With(base_, path);
      last_.push_back({path, fact::kStat, {}});
    }
    base_ = With(base_, "usr/lib/python3.11/os.py");
    base_ = With(base_, "etc/sub/a");
    base_ = With(base_, "opt/d/a");
    shown_ = base_;
  }
  static Tree With(const Tree& tree, const std::string& path, uint64_t size = 1) {
    DeltaEntry entry;
    entry.path = path;
    entry.entry.size = size;
    return tree.Apply(Delta::FromEntries({entry}).value()).value();
  }
  AskedAhead Ask(const std::string& path, uint32_t facts) {
    std::vector<Observation> all = last_;
    all.push_back({path, facts, {}});
    return WhatToAskAhead(PathSet::FromObservations(all, {}), shown_, base_, FrequentFiles(base_));
  }

  Tree base_, shown_;
  std::vector<Observation> last_;
};

TEST_F(WhatToAskAheadTest, OfABaseWhatWasAsked) {
  EXPECT_THAT(Ask("opt/d/a", fact::kStat).tree.names, Contains("opt/d/a"));
  EXPECT_THAT(Ask("opt/d", fact::kType | fact::kList).tree.lists, ElementsAre("opt/d"));
  EXPECT_THAT(Ask("opt/d", fact::kType).tree.lists, IsEmpty());
  EXPECT_THAT(Ask("opt/d/none", fact::kAbsent).tree.names, Contains("opt/d/none"));
  EXPECT_THAT(Ask("opt/none/none", fact::kAbsent).tree.names, Not(Contains("opt/none/none")));
}

TEST_F(WhatToAskAheadTest, OfFrequentFilesTheirFileSystem) {
  const AskedAhead read = Ask("usr/lib/python3.11/os.py", fact::kStat | fact::kContent);
  EXPECT_THAT(read.frequent.lists, ElementsAre("usr/lib/python3.11"));
  EXPECT_THAT(read.frequent.contents, ElementsAre("usr/lib/python3.11/os.py"));
  EXPECT_THAT(read.tree.names, Not(Contains("usr/lib/python3.11/os.py")));
  EXPECT_THAT(Ask("usr/lib/python3.11/os.py", fact::kStat).frequent.contents, IsEmpty());
  // Both have the directory, and are asked for what is in neither.
  const AskedAhead absent = Ask("usr/lib/python3.11/os.so", fact::kAbsent);
  EXPECT_THAT(absent.frequent.names, ElementsAre("usr/lib/python3.11/os.so"));
  EXPECT_THAT(absent.tree.names, Contains("usr/lib/python3.11/os.so"));
}

// It would be recorded at each RUN from now on, and each change of it would make the RUN run.
TEST_F(WhatToAskAheadTest, NothingThatIsNotTheBases) {
  shown_ = With(shown_, "src/main.go");
  shown_ = With(shown_, "opt/d/new");
  shown_ = With(shown_, "opt/d/a", 2);
  EXPECT_THAT(Ask("src/main.go", fact::kStat).tree.names, Not(Contains("src/main.go")));
  EXPECT_THAT(Ask("src/none", fact::kAbsent).tree.names, Not(Contains("src/none")));
  EXPECT_THAT(Ask("opt/d/new", fact::kAbsent).tree.names, Not(Contains("opt/d/new")));
  EXPECT_THAT(Ask("opt/d/a", fact::kStat).tree.names, Not(Contains("opt/d/a")));
  EXPECT_THAT(Ask("opt/d", fact::kType | fact::kList).tree.lists, IsEmpty());
  EXPECT_THAT(Ask("opt/d", fact::kType | fact::kList).tree.names, Contains("opt/d"));
}

TEST_F(WhatToAskAheadTest, NothingIfItIsLittle) {
  last_.resize(10);
  const AskedAhead ahead = Ask("opt/d/a", fact::kStat);
  EXPECT_EQ(ahead.size(), 0);
}

}  // namespace
}  // namespace kasane
