#include "src/plan/remote_ref.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

// "git REMOTE REF CHECKSUM SUBDIR [flags]", "file", "none" or the error.
std::string Parsed(absl::string_view word) {
  GitRef git;
  std::string error;
  switch (ParseRemote(word, &git, &error)) {
    case RemoteKind::kNone:
      return "none";
    case RemoteKind::kFile:
      return "file";
    case RemoteKind::kBad:
      return error;
    case RemoteKind::kGit:
      break;
  }
  std::string out = absl::StrCat(git.like_a_path ? "path " : "git ", git.remote, " ref=", git.ref,
                                 " sum=", git.checksum, " dir=", git.subdir);
  if (git.keep_git_dir.has_value()) absl::StrAppend(&out, " keep=", *git.keep_git_dir);
  if (git.submodules.has_value()) absl::StrAppend(&out, " sub=", *git.submodules);
  if (git.fetch_by_commit) absl::StrAppend(&out, " by-commit");
  if (!git.mtime.empty()) absl::StrAppend(&out, " mtime=", git.mtime);
  return out;
}

TEST(RemoteRefTest, KindsOfWords) {
  EXPECT_EQ(Parsed("file.txt"), "none");
  EXPECT_EQ(Parsed("ftp://h/x.git"), "none");
  EXPECT_EQ(Parsed("./git@h:x"), "none");
  EXPECT_EQ(Parsed("git@:x"), "none");
  EXPECT_EQ(Parsed("a b@h:x"), "none");
  EXPECT_EQ(Parsed("http://h/x"), "file");
  EXPECT_EQ(Parsed("https://h/x.git.tar"), "file");
  EXPECT_EQ(Parsed("https://h/x?y=.git"), "file");
  EXPECT_EQ(Parsed("https://h/x%zz.git"), "file");
  EXPECT_EQ(Parsed("HTTPS://h/x"), "none");
  EXPECT_EQ(Parsed("HTTPS://h/x.git"), "git https://h/x.git ref= sum= dir=");
  EXPECT_EQ(Parsed("https://u:p@h:8/x/y.git"), "git https://u:p@h:8/x/y.git ref= sum= dir=");
  EXPECT_EQ(Parsed("git://h/x"), "git git://h/x ref= sum= dir=");
  EXPECT_EQ(Parsed("ssh://git@h:22/x"), "git ssh://git@h:22/x ref= sum= dir=");
  EXPECT_EQ(Parsed("git@h-1.org:a/b.git"), "git git@h-1.org:a/b.git ref= sum= dir=");
  EXPECT_EQ(Parsed("github.com/a/b"), "path https://github.com/a/b ref= sum= dir=");
}

TEST(RemoteRefTest, FragmentsAndQueries) {
  EXPECT_EQ(Parsed("https://h/x.git#v1"), "git https://h/x.git ref=v1 sum= dir=");
  EXPECT_EQ(Parsed("https://h/x.git#v1:a/../b//c/"), "git https://h/x.git ref=v1 sum= dir=b/c");
  EXPECT_EQ(Parsed("https://h/x.git#:../b"), "git https://h/x.git ref= sum= dir=b");
  EXPECT_EQ(Parsed("git@h:x#a:b"), "git git@h:x ref=a sum= dir=b");
  EXPECT_EQ(Parsed("git@h:x?ref=a&subdir=/b/c#a"), "git git@h:x ref=a sum= dir=b/c");
  EXPECT_EQ(Parsed("https://h/x.git?tag=v%31"), "git https://h/x.git ref=refs/tags/v1 sum= dir=");
  EXPECT_EQ(Parsed("https://h/x.git?branch=refs/heads/m&commit=abc"),
            "git https://h/x.git ref=refs/heads/m sum=abc dir=");
  EXPECT_EQ(Parsed("https://h/x.git?keep-git-dir&submodules=0&mtime=commit&checksum=1&fetch-by-commit=true"),
            "git https://h/x.git ref= sum=1 dir= keep=1 sub=0 by-commit mtime=commit");
}

TEST(RemoteRefTest, WrongQueries) {
  EXPECT_EQ(Parsed("https://h/x.git?x=1"), "unknown name \"x\" in the query");
  EXPECT_EQ(Parsed("https://h/x.git?ref="), "\"ref\" in the query has no value");
  EXPECT_EQ(Parsed("https://h/x.git?ref=a&ref=a"), "\"ref\" stands more than once in the query");
  EXPECT_EQ(Parsed("https://h/x.git?ref=a#b"), "ref is given twice: \"b\" and \"a\"");
  EXPECT_EQ(Parsed("https://h/x.git?tag=a&branch=a"), "the query names both a branch and a tag");
  EXPECT_EQ(Parsed("https://h/x.git?mtime=now"), "\"mtime\" in the query is checkout or commit, not \"now\"");
  EXPECT_EQ(Parsed("https://h/x.git?submodules=no"),
            "\"submodules\" in the query is true or false, not \"no\"");
  EXPECT_EQ(Parsed("https://h/x.git#-x"), "invalid git ref \"-x\"");
}

TEST(RemoteRefTest, FileNames) {
  EXPECT_EQ(FileNameOfUrl("http://h/a/b.txt?x=/y#/z"), "b.txt");
  EXPECT_EQ(FileNameOfUrl("http://h/a/b/"), "b");
  EXPECT_EQ(FileNameOfUrl("http://h/a%20b"), "a b");
  EXPECT_EQ(FileNameOfUrl("http://h/a%0ab"), "download");
  EXPECT_EQ(FileNameOfUrl("http://h/"), "__unnamed__");
  EXPECT_EQ(FileNameOfUrl("http://h"), "__unnamed__");
  EXPECT_EQ(FileNameOfUrl("http://h?x"), "__unnamed__");
}

TEST(RemoteRefTest, Commits) {
  EXPECT_TRUE(IsCommit(std::string(40, 'a')));
  EXPECT_TRUE(IsCommit(std::string(64, '0')));
  EXPECT_FALSE(IsCommit(std::string(40, 'A')));
  EXPECT_FALSE(IsCommit("abc"));
}

}  // namespace
}  // namespace kasane
