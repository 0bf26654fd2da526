#include "src/oci/delta_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/oci/layer_delta.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct In {
  std::string name;
  TarType type = TarType::kFile;
  std::string link;
};

// Each file's content is its place in the list.
absl::StatusOr<Delta> Build(const std::vector<In>& members) {
  DeltaBuilder builder;
  int number = 0;
  for (const In& in : members) {
    TarHeader header;
    header.name = in.name;
    header.type = in.type;
    header.link_name = in.link;
    header.mode = 0644;
    header.size = 1;
    absl::Status status = builder.Add(header);
    if (!status.ok()) return status;
    if (in.type == TarType::kFile) builder.SetContent(Sha256Of(std::to_string(number)));
    ++number;
  }
  return builder.Finish();
}

// "d/" directory, "d/ opaque", "?d/ opaque" implied, "-x" whiteout, "f" others.
std::vector<std::string> Show(const absl::StatusOr<Delta>& delta) {
  if (!delta.ok()) return {delta.status().ToString()};
  std::vector<std::string> out;
  for (const DeltaEntry& e : delta->entries()) {
    std::string text = (e.whiteout ? "-" : e.implied ? "?" : "") + e.path;
    if (!e.whiteout && e.entry.is_directory()) text += "/";
    if (e.opaque) text += " opaque";
    out.push_back(text);
  }
  return out;
}

std::string Error(const std::vector<In>& members) { return std::string(Build(members).status().message()); }

constexpr TarType kDir = TarType::kDirectory;

TEST(DeltaBuilder, PathsAreCleaned) {
  EXPECT_THAT(Show(Build({{"./", kDir}, {"./a/", kDir}, {"/a//b"}, {"a/./c"}})),
              ElementsAre("/", "a/", "a/b", "a/c"));
}

TEST(DeltaBuilder, UnsafePathsAreRefused) {
  EXPECT_THAT(Error({{"../x"}}), HasSubstr("unsafe path"));
  EXPECT_THAT(Error({{"a/../../x"}}), HasSubstr("unsafe path"));
  EXPECT_THAT(Error({{"a/.."}}), HasSubstr("unsafe path"));
  EXPECT_THAT(Error({{"x", TarType::kHardLink, "../../etc/passwd"}}), HasSubstr("unsafe path"));
  EXPECT_THAT(Error({{"/", TarType::kSymlink, "x"}}), HasSubstr("the root is no directory"));
  EXPECT_THAT(Error({{"a", TarType::kSymlink, "/etc"}, {"a/passwd"}}),
              HasSubstr("below a, which is no directory"));
  EXPECT_THAT(Error({{"a/b"}, {"a", TarType::kSymlink, "/"}, {"a/c"}}), HasSubstr("no directory"));
}

TEST(DeltaBuilder, Whiteouts) {
  EXPECT_THAT(Show(Build({{"d/", kDir}, {"d/.wh.x"}, {".wh.y"}})), ElementsAre("d/", "-d/x", "-y"));
  EXPECT_THAT(Error({{"d/.wh."}}), HasSubstr("whiteout of nothing"));
  EXPECT_THAT(Error({{"d/.wh..."}}), HasSubstr("whiteout of nothing"));
}

TEST(DeltaBuilder, WhiteoutOfWhatTheLayerMakesHidesWhatIsBelowOnly) {
  EXPECT_THAT(Show(Build({{"d/", kDir}, {"d/f"}, {".wh.d"}, {"g"}, {".wh.g"}})),
              ElementsAre("d/ opaque", "d/f", "g"));
  EXPECT_THAT(Show(Build({{".wh.d"}, {"d/f"}})), ElementsAre("?d/ opaque", "d/f"));
  EXPECT_THAT(Show(Build({{".wh.d"}, {"d/.wh.f"}})), ElementsAre("-d"));
}

TEST(DeltaBuilder, OpaqueMarkers) {
  EXPECT_THAT(Show(Build({{"d/.wh..wh..opq"}, {"d/", kDir}, {"d/f"}})), ElementsAre("d/ opaque", "d/f"));
  EXPECT_THAT(Show(Build({{"d/.wh..wh..opq"}})), ElementsAre("?d/ opaque"));
  EXPECT_THAT(Show(Build({{".wh..wh..plnk/", kDir}, {".wh..wh..plnk/1.2"}, {".wh..wh.aufs"}, {"f"}})),
              ElementsAre("f"));
}

TEST(DeltaBuilder, TheLastOfANameWins) {
  absl::StatusOr<Delta> delta =
      Build({{"f"}, {"f"}, {"d/", kDir}, {"d/x"}, {"d"}, {"e"}, {"e/", kDir}, {"e/x"}});
  EXPECT_THAT(Show(delta), ElementsAre("d", "e/", "e/x", "f"));
  EXPECT_EQ(delta->entries()[3].entry.content, Sha256Of("1"));
  EXPECT_THAT(Show(Build({{"d/x/", kDir}, {"d/x/y"}, {"d"}, {"d/", kDir}, {"d/z"}})),
              ElementsAre("d/", "d/z"));
}

TEST(DeltaBuilder, HardLinks) {
  absl::StatusOr<Delta> delta =
      Build({{"b"}, {"c", TarType::kHardLink, "./b"}, {"a", TarType::kHardLink, "c"}, {"lone"}});
  ASSERT_TRUE(delta.ok()) << delta.status();
  EXPECT_THAT(Show(delta), ElementsAre("a", "b", "c", "lone"));
  uint64_t group = LinkGroupId({"a", "b", "c"});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(delta->entries()[i].entry.link_group, group);
    EXPECT_EQ(delta->entries()[i].entry.content, Sha256Of("0"));
  }
  EXPECT_EQ(delta->entries()[3].entry.link_group, 0u);
  EXPECT_THAT(Error({{"x", TarType::kHardLink, "y"}, {"y"}}), HasSubstr("not in the layer"));
  EXPECT_THAT(Error({{"d/", kDir}, {"x", TarType::kHardLink, "d"}}), HasSubstr("to a directory"));
}

TEST(DeltaBuilder, LinkOutlivesTheNameItWasMadeOf) {
  absl::StatusOr<Delta> delta = Build({{"a"}, {"b", TarType::kHardLink, "a"}, {"a"}});
  ASSERT_TRUE(delta.ok());
  EXPECT_EQ(delta->entries()[0].entry.content, Sha256Of("2"));
  EXPECT_EQ(delta->entries()[1].entry.content, Sha256Of("0"));
  EXPECT_EQ(delta->entries()[1].entry.link_group, 0u);
}

TEST(DeltaBuilder, ForeignXattrsAreDropped) {
  DeltaBuilder builder;
  TarHeader header;
  header.name = "d/";
  header.type = kDir;
  header.xattrs = {{"security.capability", "x"}, {"trusted.overlay.opaque", "y"}, {"user.a", "z"}};
  ASSERT_TRUE(builder.Add(header).ok());
  absl::StatusOr<Delta> delta = builder.Finish();
  ASSERT_EQ(delta->entries()[0].entry.xattrs.size(), 2u);
  EXPECT_EQ(delta->entries()[0].entry.xattrs[1].first, "user.a");
}

// --- ResolveLayerDelta ---

DeltaEntry Dir(std::string path, uint32_t mode = 0755) {
  DeltaEntry e;
  e.path = std::move(path);
  e.entry.type = EntryType::kDirectory;
  e.entry.mode = mode;
  return e;
}
DeltaEntry File(std::string path) {
  DeltaEntry e;
  e.path = std::move(path);
  e.entry.mode = 0644;
  e.entry.mtime = {100, 5};
  e.entry.content = Sha256Of("");
  return e;
}
Delta Of(std::vector<DeltaEntry> entries) { return Delta::FromEntries(std::move(entries)).value(); }

TreeBelow Below(std::vector<DeltaEntry> entries) {
  Tree tree = Tree().Apply(Of(std::move(entries))).value();
  return [tree]() -> absl::StatusOr<Tree> { return tree; };
}
absl::StatusOr<Tree> NotNeeded() { return absl::InternalError("the tree was composed"); }

TEST(ResolveLayerDelta, NeedsNoTreeWhereTheDeltaSaysAll) {
  DeltaEntry socket = File("d/s");
  socket.entry.type = EntryType::kSocket;
  DeltaEntry file = File("d/f");
  file.entry.xattrs = {{"security.capability", "c"}, {"user.x", "y"}};
  absl::StatusOr<Delta> got =
      ResolveLayerDelta(Of({Dir(""), Dir("d"), file, socket}), NotNeeded, absl::nullopt);
  EXPECT_THAT(Show(got), ElementsAre("d/", "d/f"));
  EXPECT_EQ(got->entries()[1].entry.mtime, (Timestamp{100, 0}));
  EXPECT_EQ(got->entries()[1].entry.xattrs.size(), 1u);
}

TEST(ResolveLayerDelta, ParentsAndImpliedDirectoriesComeFromTheTreeBelow) {
  DeltaEntry implied = Dir("a", 0700);
  implied.implied = true;
  absl::StatusOr<Delta> got = ResolveLayerDelta(Of({implied, File("a/f"), File("b/c/f"), File("n/f")}),
                                                Below({Dir("a", 0711), Dir("b", 0751)}), 7);
  EXPECT_THAT(Show(got), ElementsAre("a/", "a/f", "b/", "b/c/", "b/c/f", "n/", "n/f"));
  EXPECT_EQ(got->entries()[0].entry.mode, 0711u);
  EXPECT_EQ(got->entries()[2].entry.mode, 0751u);
  EXPECT_EQ(got->entries()[3].entry.mode, 0755u);
  for (const DeltaEntry& e : got->entries()) EXPECT_EQ(e.entry.mtime, (Timestamp{7, 0})) << e.path;
}

TEST(ResolveLayerDelta, OpaqueBecomesWhiteouts) {
  DeltaEntry opaque = Dir("d");
  opaque.opaque = true;
  absl::StatusOr<Delta> got = ResolveLayerDelta(Of({opaque, Dir("d/sub"), File("d/y"), File("e")}),
                                                Below({Dir("d"), File("d/x"), File("d/y"), Dir("d/sub"),
                                                       File("d/sub/z"), Dir("d/old"), File("d/old/f")}),
                                                absl::nullopt);
  EXPECT_THAT(Show(got), ElementsAre("d/", "-d/old", "d/sub/", "-d/sub/z", "-d/x", "d/y", "e"));
}

TEST(ResolveLayerDelta, LinkGroupOfOneNameIsNone) {
  DeltaEntry a = File("a"), b = File("b"), c = File("c");
  a.entry.link_group = b.entry.link_group = 5;
  c.entry.link_group = 6;
  absl::StatusOr<Delta> got = ResolveLayerDelta(Of({a, b, c}), NotNeeded, absl::nullopt);
  EXPECT_EQ(got->entries()[0].entry.link_group, 5u);
  EXPECT_EQ(got->entries()[2].entry.link_group, 0u);
}

TEST(ResolveLayerDelta, NamesThatALayerCannotHold) {
  absl::StatusOr<Delta> got = ResolveLayerDelta(Of({File("d/.wh.x")}), Below({}), absl::nullopt);
  EXPECT_EQ(got.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(got.status().ToString(), HasSubstr("/d/.wh.x: no image layer can hold"));
}

TEST(TarOrder, WhiteoutsBeforeSiblings) {
  auto gone = [](std::string path) {
    DeltaEntry e;
    e.path = std::move(path);
    e.whiteout = true;
    return e;
  };
  Delta delta = Of({Dir("d"), File("d/!a"), Dir("d/b"), File("d/b/c"), gone("d/b/z"), gone("d/z"),
                    gone("d/ba"), File("e"), gone("y")});
  std::vector<std::string> order;
  for (const DeltaEntry* e : TarOrder(delta)) order.push_back(e->path);
  EXPECT_THAT(order, ElementsAre("y", "d", "d/ba", "d/z", "d/!a", "d/b", "d/b/z", "d/b/c", "e"));
}

}  // namespace
}  // namespace kasane
