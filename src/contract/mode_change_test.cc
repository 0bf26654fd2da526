#include "src/contract/mode_change.h"

#include <gtest/gtest.h>

namespace kasane {
namespace {

uint32_t Apply(absl::string_view change, uint32_t mode, bool is_directory = false) {
  absl::StatusOr<ModeChange> parsed = ModeChange::Parse(change);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed->Apply(mode, is_directory);
}

TEST(ModeChangeTest, Octal) {
  EXPECT_EQ(Apply("6755", 0644), 06755u);
  EXPECT_EQ(Apply("0", 0644), 0u);
  EXPECT_EQ(Apply("", 04711), 04711u);
  EXPECT_EQ(ModeChange::Parse("6751")->MadeDirectoryMode(), 0751u);
  EXPECT_EQ(ModeChange::Parse("a=rx")->MadeDirectoryMode(), 0755u);
}

// Modes of a file 0640, a set-uid file 4755 and a directory 0711 after BuildKit's COPY --chmod.
TEST(ModeChangeTest, SymbolicAsMeasured) {
  struct Case {
    const char* change;
    uint32_t file, set_uid, directory;
  };
  for (const Case& c : {Case{"u=rwX,go=rX,a+t", 01644, 01755, 01755}, Case{"g+s,o-x", 02640, 06754, 02710},
                        Case{"a-s,u=g", 0440, 0555, 0111}, Case{"+X,-r", 0200, 04311, 0311}}) {
    EXPECT_EQ(Apply(c.change, 0640), c.file) << c.change;
    EXPECT_EQ(Apply(c.change, 04755), c.set_uid) << c.change;
    EXPECT_EQ(Apply(c.change, 0711, true), c.directory) << c.change;
  }
}

TEST(ModeChangeTest, MoreSymbolic) {
  EXPECT_EQ(Apply("go=", 0777), 0700u);
  EXPECT_EQ(Apply("go=u-w", 0700), 0755u);
  EXPECT_EQ(Apply("u+rwx-x", 0), 0600u);
  EXPECT_EQ(Apply("o+t", 0644), 0644u);
  EXPECT_EQ(Apply("=", 06755), 0u);
}

TEST(ModeChangeTest, Refuses) {
  for (const char* bad : {"99", "10777", "8", "u+q", "u", "rwx", ",", "u+r,"}) {
    EXPECT_FALSE(ModeChange::Parse(bad).ok()) << bad;
  }
  EXPECT_EQ(ModeChange::Parse("99").status().message(),
            "invalid chmod parameter: '99'. it should be octal string and between 0 and 07777");
}

}  // namespace
}  // namespace kasane
