#include "src/oci/file_window.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "src/oci/oci_test_util.h"

namespace kasane {
namespace {

class FileWindowTest : public testing::Test {
 protected:
  struct File {
    std::string bytes;
    std::shared_ptr<const UniqueFd> fd;
  };

  File MakeFile(const std::string& name, size_t size) {
    const std::string path = JoinPath(store_.directory(), name);
    File file;
    file.bytes = RandomText(&random_, size);
    EXPECT_TRUE(WriteFileAtomic(path, file.bytes).ok());
    file.fd = std::make_shared<const UniqueFd>(OpenFile(path, O_RDONLY).value());
    return file;
  }

  std::mt19937 random_{8};
  TestStore store_;
};

TEST_F(FileWindowTest, GivesTheBytesWhereverTheyLie) {
  const std::vector<File> files = {MakeFile("a", 9 << 20), MakeFile("b", 70000)};
  FileWindow window;
  size_t next = 0;  // some ranges follow the one before, as those of a pack do
  for (int i = 0; i < 3000; ++i) {
    const File& file = files[random_() % 8 == 0];
    const size_t sizes[] = {0, 1, 5000, 40000};
    const size_t size = sizes[random_() % 4] + random_() % 100;
    size_t offset = random_() % 3 == 0 ? random_() % file.bytes.size() : next + random_() % 600;
    if (offset + size > file.bytes.size()) offset = random_() % (file.bytes.size() - size + 1);
    next = offset + size;
    const absl::StatusOr<FragmentBytes> read =
        window.Read(file.fd, static_cast<int64_t>(offset), static_cast<int64_t>(size), "a file");
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_EQ(read->view(), absl::string_view(file.bytes).substr(offset, size)) << offset << " " << size;
  }
}

TEST_F(FileWindowTest, BytesOutliveTheWindowAndTheFile) {
  File file = MakeFile("a", 1 << 20);
  FragmentBytes mapped, copied;
  {
    FileWindow window;
    copied = window.Read(file.fd, 500000, 100, "a file").value();
    mapped = window.Read(file.fd, 0, 1 << 20, "a file").value();
    file.fd.reset();
  }
  EXPECT_EQ(mapped.view(), file.bytes);
  EXPECT_EQ(copied.view(), absl::string_view(file.bytes).substr(500000, 100));
}

TEST_F(FileWindowTest, RangesBeyondTheEndAreErrors) {
  const File file = MakeFile("a", 100000);
  FileWindow window;
  EXPECT_TRUE(window.Read(file.fd, 0, 100000, "a file").ok());
  for (const int64_t offset : {1, 60001, 99999, 100001, -1}) {
    const absl::Status status =
        window.Read(file.fd, offset, 40000 + (offset == 1) * 60000, "a file").status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << offset << " " << status;
  }
  EXPECT_EQ(window.Read(file.fd, 100000, 0, "a file").value().size(), 0u);
}

}  // namespace
}  // namespace kasane
