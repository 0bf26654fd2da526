#include "src/steps/copy_small_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

class SmallFilesTest : public testing::TestWithParam<int> {
 protected:
  SmallFilesTest() {
    std::string pattern = testing::TempDir() + "/small-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    store_ = Store::Open(directory_ + "/store").value();
  }
  ~SmallFilesTest() override {
    store_.reset();
    RemoveTree(directory_).IgnoreError();
  }
  std::string directory_;
  std::unique_ptr<Store> store_;
};

// Put by several threads, some of it twice, an empty file among them.
TEST_P(SmallFilesTest, AllIsInTheStoreAfterwards) {
  const int count = GetParam();
  SmallFiles files(store_.get());
  auto content = [](int i) { return i == 0 ? std::string() : absl::StrCat("content ", i); };
  auto put = [&] {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(files.Put(Sha256Of(content(i)), content(i)).ok());
  };
  std::thread other(put);
  put();
  other.join();
  ASSERT_TRUE(files.Finish().ok());
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(store_->ReadBlob(Sha256Of(content(i))).value_or("missing"), content(i));
    EXPECT_EQ(store_->LooseBlobPath(Sha256Of(content(i))).ok(), count < 512);
  }
}

INSTANTIATE_TEST_SUITE_P(FewAndMany, SmallFilesTest, testing::Values(0, 1, 511, 512, 2000));

}  // namespace
}  // namespace kasane
