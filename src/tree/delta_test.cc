#include "src/tree/delta.h"

#include <gtest/gtest.h>

#include <utility>

namespace kasane {
namespace {

DeltaEntry File(const std::string& path, const std::string& content = "x") {
  DeltaEntry e;
  e.path = path;
  e.entry.mode = 0644;
  e.entry.size = content.size();
  e.entry.content = Sha256Of(content);
  return e;
}

DeltaEntry Dir(const std::string& path) {
  DeltaEntry e;
  e.path = path;
  e.entry.type = EntryType::kDirectory;
  e.entry.mode = 0755;
  return e;
}

std::string Bytes(absl::string_view path, char flags) {
  std::string s("KSND\x01\x01", 6);
  s.push_back(0);
  PutBytes(&s, path);
  s.push_back(flags);
  return s;
}

TEST(PathLess, SlashSortsBeforeAllElse) {
  std::vector<std::string> sorted = {"", "a", "a/b", "a/b/c", "a/c", "a-b", "a.b", "a0", "b", "b\xff"};
  for (size_t i = 0; i < sorted.size(); ++i) {
    for (size_t j = 0; j < sorted.size(); ++j)
      EXPECT_EQ(PathLess(sorted[i], sorted[j]), i < j) << i << " " << j;
  }
}

TEST(Delta, RoundTripOfEveryType) {
  std::vector<DeltaEntry> entries = {Dir(""), File("a/z"), File("a-b", ""), Dir("a"), Dir("a/d")};
  entries[3].opaque = true;
  entries[4].implied = true;
  entries[1].entry.xattrs = {{"user.b", std::string("\0\xff", 2)}, {"user.a", ""}};
  entries[1].entry.link_group = 77;
  entries[1].entry.mtime = {-5, 999999999};
  DeltaEntry gone;
  gone.path = "gone";
  gone.whiteout = true;
  entries.push_back(gone);
  for (int type = 3; type <= 7; ++type) {
    DeltaEntry e;
    e.path = "t" + std::to_string(type);
    e.entry.type = static_cast<EntryType>(type);
    e.entry.link_target = "../x";
    e.entry.device_major = 8;
    e.entry.device_minor = 1;
    entries.push_back(e);
  }
  Delta delta = Delta::FromEntries(entries).value();
  EXPECT_EQ(delta.entries()[1].path, "a");
  EXPECT_EQ(delta.entries()[4].path, "a-b");
  Delta back = Delta::Decode(delta.Encode()).value();
  ASSERT_EQ(back.entries().size(), delta.entries().size());
  for (size_t i = 0; i < back.entries().size(); ++i) {
    const DeltaEntry& a = delta.entries()[i];
    const DeltaEntry& b = back.entries()[i];
    EXPECT_EQ(a.path, b.path);
    EXPECT_EQ(a.whiteout, b.whiteout);
    EXPECT_EQ(a.opaque, b.opaque);
    EXPECT_EQ(a.implied, b.implied);
    EXPECT_TRUE(a.entry == b.entry) << a.path;
  }
  EXPECT_EQ(back.Encode(), delta.Encode());
  EXPECT_EQ(back.entries().back().entry.link_target, "");  // a socket has none
}

TEST(Delta, TimelessDigestSeesAllButTimes) {
  DeltaEntry a = File("f");
  DeltaEntry b = a;
  b.entry.mtime.seconds = 9;
  DeltaEntry c = b;
  c.entry.mode = 0600;
  auto timeless = [](DeltaEntry e) { return Delta::FromEntries({std::move(e)}).value().TimelessDigest(); };
  EXPECT_EQ(timeless(a), timeless(b));
  EXPECT_NE(timeless(b), timeless(c));
  EXPECT_TRUE(EqualButTime(a.entry, b.entry));
  EXPECT_FALSE(a.entry == b.entry);
}

TEST(Delta, RefusesBadEntries) {
  EXPECT_FALSE(Delta::FromEntries({File("a"), File("a")}).ok());
  EXPECT_FALSE(Delta::FromEntries({File("")}).ok());
  for (const char* path : {"/a", "a/", "a//b", "..", "a/../b", ".", "a/.", "./a"}) {
    EXPECT_FALSE(Delta::FromEntries({File(path)}).ok()) << path;
  }
  for (const char* path : {"...", ".a", "..a", "a/.b", "a\nb", "\xff"}) {
    EXPECT_TRUE(Delta::FromEntries({File(path)}).ok()) << path;
  }
  EXPECT_FALSE(Delta::FromEntries({File(std::string("a\0b", 3))}).ok());
  EXPECT_FALSE(Delta::FromEntries({File(std::string(5000, 'x'))}).ok());
  DeltaEntry opaque_file = File("a");
  opaque_file.opaque = true;
  EXPECT_FALSE(Delta::FromEntries({opaque_file}).ok());
  DeltaEntry twice = File("a");
  twice.entry.xattrs = {{"user.a", "1"}, {"user.a", "2"}};
  EXPECT_FALSE(Delta::FromEntries({twice}).ok());
}

TEST(Delta, DecodeRefusesDamage) {
  EXPECT_TRUE(Delta::Decode(Bytes("a", 1)).ok());
  EXPECT_FALSE(Delta::Decode(Bytes("../a", 1)).ok());
  EXPECT_FALSE(Delta::Decode(Bytes("/a", 1)).ok());
  EXPECT_FALSE(Delta::Decode(Bytes("a", 3)).ok());
  EXPECT_FALSE(Delta::Decode(Bytes("a", 9)).ok());
  EXPECT_FALSE(Delta::Decode(Bytes("a", 1) + "x").ok());
  EXPECT_FALSE(Delta::Decode("").ok());
  EXPECT_FALSE(Delta::Decode(absl::string_view("KSND\x02\x00", 6)).ok());
  std::string good = Delta::FromEntries({Dir("a"), File("a/b"), File("b")}).value().Encode();
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(Delta::Decode(absl::string_view(good).substr(0, size)).ok()) << size;
  }
}

TEST(LinkGroupId, DependsOnThePathsAndIsNeverZero) {
  EXPECT_NE(LinkGroupId({"a", "b"}), LinkGroupId({"ab"}));
  EXPECT_NE(LinkGroupId({}), 0u);
}

}  // namespace
}  // namespace kasane
