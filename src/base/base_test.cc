#include <gtest/gtest.h>

#include "src/base/binary.h"
#include "src/base/diagnostic.h"
#include "src/base/digest.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/password.h"

namespace kasane {
namespace {

TEST(Digest, RoundTripAndRefusals) {
  Digest d = Sha256Of("abc");
  EXPECT_EQ(d.ToString(), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Digest::Parse(d.ToString()).value(), d);
  EXPECT_FALSE(Digest::Parse("sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD").ok());
  EXPECT_FALSE(Digest::Parse("sha512:00").ok());
}

TEST(Sha256, GoesOnFromASavedState) {
  const std::string text(1 << 20, 'x');
  for (const uint64_t blocks : {uint64_t{0}, uint64_t{1}, uint64_t{8192}}) {
    Sha256 first;
    first.Update(text.data(), blocks * Sha256::kBlock);
    Sha256 second = Sha256::FromState(first.SaveState(), blocks * Sha256::kBlock);
    second.Update(text.data(), text.size() - blocks * Sha256::kBlock);
    EXPECT_EQ(second.Finish(), Sha256Of(text));
  }
  // More bits than a word holds.
  Sha256 huge;
  for (int i = 0; i < 600; ++i) huge.Update(text);
  Sha256 rest = Sha256::FromState(huge.SaveState(), uint64_t{600} << 20);
  huge.Update("end");
  rest.Update("end");
  EXPECT_EQ(rest.Finish(), huge.Finish());
}

TEST(Sha256, IsTheSameInPiecesOfAnySize) {
  std::string text(1000000, 'a');
  EXPECT_EQ(Sha256Of(text).ToHex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * i >> 7);
  const Digest whole = Sha256Of(text);
  for (const size_t piece : {1023, 1024, 1025, 4095, 4096, 5119, 5120, 5121, 70001}) {
    Sha256 hash;
    for (size_t at = 0; at < text.size(); at += piece) hash.Update(absl::string_view(text).substr(at, piece));
    EXPECT_EQ(hash.Finish(), whole) << piece;
  }
}

TEST(Sha256, FinishLeavesTheStateUsable) {
  Sha256 h;
  h.Update("a");
  EXPECT_EQ(h.Finish(), Sha256Of("a"));
  h.Update("bc");
  EXPECT_EQ(h.Finish(), Sha256Of("abc"));
}

TEST(Path, IsAtOrBelowGoesByNames) {
  for (const char* place : {"", "a", "a/b"}) EXPECT_TRUE(IsAtOrBelow("a/b", place)) << place;
  for (const char* place : {"/", "/a", "/a/b"}) EXPECT_TRUE(IsAtOrBelow("/a/b", place)) << place;
  for (const char* place : {"a/bc", "b", "a/b/c", "/"}) EXPECT_FALSE(IsAtOrBelow("a/b", place)) << place;
  EXPECT_FALSE(IsAtOrBelow("ab", "a"));
  EXPECT_FALSE(IsAtOrBelow("", "a"));
}

TEST(Path, CleanJoinRelative) {
  EXPECT_EQ(CleanPath(""), ".");
  EXPECT_EQ(CleanPath("/../a//b/./c/.."), "/a/b");
  EXPECT_EQ(CleanPath("../../x"), "../../x");
  EXPECT_EQ(JoinPath("/a", "b"), "/a/b");
  EXPECT_EQ(JoinPath("/a", "/b"), "/b");
  EXPECT_EQ(RelativePath("/a/b", "/a/c/d"), "../../b");
  EXPECT_EQ(RelativePath("/a", "/a"), ".");
}

TEST(Json, RefusesDuplicateKeys) {
  EXPECT_FALSE(ParseJson(R"({"a":1,"a":2})", "x").ok());
  EXPECT_TRUE(ParseJson(R"({"a":{"a":1},"b":{"a":2}})", "x").ok());
  EXPECT_FALSE(ParseJson("{", "x").ok());
}

TEST(Binary, MalformedInputGivesNotOk) {
  std::string s;
  PutVarint(&s, 300);
  PutSigned(&s, -5);
  PutBytes(&s, "xyz");
  BinaryReader r(s);
  EXPECT_EQ(r.Varint(), 300u);
  EXPECT_EQ(r.Signed(), -5);
  EXPECT_EQ(r.Bytes(), "xyz");
  EXPECT_TRUE(r.ok() && r.done());
  BinaryReader bad(absl::string_view("\xff", 1));
  EXPECT_EQ(bad.Varint(), 0u);
  EXPECT_FALSE(bad.ok());
}

TEST(Render, CaretUnderTheRange) {
  Diagnostic d;
  d.file = "Dockerfile";
  d.range = {2, 1, 2, 4};
  d.message = "unknown instruction: RUM";
  d.help = "did you mean RUN?";
  EXPECT_EQ(
      Render(d, "FROM x\nRUM true\n", false),
      "Dockerfile:2:1: error: unknown instruction: RUM\n  RUM true\n  ^~~\n  help: did you mean RUN?\n");
}

TEST(ClosestMatch, WithinReach) {
  EXPECT_EQ(ClosestMatch("RUM", {"RUN", "ARG"}), "RUN");
  EXPECT_EQ(ClosestMatch("RNU", {"ENV", "RUN"}), "RUN");  // two that changed places are one mistake
  EXPECT_EQ(ClosestMatch("biuld", {"build"}), "build");
  EXPECT_EQ(ClosestMatch("zzzz", {"RUN", "ARG"}), "");
}

TEST(Password, OfUrlsIsNotShown) {
  EXPECT_EQ(WithoutPassword("https://u:secret@h/x.git#main"), "https://u:xxxxx@h/x.git#main");
  EXPECT_EQ(WithoutPassword("cannot read 'http://u:s@h/' of http://h:80/a@b"),
            "cannot read 'http://u:xxxxx@h/' of http://h:80/a@b");
  EXPECT_EQ(WithoutPassword("git@h:a/b"), "git@h:a/b");
}

}  // namespace
}  // namespace kasane
