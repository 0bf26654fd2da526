#include "src/steps/copy_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/context/context_state.h"

namespace kasane {
namespace {

class CopyContextTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = ::testing::TempDir() + "/copy_context_test";
    ASSERT_TRUE(RemoveTree(directory_).ok());
    root_ = directory_ + "/context";
    ASSERT_TRUE(MakeDirs(root_ + "/d/e").ok());
    Write("d/e/a file whose path is long", "one");
    Write("d/b", "two");
    ASSERT_EQ(link((root_ + "/d/b").c_str(), (root_ + "/c").c_str()), 0);
    ASSERT_EQ(symlink("b", (root_ + "/l").c_str()), 0);
    store_ = Store::Open(directory_ + "/store").value();
  }
  void Write(const std::string& path, absl::string_view text) {
    ASSERT_TRUE(WriteFileAtomic(root_ + "/" + path, text).ok());
  }
  // `state`: of a file in directory_.
  IngestedContext Ingest(const std::vector<std::string>& sources, size_t many, const std::string& state) {
    ContextToIngest from;
    from.root = root_;
    from.scan = ScanContext(root_, IgnoreMatcher(), {}).value();
    CopySpec spec;
    spec.sources = sources;
    SelectProblem problem;
    EXPECT_TRUE(SelectSources(ScanView(from.scan), spec, "the build context", &from.selection, &problem));
    from.state_path = directory_ + "/" + state;
    from.salt = "salt";
    from.many = many;
    IngestedContext out = IngestContext(store_.get(), std::move(from)).value();
    EXPECT_TRUE(out.state_written.get().ok());
    return out;
  }

  std::string directory_, root_;
  std::unique_ptr<Store> store_;
};

// Of very many entries what they are made of is used up.
TEST_F(CopyContextTest, ManyEntriesBecomeTheSameItems) {
  for (const std::vector<std::string>& sources :
       {std::vector<std::string>{"."}, std::vector<std::string>{"d"},
        std::vector<std::string>{"d", "d", "c"}}) {
    const IngestedContext few = Ingest(sources, 1000, "few"), many = Ingest(sources, 0, "many");
    ASSERT_EQ(few.items.size(), sources.size());
    ASSERT_EQ(many.items.size(), sources.size());
    for (size_t i = 0; i < sources.size(); ++i) {
      const std::vector<CopyEntry>&a = few.items[i].entries, &b = many.items[i].entries;
      EXPECT_EQ(few.items[i].name, many.items[i].name);
      ASSERT_EQ(a.size(), b.size());
      for (size_t j = 0; j < a.size(); ++j) {
        EXPECT_EQ(a[j].relative, b[j].relative);
        EXPECT_EQ(a[j].link, b[j].link);
        EXPECT_TRUE(a[j].entry == b[j].entry) << a[j].relative;
      }
    }
    EXPECT_EQ(ReadFile(directory_ + "/few").value(), ReadFile(directory_ + "/many").value());
  }
}

TEST_F(CopyContextTest, WhatTheStateKnowsIsNotReadAgain) {
  Ingest({"."}, 1000, "state");
  InputState state = *DecodeInputState(*ReadFile(directory_ + "/state"));
  ASSERT_EQ(state.facts.size(), 6u);
  const Digest other = store_->PutBlob("of another file").value();
  for (InputFact& fact : state.facts) {
    fact.racy = false;
    if (fact.entry.path == "d/b") fact.content = other;
  }
  ASSERT_TRUE(WriteFileAtomic(directory_ + "/state", EncodeInputState(state)).ok());
  const IngestedContext again = Ingest({"d/b"}, 1000, "state");
  EXPECT_EQ(again.items[0].entries[0].entry.content, other);
  // It has lost that one, so it reads.
  ASSERT_EQ(unlink(store_->LooseBlobPath(other).value().c_str()), 0);
  state.store = "another";
  ASSERT_TRUE(WriteFileAtomic(directory_ + "/state", EncodeInputState(state)).ok());
  EXPECT_EQ(Ingest({"d/b"}, 1000, "state").items[0].entries[0].entry.content, Sha256Of("two"));
}

}  // namespace
}  // namespace kasane
