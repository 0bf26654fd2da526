#include "src/steps/copy_archive.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

class ArchiveTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "/archive_test";
    ASSERT_TRUE(RemoveTree(directory_).ok());
    ASSERT_TRUE(MakeDirs(directory_).ok());
    store_ = *Store::Open(directory_ + "/store");
  }
  void TearDown() override {
    store_.reset();
    ASSERT_TRUE(RemoveTree(directory_).ok());
  }
  // The standard output of a shell command in the directory.
  std::string Output(const std::string& command) {
    EXPECT_EQ(system(absl::StrCat("cd ", directory_, " && { ", command, "; } >out").c_str()), 0) << command;
    return ReadFile(directory_ + "/out").value_or("");
  }
  // "none", the error, or names and contents.
  std::string Read(const std::string& bytes) {
    const absl::StatusOr<std::unique_ptr<Archive>> archive =
        ReadArchive(store_.get(), *store_->PutBlob(bytes));
    if (!archive.ok()) return std::string(archive.status().message());
    if (*archive == nullptr) return "none";
    std::string out;
    for (const ArchiveMember& m : **archive) {
      absl::StrAppend(&out, m.name, m.hard_link ? "=" + m.link : "", " ");
      if (m.entry.is_file() && m.entry.size > 0) absl::StrAppend(&out, *store_->ReadBlob(m.entry.content));
    }
    return out;
  }
  std::string directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(ArchiveTest, SparseFiles) {
  Output("truncate -s 100000 f; printf x | dd of=f bs=1 seek=50000 conv=notrunc status=none; cp f g");
  const std::string file = ReadFile(directory_ + "/f").value();
  for (const char* version : {"0.0", "0.1", "1.0"}) {
    const std::string bytes =
        Output(absl::StrCat("tar --sparse --format=posix --sparse-version=", version, " -c f g"));
    ASSERT_LT(bytes.size(), 50000u);
    for (int round = 0; round < 2; ++round) {
      EXPECT_TRUE(Read(bytes) == absl::StrCat("f ", file, "g ", file)) << version;
    }
  }
}

TEST_F(ArchiveTest, AllCompressions) {
  Output("mkdir d; echo text >d/f; ln d/f d/g; ln -s f d/l");
  for (const char* pack : {"cat", "gzip -c", "bzip2 -c", "xz -c", "zstd -qc"}) {
    const std::string bytes = Output(absl::StrCat("tar --sort=name -c d | ", pack));
    for (int round = 0; round < 2; ++round) {  // the second time from the result
      EXPECT_EQ(Read(bytes), "d/ d/f text\nd/g=d/f d/l ") << pack;
    }
    EXPECT_EQ(Read(bytes + bytes).substr(0, 3), "d/ ") << pack;
    const std::string cut = Read(bytes.substr(0, bytes.size() / 3));
    EXPECT_TRUE(cut == "none" || cut == "the compressed stream is cut off" || pack == std::string("cat"))
        << cut;
  }
}

TEST_F(ArchiveTest, WhatIsNone) {
  EXPECT_EQ(Read(""), "none");
  EXPECT_EQ(Read("text"), "none");
  EXPECT_EQ(Read(std::string(2000, 'x')), "none");
  EXPECT_EQ(Read(std::string(10240, '\0')), "none");
  for (const char* magic : {"\x1f\x8b", "BZh9",
                            "\xfd"
                            "7zXZ",
                            "\x28\xb5\x2f\xfd"}) {
    EXPECT_EQ(Read(magic), "none");
    EXPECT_EQ(Read(magic + std::string(1000, 'x')), "none");
  }
  EXPECT_EQ(Read(Output("seq 1000 | xz -c")), "none");
  EXPECT_EQ(Read(Output("seq 1000 | bzip2 -c")), "none");
}

TEST_F(ArchiveTest, DamageBehindTheFirstMember) {
  std::string bytes = Output("echo a >a; echo b >b; tar -c a b");
  bytes[1024 + 3] ^= 1;  // in the second header
  EXPECT_EQ(Read(bytes), "bad tar: wrong checksum (header at byte 1024)");
  EXPECT_EQ(Read(Output("tar -c a").substr(0, 600)),
            "bad tar: it ends in the middle of a member (header at byte 0)");
}

TEST_F(ArchiveTest, EncodesAndDecodes) {
  Archive archive(2);
  archive[0].name = std::string("a\xff/b", 4);
  archive[0].entry.content = Sha256Of("");
  archive[0].entry.xattrs = {{"user.x", "y"}};
  archive[1].name = "h";
  archive[1].hard_link = true;
  archive[1].link = "a";
  archive[1].entry.content = Sha256Of("");
  const std::string bytes = EncodeArchive(archive);
  const absl::StatusOr<Archive> back = DecodeArchive(bytes);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(EncodeArchive(*back), bytes);
  for (size_t i = 0; i < bytes.size(); ++i) EXPECT_FALSE(DecodeArchive(bytes.substr(0, i)).ok()) << i;
}

}  // namespace
}  // namespace kasane
