#include "src/sandbox/fuse_request.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/sandbox/lowerfs.h"
#include "src/store/store.h"

namespace kasane {
namespace {

template <typename T>
std::string Bytes(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
}

std::string MakeRequest(uint32_t opcode, uint64_t node, absl::string_view body) {
  fuse_in_header header = {};
  header.len = static_cast<uint32_t>(sizeof(header) + body.size());
  header.opcode = opcode;
  header.unique = 7;
  header.nodeid = node;
  return absl::StrCat(Bytes(header), body);
}

std::string Name(absl::string_view name) { return absl::StrCat(name, absl::string_view("\0", 1)); }

TEST(ParseFuseRequest, TakesNamesAndBodies) {
  FuseRequest request;
  const std::string lookup = MakeRequest(FUSE_LOOKUP, 1, Name("etc"));  // the request points into it
  ASSERT_EQ(ParseFuseRequest(lookup, &request), 0);
  EXPECT_EQ(request.name, "etc");
  EXPECT_EQ(request.header.unique, 7u);
  fuse_getxattr_in in = {};
  in.size = 99;
  std::string bytes = MakeRequest(FUSE_GETXATTR, 2, Bytes(in) + Name("user.a/b"));
  ASSERT_EQ(ParseFuseRequest(bytes, &request), 0);
  EXPECT_EQ(request.name, "user.a/b");
  EXPECT_EQ(request.As<fuse_getxattr_in>().size, 99u);
}

TEST(ParseFuseRequest, RefusesWhatIsNoRequest) {
  FuseRequest request;
  EXPECT_EQ(ParseFuseRequest("", &request), EINVAL);
  EXPECT_EQ(ParseFuseRequest(std::string(sizeof(fuse_in_header) - 1, '\1'), &request), EINVAL);
  std::string good = MakeRequest(FUSE_LOOKUP, 1, Name("etc"));
  EXPECT_EQ(ParseFuseRequest(good + "x", &request), EINVAL);
  EXPECT_EQ(ParseFuseRequest(good.substr(0, good.size() - 1), &request), EINVAL);
  for (const std::string& body : {std::string(), std::string("etc"), Name(""), Name("a/b")}) {
    EXPECT_EQ(ParseFuseRequest(MakeRequest(FUSE_LOOKUP, 1, body), &request), EINVAL) << body;
  }
  for (uint32_t opcode : {FUSE_INIT, FUSE_OPEN, FUSE_OPENDIR, FUSE_READ, FUSE_READDIR, FUSE_READDIRPLUS,
                          FUSE_GETXATTR, FUSE_LISTXATTR}) {
    EXPECT_EQ(ParseFuseRequest(MakeRequest(opcode, 1, "1234567"), &request), EINVAL) << opcode;
  }
  EXPECT_EQ(ParseFuseRequest(MakeRequest(FUSE_GETXATTR, 1, Bytes(fuse_getxattr_in{})), &request), EINVAL);
}

// The file system's answers without a mount.
class AnswerTest : public testing::Test {
 protected:
  AnswerTest() {
    char path[] = "/tmp/kasane-fuse-XXXXXX";
    directory_ = mkdtemp(path);
    store_ = Store::Open(directory_ + "/store").value();
    DeltaEntry file;
    file.path = "f";
    file.entry.type = EntryType::kFile;
    file.entry.mode = 0644;
    file.entry.size = 5;
    file.entry.content = store_->PutBlob("hello").value();
    fs_ = std::make_unique<LowerFs>(store_.get(), Tree().Apply(Delta::FromEntries({file}).value()).value(),
                                    LowerFs::Options());
  }
  ~AnswerTest() override {
    fs_.reset();
    store_.reset();
    RemoveTree(directory_).IgnoreError();
  }

  // The body of the answer; `error_` is what its header says.
  std::string Ask(uint32_t opcode, uint64_t node, absl::string_view body) {
    std::string answer = fs_->Answer(MakeRequest(opcode, node, body));
    fuse_out_header header = {};
    if (answer.size() < sizeof(header)) return "";
    std::memcpy(&header, answer.data(), sizeof(header));
    EXPECT_EQ(header.len, answer.size());
    EXPECT_EQ(header.unique, 7u);
    error_ = -header.error;
    return answer.substr(sizeof(header));
  }
  uint64_t Lookup(absl::string_view name) {
    std::string body = Ask(FUSE_LOOKUP, FUSE_ROOT_ID, Name(name));
    fuse_entry_out out = {};
    EXPECT_EQ(body.size(), sizeof(out));
    std::memcpy(&out, body.data(), sizeof(out));
    return out.nodeid;
  }

  std::string directory_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<LowerFs> fs_;
  int error_ = 0;
};

TEST_F(AnswerTest, ServesAFile) {
  const uint64_t node = Lookup("f");
  EXPECT_NE(node, 0u);
  EXPECT_EQ(Lookup("f"), node);
  EXPECT_EQ(Lookup("g"), 0u);
  Ask(FUSE_OPEN, node, Bytes(fuse_open_in{}));
  EXPECT_EQ(error_, 0);
  fuse_read_in in = {};
  in.offset = 1;
  in.size = 3;
  EXPECT_EQ(Ask(FUSE_READ, node, Bytes(in)), "ell");
  Ask(FUSE_RELEASE, node, Bytes(fuse_release_in{}));
  EXPECT_EQ(fs_->Answer(MakeRequest(FUSE_FORGET, node, Bytes(fuse_forget_in{}))), "");
  EXPECT_TRUE(fs_->status().ok());
}

TEST_F(AnswerTest, NodesThatNobodyWasToldOfAreStale) {
  for (uint64_t node : {uint64_t{0}, uint64_t{2}, ~uint64_t{0}}) {
    Ask(FUSE_GETATTR, node, Bytes(fuse_getattr_in{}));
    EXPECT_EQ(error_, ESTALE) << node;
  }
  EXPECT_EQ(fs_->Answer("short"), "");
}

TEST_F(AnswerTest, ReadsAndReleasesOutOfTurnAreErrorsOfOurs) {
  const uint64_t node = Lookup("f");
  Ask(FUSE_RELEASE, node, Bytes(fuse_release_in{}));
  Ask(FUSE_READ, node, Bytes(fuse_read_in{}));
  EXPECT_EQ(error_, EIO);
  EXPECT_FALSE(fs_->status().ok());
  Ask(FUSE_OPEN, node, Bytes(fuse_open_in{}));
  fuse_read_in in = {};
  in.size = 9;
  EXPECT_EQ(Ask(FUSE_READ, node, Bytes(in)), "hello");
}

}  // namespace
}  // namespace kasane
