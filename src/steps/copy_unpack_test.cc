#include "src/steps/copy_unpack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/steps/copy_place.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ArchiveMember Member(const std::string& name, EntryType type, uint32_t mode, const std::string& link = "") {
  ArchiveMember member;
  member.name = name;
  member.entry.type = type;
  member.entry.mode = mode;
  member.entry.uid = 7;
  if (type == EntryType::kSymlink) member.entry.link_target = link;
  if (type == EntryType::kFile) {
    member.entry.size = name.size();
    member.entry.content = Sha256Of(name);
    member.hard_link = !link.empty();
    member.link = link;
  }
  return member;
}
ArchiveMember File(const std::string& name, uint32_t mode = 0644) {
  return Member(name, EntryType::kFile, mode);
}
ArchiveMember Dir(const std::string& name, uint32_t mode = 0755) {
  return Member(name, EntryType::kDirectory, mode);
}
ArchiveMember Link(const std::string& name, const std::string& target) {
  return Member(name, EntryType::kSymlink, 0777, target);
}
ArchiveMember Hard(const std::string& name, const std::string& target, uint32_t mode = 0600) {
  return Member(name, EntryType::kFile, mode, target);
}

class UnpackTest : public testing::Test {
 protected:
  UnpackTest() {
    placement_.destination = "/x";
    Below("etc/passwd", EntryType::kFile);
    Below("x/d/old", EntryType::kFile);
    Below("x/out", EntryType::kSymlink, "/etc");
  }
  void Below(const std::string& path, EntryType type, const std::string& link = "") {
    DeltaEntry entry;
    entry.path = path;
    entry.entry.type = type;
    entry.entry.mode = type == EntryType::kSymlink ? 0777 : 0644;
    entry.entry.link_target = link;
    if (type == EntryType::kFile) entry.entry.content = Sha256Of("");
    below_ = *below_.Apply(*Delta::FromEntries({entry}));
  }
  // What the delta holds: "MODE UID PATH", with "=" behind hard links and "!" behind what hides; "[..]"
  // implied. Or the error.
  std::vector<std::string> Place(const Archive& archive) {
    CopyTarget target(below_);
    const absl::Status status = PlaceArchive(archive, placement_, &target);
    if (!status.ok()) return {std::string(status.message())};
    const absl::StatusOr<Delta> delta = target.Finish();
    if (!delta.ok()) return {std::string(delta.status().message())};
    std::vector<std::string> out;
    for (const DeltaEntry& e : delta->entries()) {
      const std::string text = absl::StrFormat("%o %d %s%s%s", e.entry.mode, e.entry.uid, e.path,
                                               e.entry.link_group != 0 ? "=" : "", e.opaque ? "!" : "");
      out.push_back(e.implied ? absl::StrCat("[", text, "]") : text);
    }
    return out;
  }

  Tree below_;
  CopyPlacement placement_;
};

TEST_F(UnpackTest, NothingLeavesTheDestination) {
  EXPECT_THAT(Place({File("../../up"), File("/abs"), File("a/../../b")}),
              ElementsAre("[755 0 x]", "644 7 x/abs", "644 7 x/b", "644 7 x/up"));
  // The link that was there leads to x/etc, not to /etc.
  EXPECT_THAT(Place({Dir("etc"), File("out/passwd")}),
              ElementsAre("[755 0 x]", "755 7 x/etc", "644 7 x/etc/passwd"));
  EXPECT_THAT(Place({Link("up", "../../.."), File("up/f")}),
              ElementsAre("[755 0 x]", "644 7 x/f", "777 7 x/up"));
  EXPECT_THAT(Place({Hard("h", "/etc/passwd")}),
              ElementsAre("\"h\" of the archive: \"/x/etc\" is not there"));
}

TEST_F(UnpackTest, LinksThatLeadNowhere) {
  EXPECT_THAT(Place({File("out/f")}), ElementsAre("\"out/f\" of the archive: \"/x/etc\" is not there"));
  EXPECT_THAT(Place({Link("l", "l"), File("l/f")}),
              ElementsAre("\"l/f\" of the archive: too many symbolic links"));
  EXPECT_THAT(Place({File("f"), File("f/g")}),
              ElementsAre("\"f/g\" of the archive: \"/x/f\" is not a directory"));
  EXPECT_THAT(Place({Link("l", "")}), ElementsAre("\"l\" of the archive: a symlink to nothing"));
  // What is missing behind a link is made.
  EXPECT_THAT(Place({Link("l", "d"), File("l/new/f")}),
              ElementsAre("[755 0 x]", "[755 0 x/d]", "755 0 x/d/new", "644 7 x/d/new/f", "777 7 x/l"));
}

TEST_F(UnpackTest, ReplacesDirectories) {
  EXPECT_THAT(Place({File("d")}), ElementsAre("[755 0 x]", "644 7 x/d"));
  EXPECT_THAT(Place({File("d"), Dir("d", 0700), File("d/new")}),
              ElementsAre("[755 0 x]", "700 7 x/d!", "644 7 x/d/new"));
  EXPECT_THAT(Place({Dir("d", 0700), File("d/a/b"), Link("d", "gone"), Dir("d", 0711)}),
              ElementsAre("[755 0 x]", "711 7 x/d!"));
  EXPECT_THAT(Place({File("new/a"), File("new"), Dir("new")}), ElementsAre("[755 0 x]", "755 7 x/new"));
  EXPECT_THAT(Place({Dir("out"), File("out/f")}), ElementsAre("[755 0 x]", "755 7 x/out", "644 7 x/out/f"));
}

TEST_F(UnpackTest, TheDestinationItself) {
  EXPECT_THAT(Place({Dir("./", 0700), Dir(".", 0700)}), ElementsAre());
  EXPECT_THAT(Place({Dir("/", 0700)}), ElementsAre("700 7 x"));
  EXPECT_THAT(Place({File("..")}), ElementsAre("\"..\" of the archive: it would replace the destination"));
  placement_.destination = "/";
  EXPECT_THAT(Place({Dir("/", 0700), File("f")}), ElementsAre("644 7 f"));
  placement_.destination = "/etc/passwd";
  EXPECT_THAT(Place({File("f")}), ElementsAre(HasSubstr("\"/etc/passwd\" is not a directory")));
  placement_.destination = "/x/out/new";
  placement_.owner = Owner{3, 4};
  EXPECT_THAT(Place({File("f")}), ElementsAre("[755 0 etc]", "755 3 etc/new", "644 3 etc/new/f"));
}

TEST_F(UnpackTest, HardLinks) {
  EXPECT_THAT(Place({File("a"), Hard("b", "a"), Hard("c", "./b", 04711)}),
              ElementsAre("[755 0 x]", "4711 7 x/a=", "4711 7 x/b=", "4711 7 x/c="));
  EXPECT_THAT(Place({Hard("b", "d/old")}),
              ElementsAre("[755 0 x]", "600 7 x/b=", "[755 0 x/d]", "600 7 x/d/old="));
  EXPECT_THAT(Place({File("a"), Hard("b", "a"), File("a")}),
              ElementsAre("[755 0 x]", "644 7 x/a", "600 7 x/b"));
  EXPECT_THAT(Place({File("a"), Hard("a", "a")}),
              ElementsAre("\"a\" of the archive: a hard link to \"a\", which is not there"));
  EXPECT_THAT(Place({Dir("e"), Hard("b", "e")}),
              ElementsAre("\"b\" of the archive: a hard link to \"e\", a directory"));
  EXPECT_THAT(Place({File("e/f"), Hard("e", "e/f")}),
              ElementsAre("\"e\" of the archive: a hard link to \"e/f\", which is not there"));
}

}  // namespace
}  // namespace kasane
