#include "src/oci/archive_header.h"

#include <gtest/gtest.h>

#include <string>

#include "src/oci/tar_writer.h"

namespace kasane {
namespace {

TEST(ArchiveHeader, CompressedOnes) {
  EXPECT_TRUE(IsArchiveHeader("BZh9..."));
  EXPECT_TRUE(IsArchiveHeader("\x1f\x8b\x08"));
  EXPECT_TRUE(IsArchiveHeader(std::string("\xfd\x37zXZ\0", 6)));
  EXPECT_TRUE(IsArchiveHeader("\x28\xb5\x2f\xfd"));
  EXPECT_TRUE(IsArchiveHeader(std::string("\x5f\x2a\x4d\x18\0\0\0\0", 8)));
}

TEST(ArchiveHeader, Tars) {
  TarHeader header;
  header.name = "f";
  std::string tar;
  ASSERT_TRUE(AppendTarHeader(header, &tar).ok());
  EXPECT_TRUE(IsArchiveHeader(tar));
  EXPECT_TRUE(IsArchiveHeader(tar + std::string(512, 'x')));
  EXPECT_FALSE(IsArchiveHeader(tar.substr(0, 511)));
  tar[0] = 'g';
  EXPECT_FALSE(IsArchiveHeader(tar));
}

TEST(ArchiveHeader, WhatIsNone) {
  EXPECT_FALSE(IsArchiveHeader(""));
  EXPECT_FALSE(IsArchiveHeader("FROM scratch\n"));
  EXPECT_FALSE(IsArchiveHeader(std::string(1024, '\n')));
  EXPECT_FALSE(IsArchiveHeader(std::string(1024, '\0')));  // an empty archive holds no Dockerfile either
  EXPECT_FALSE(IsArchiveHeader("\x28\xb5\x2f"));
  EXPECT_FALSE(IsArchiveHeader("\x50\x2a\x4d\x18"));
}

}  // namespace
}  // namespace kasane
