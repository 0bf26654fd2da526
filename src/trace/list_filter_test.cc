#include "src/trace/list_filter.h"

#include <gtest/gtest.h>

namespace kasane {
namespace {

ListFilter GoLike() {
  ListFilter filter;
  filter.hidden = {".", "_"};
  filter.directories = true;
  filter.symlinks = true;
  filter.skipped_directories = {"testdata"};
  filter.suffixes = {".go", ".s"};
  filter.names = {"go.mod"};
  return filter;
}

TEST(ListFilter, KeepsNamesByKind) {
  const ListFilter filter = GoLike();
  EXPECT_TRUE(filter.Keeps("main.go", EntryType::kFile));
  EXPECT_TRUE(filter.Keeps("a_windows_test.go", EntryType::kFile));
  EXPECT_TRUE(filter.Keeps("pipe.go", EntryType::kFifo));
  EXPECT_TRUE(filter.Keeps("go.mod", EntryType::kFile));
  EXPECT_FALSE(filter.Keeps("go.sum", EntryType::kFile));
  EXPECT_FALSE(filter.Keeps("README.md", EntryType::kFile));
  EXPECT_FALSE(filter.Keeps("main.Go", EntryType::kFile));
  EXPECT_FALSE(filter.Keeps(".go", EntryType::kFile));
  EXPECT_FALSE(filter.Keeps("_x.go", EntryType::kFile));
  EXPECT_TRUE(filter.Keeps("docs", EntryType::kDirectory));
  EXPECT_TRUE(filter.Keeps("x.go", EntryType::kDirectory));
  EXPECT_FALSE(filter.Keeps("testdata", EntryType::kDirectory));
  EXPECT_FALSE(filter.Keeps(".git", EntryType::kDirectory));
  EXPECT_TRUE(filter.Keeps("docs", EntryType::kSymlink));
  EXPECT_FALSE(filter.Keeps(".docs", EntryType::kSymlink));
}

TEST(ListFilter, WithoutDirectoriesAndLinksTheirSuffixCounts) {
  ListFilter filter;
  filter.suffixes = {".a"};
  EXPECT_FALSE(filter.Keeps("x.a", EntryType::kDirectory));
  EXPECT_TRUE(filter.Keeps("x.a", EntryType::kSymlink));
  EXPECT_FALSE(filter.Keeps("x", EntryType::kSymlink));
}

TEST(ListFilter, IsEncodedCanonically) {
  ListFilter other = GoLike();
  other.suffixes = {".s", ".go", ".s"};
  other.hidden = {"_", "."};
  EXPECT_EQ(GoLike().Encode(), other.Encode());
  other.symlinks = false;
  EXPECT_NE(GoLike().Encode(), other.Encode());

  const std::string bytes = GoLike().Encode();
  const auto back = ListFilter::Decode(bytes);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->Encode(), bytes);
  EXPECT_TRUE(back->symlinks);
  EXPECT_EQ(back->suffixes, std::vector<std::string>({".go", ".s"}));
}

TEST(ListFilter, RefusesOtherBytes) {
  const std::string bytes = GoLike().Encode();
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(ListFilter::Decode(bytes.substr(0, size)).ok());
  EXPECT_FALSE(ListFilter::Decode(bytes + "x").ok());
  EXPECT_FALSE(ListFilter::Decode("\x04" + bytes.substr(1)).ok());
  std::string unsorted("\0\2\1b\1a\0\0\0", 9);
  EXPECT_FALSE(ListFilter::Decode(unsorted).ok());
  std::string twice("\0\2\1a\1a\0\0\0", 9);
  EXPECT_FALSE(ListFilter::Decode(twice).ok());
  std::string long_number("\0\2\1a\1b\x80\0\0\0", 10);
  EXPECT_FALSE(ListFilter::Decode(long_number).ok());
  std::string good("\0\2\1a\1b\0\0\0", 9);
  EXPECT_TRUE(ListFilter::Decode(good).ok());
}

}  // namespace
}  // namespace kasane
