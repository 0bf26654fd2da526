#include "src/context/select.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Each expectation is what BuildKit 0.34.2 does with the same tree and words.
class SelectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = ::testing::TempDir() + "/select_test";
    ASSERT_TRUE(RemoveTree(root_).ok());
    for (const char* path :
         {"d/a.txt", "d/sub/b.txt", "e/f1/z", "e/sub", "f", "main.go", "w[x]/y", "st*r", "dn/ok"}) {
      const std::string full = root_ + "/" + path;
      ASSERT_TRUE(MakeDirs(std::string(Dirname(full))).ok());
      ASSERT_TRUE(WriteFileAtomic(full, "text").ok());
    }
    Link("nowhere", "dang");
    Link("loop", "loop");
    Link("d/sub", "ls");
    Link("nowhere", "dn/dang");
    Link("/etc/hosts", "abs");
    Link("../../../f", "esc");
    Link("../f", "d/up");
    Link("ls/../f", "lexical");
  }
  void TearDown() override { ASSERT_TRUE(RemoveTree(root_).ok()); }
  void Link(const char* target, const std::string& path) {
    ASSERT_EQ(symlink(target, absl::StrCat(root_, "/", path).c_str()), 0);
  }

  // Items as "name=path", what is below a directory as "relative", in brackets if only there as a parent.
  std::vector<std::string> Select(const CopySpec& spec) {
    absl::StatusOr<ContextScan> scan = ScanContext(root_, IgnoreMatcher(), {});
    EXPECT_TRUE(scan.ok());
    Selection selection;
    problem_ = SelectProblem();
    links_.clear();
    if (!SelectSources(ScanView(*scan), spec, "the build context", &selection, &problem_)) return {"failed"};
    links_ = selection.links;
    std::vector<std::string> out;
    for (const SelectedItem& item : selection.items) {
      for (const SelectedEntry& entry : item.entries) {
        if (entry.relative == entry.path.size()) {
          out.push_back(absl::StrCat(item.name, "=", entry.path));
        } else {
          const std::string below(entry.path.substr(entry.relative));
          out.push_back(entry.parent_only ? "[" + below + "]" : below);
        }
      }
    }
    return out;
  }
  std::vector<std::string> Select(const std::string& word) {
    CopySpec spec;
    spec.sources = {word};
    return Select(spec);
  }
  std::string Problem(const std::string& word) {
    EXPECT_THAT(Select(word), ElementsAre("failed"));
    return problem_.help.empty() ? problem_.message : problem_.message + "; " + problem_.help;
  }

  std::string root_;
  SelectProblem problem_;
  std::vector<std::string> links_;
};

TEST_F(SelectTest, Paths) {
  EXPECT_THAT(Select("f"), ElementsAre("f=f"));
  EXPECT_THAT(Select("f/"), ElementsAre("f=f"));
  EXPECT_THAT(Select("../../f"), ElementsAre("f=f"));
  EXPECT_THAT(Select("/d/../f"), ElementsAre("f=f"));
  EXPECT_THAT(Select("d"), ElementsAre("d=d", "a.txt", "sub", "sub/b.txt", "up"));
  EXPECT_EQ(Select(".").size(), 24u);
  EXPECT_EQ(Select(".")[1], "abs");
}

TEST_F(SelectTest, Wildcards) {
  EXPECT_THAT(Select("nope*"), IsEmpty());
  EXPECT_THAT(Select("*/*.txt"), ElementsAre("a.txt=d/a.txt"));
  EXPECT_THAT(Select("d[^q]a.txt"), ElementsAre("a.txt=d/a.txt"));
  EXPECT_THAT(Select("w[[]x]/y"), ElementsAre("y=w[x]/y"));
  EXPECT_THAT(Select("e/*"), ElementsAre("f1=e/f1", "z", "sub=e/sub"));
  EXPECT_THAT(Select("f/*"), IsEmpty());
}

TEST_F(SelectTest, Links) {
  EXPECT_THAT(Select("ls"), ElementsAre("ls=d/sub", "b.txt"));
  EXPECT_THAT(links_, ElementsAre("ls"));
  EXPECT_THAT(Select("ls/*"), ElementsAre("b.txt=d/sub/b.txt"));
  EXPECT_THAT(Select("l*/b.txt"), IsEmpty());  // a walk for matches follows none
  EXPECT_THAT(Select("esc"), ElementsAre("esc=f"));
  EXPECT_THAT(Select("d/u*"), ElementsAre("up=f"));
  EXPECT_THAT(Select("lexical"), ElementsAre("lexical=f"));
  EXPECT_THAT(links_, ElementsAre("lexical"));
}

TEST_F(SelectTest, Problems) {
  EXPECT_EQ(Problem("maim.go"), "\"maim.go\" not found in the build context; did you mean \"main.go\"?");
  EXPECT_EQ(Problem("d/subb/b.txt"),
            "\"d/subb/b.txt\" not found in the build context; did you mean \"d/sub/b.txt\"?");
  EXPECT_EQ(problem_.missing, "d/subb/b.txt");
  EXPECT_EQ(Problem("quite-different"), "\"quite-different\" not found in the build context");
  EXPECT_EQ(Problem("dang"),
            "\"dang\" not found in the build context; it is, or lies behind, a symlink to \"nowhere\"");
  EXPECT_EQ(Problem("dn/*"),
            "\"dn/dang\" not found in the build context; it is, or lies behind, a symlink to \"dn/nowhere\"");
  EXPECT_EQ(Problem("abs"),
            "\"abs\" not found in the build context; it is, or lies behind, a symlink to \"etc/hosts\"");
  EXPECT_EQ(Problem("loop"), "cannot read \"loop\" in the build context: too many symbolic links");
  EXPECT_EQ(Problem("f/x"), "cannot read \"f/x\" in the build context: \"f\" is not a directory");
  EXPECT_EQ(Problem("nodir/*.txt"), "\"nodir\" not found in the build context");
  EXPECT_EQ(Problem("[a"), "bad pattern \"[a\": syntax error in pattern");
}

TEST_F(SelectTest, SaysWhatIsIgnored) {
  SelectProblem problem;
  problem.missing = "f";
  ExplainIgnored(root_, *IgnoreMatcher::Compile({"f"}), ".dockerignore", &problem);
  EXPECT_EQ(problem.help, "it is there, but .dockerignore leaves it out");
  problem = SelectProblem();
  problem.missing = "nope";
  ExplainIgnored(root_, *IgnoreMatcher::Compile({"nope"}), ".dockerignore", &problem);
  EXPECT_EQ(problem.help, "");
}

TEST_F(SelectTest, ExcludesAndParents) {
  CopySpec spec;
  spec.sources = {"d"};
  spec.excludes = {"*.txt"};
  EXPECT_THAT(Select(spec), ElementsAre("d=d", "sub", "sub/b.txt", "up"));
  spec.excludes = {"sub", "!**/b.txt"};
  EXPECT_THAT(Select(spec), ElementsAre("d=d", "a.txt", "[sub]", "sub/b.txt", "up"));
  spec.excludes.clear();
  spec.parents = true;
  spec.sources = {"e/f1/z"};
  EXPECT_THAT(Select(spec), ElementsAre("=", "[e]", "[e/f1]", "e/f1/z"));
  spec.sources = {"./e/./f1"};
  EXPECT_THAT(Select(spec), ElementsAre("e=e", "f1", "f1/z"));
  spec.sources = {"**/*.txt"};
  EXPECT_THAT(Select(spec), ElementsAre("=", "[d]", "d/a.txt", "[d/sub]", "d/sub/b.txt"));
  spec.sources = {"e/nope"};
  EXPECT_THAT(Select(spec), ElementsAre("failed"));
}

TEST_F(SelectTest, Trees) {
  std::vector<DeltaEntry> entries(3);
  entries[0].path = "usr/bin/go";
  entries[1].path = "bin";
  entries[1].entry.type = EntryType::kSymlink;
  entries[1].entry.link_target = "usr/bin";
  entries[2].path = "go";
  entries[2].entry.type = EntryType::kSymlink;
  entries[2].entry.link_target = "/bin/go";
  const Tree tree = *Tree().Apply(*Delta::FromEntries(entries));
  const TreeView view(tree);
  CopySpec spec;
  spec.sources = {"go", "bin/*"};
  Selection selection;
  ASSERT_TRUE(SelectSources(view, spec, "stage \"x\"", &selection, &problem_)) << problem_.message;
  ASSERT_EQ(selection.items.size(), 2u);
  EXPECT_EQ(selection.items[0].entries[0].path, "usr/bin/go");
  EXPECT_EQ(selection.items[0].name, "go");
  EXPECT_EQ(selection.items[1].entries[0].path, "usr/bin/go");
  EXPECT_THAT(selection.links, ElementsAre("bin", "go"));
  // --parents looks at the path as it stands.
  spec.parents = true;
  spec.sources = {"bin/go"};
  EXPECT_FALSE(SelectSources(view, spec, "stage \"x\"", &selection, &problem_));
  EXPECT_EQ(problem_.message, "\"bin/go\" not found in stage \"x\"");
  EXPECT_EQ(problem_.help, "\"bin\" is a symlink: --parents follows none");
}

}  // namespace
}  // namespace kasane
