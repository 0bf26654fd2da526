#include "src/trace/go_header.h"

#include <gtest/gtest.h>

#include <string>

namespace kasane {
namespace {

// The header; "-" if all of the file counts.
std::string Header(absl::string_view source) {
  const auto header = GoHeader(source);
  return header ? std::string(*header) : "-";
}

TEST(GoHeader, EndsBehindTheImports) {
  EXPECT_EQ(Header("package p\nfunc f() {}\n"), "package p\n");
  EXPECT_EQ(Header("package p\n\nimport \"fmt\"\n\nfunc f() {"), "package p\n\nimport \"fmt\"\n\n");
  EXPECT_EQ(Header("package p; import (a \"b\"; . `c`\n_ \"d\")\n// doc\ntype x int"),
            "package p; import (a \"b\"; . `c`\n_ \"d\")\n// doc\n");
  EXPECT_EQ(Header("package p\nimport ()\nimport \"x\"\nvar y = 1"), "package p\nimport ()\nimport \"x\"\n");
  EXPECT_EQ(Header("package p"), "package p");
}

TEST(GoHeader, ConstraintsAndCommentsAreInIt) {
  const std::string header =
      "// Copyright\n\n//go:build linux && !cgo\n// +build linux\n\n/* doc */ package p /* x */\n\n";
  EXPECT_EQ(Header(header + "const a = 1\n"), header);
  EXPECT_EQ(Header("\xef\xbb\xbfpackage p\nvar x"), "\xef\xbb\xbfpackage p\n");
  EXPECT_EQ(Header("package \xc3\xa9t\xc3\xa9\nvar x"), "package \xc3\xa9t\xc3\xa9\n");
}

TEST(GoHeader, AnotherBodyIsTheSameHeader) {
  const std::string header = "package p_test\n\nimport (\n\t\"testing\"\n\n\t\"example.com/m/q\"\n)\n\n";
  EXPECT_EQ(Header(header + "func TestA(t *testing.T) {}\n"), Header(header + "garbage \" ' ` /* \0"));
  EXPECT_NE(Header("package p\nimport \"a\"\nvar x"), Header("package p\nimport \"b\"\nvar x"));
  EXPECT_NE(Header("package p\nvar x"), Header("package q\nvar x"));
}

TEST(GoHeader, AllCountsIfTheFileMayEmbed) {
  EXPECT_EQ(Header("package p\nimport \"embed\"\nvar x"), "-");
  EXPECT_EQ(Header("package p\nimport (\n_ `embed`\n)\nvar x"), "-");
  EXPECT_EQ(Header("package p\nimport \"\\x65mbed\"\nvar x"), "-");
  EXPECT_EQ(Header("package p\nimport \"embedded\"\nvar x"), "package p\nimport \"embedded\"\n");
}

TEST(GoHeader, AllCountsIfItIsNoHeader) {
  for (const char* source :
       {"", "packag p", "packagep\n", "package\n", "package (\n", "import \"x\"\n", "/* open\npackage p\n",
        "/ package p", "package p\ninterface", "package p\nimport x\n", "package p\nimport \"x\nvar",
        "package p\nimport `x", "package p\nimport (\"x\"\nvar y", "package p\nimport (",
        "package p\nimporter", "package p /* open"}) {
    EXPECT_EQ(Header(source), "-") << source;
  }
  EXPECT_EQ(Header(absl::string_view("package p\n\0", 11)), "-");
  EXPECT_EQ(Header(absl::string_view("// \0\npackage p\nvar x", 20)), "-");
}

}  // namespace
}  // namespace kasane
