#include "src/dockerfile/parser.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/file.h"
#include "src/dockerfile/dump.h"
#include "src/dockerfile/quote.h"

namespace kasane {
namespace {

DockerfileAst Parse(absl::string_view source) {
  std::vector<Diagnostic> diagnostics;
  auto ast = ParseDockerfile("Dockerfile", source, &diagnostics);
  for (const Diagnostic& d : diagnostics) {
    if (d.severity == Severity::kError) ADD_FAILURE() << Render(d, source, false);
  }
  return ast.value_or(DockerfileAst());
}

// The rendered error.
std::string Error(absl::string_view source) {
  std::vector<Diagnostic> diagnostics;
  if (ParseDockerfile("Dockerfile", source, &diagnostics).has_value()) return "no error";
  return Render(diagnostics.back(), source, false);
}

// The text that a range covers.
std::string Covered(absl::string_view source, const SourceRange& range) {
  const auto offset = [&](int line, int column) {
    size_t at = 0;
    for (int i = 1; i < line; ++i) at = source.find('\n', at) + 1;
    return at + static_cast<size_t>(column) - 1;
  };
  const size_t begin = offset(range.line, range.column);
  return std::string(source.substr(begin, offset(range.end_line, range.end_column) - begin));
}

// The notation of the conformance vectors.
std::string Notation(const Instruction& in) {
  std::string out = absl::AsciiStrToLower(InstructionName(in.kind));
  if (!in.flags.empty()) {
    std::vector<std::string> flags;
    for (const Flag& flag : in.flags) flags.push_back(flag.ToString());
    absl::StrAppend(&out, " ", GoQuotedList(flags));
  }
  for (const Word& word : in.args) absl::StrAppend(&out, " ", GoQuote(word.text));
  for (const KeyValue& pair : in.pairs) {
    if (in.kind == InstructionKind::kArg) {
      absl::StrAppend(&out, " ",
                      GoQuote(absl::StrCat(pair.key.text, pair.has_value ? "=" : "", pair.value.text)));
    } else {
      absl::StrAppend(&out, " ", GoQuote(pair.key.text), " ", GoQuote(pair.value.text),
                      pair.legacy ? " \"\"" : " \"=\"");
    }
  }
  if (!in.trigger.empty()) absl::StrAppend(&out, " ", Notation(in.trigger[0]));
  return absl::StrCat("(", out, ")");
}

TEST(Parser, ConformanceVectors) {
  const char* dir = std::getenv("KASANE_CONFORMANCE");
  if (dir == nullptr) GTEST_SKIP() << "KASANE_CONFORMANCE is not set";
  int tried = 0;
  for (const auto& entry : std::filesystem::directory_iterator(absl::StrCat(dir, "/parser"))) {
    auto source = ReadFile((entry.path() / "Dockerfile").string());
    auto want = ReadFile((entry.path() / "result").string());
    ASSERT_TRUE(source.ok() && want.ok()) << entry.path();
    std::vector<std::string> got;
    const DockerfileAst ast = Parse(*source);
    for (const Instruction& in : ast.instructions) got.push_back(Notation(in));
    EXPECT_EQ(absl::StrJoin(got, "\n"), absl::StripAsciiWhitespace(*want)) << entry.path();
    ++tried;
  }
  EXPECT_GT(tried, 15);
}

TEST(Parser, RangesOfEverything) {
  const std::string source =
      "# escape=`\n"
      "\n"
      "# above\n"
      "  copy --from=\"a b\"  x`\n"
      "# inside\n"
      "y   /z`  \n"
      " /w\n";
  const DockerfileAst ast = Parse(source);
  ASSERT_EQ(ast.instructions.size(), 1u);
  const Instruction& in = ast.instructions[0];
  EXPECT_EQ(Covered(source, in.keyword.range), "copy");
  ASSERT_EQ(in.flags.size(), 1u);
  EXPECT_EQ(in.flags[0].value, "a b");
  EXPECT_EQ(Covered(source, in.flags[0].range), "--from=\"a b\"");
  ASSERT_EQ(in.args.size(), 3u);
  EXPECT_EQ(in.args[0].text, "xy");
  EXPECT_EQ(Covered(source, in.args[0].range), "x`\n# inside\ny");
  EXPECT_EQ(in.args[1].text, "/z");
  EXPECT_EQ(Covered(source, in.args[1].range), "/z");
  EXPECT_EQ(Covered(source, in.args[2].range), "/w");
  EXPECT_EQ(in.text, "copy --from=\"a b\"  x y   /z /w");
  EXPECT_EQ(in.range.line, 4);
  EXPECT_EQ(in.range.column, 3);
  EXPECT_EQ(in.range.end_line, 7);
  ASSERT_EQ(in.comments.size(), 1u);
  EXPECT_EQ(in.comments[0].text, "above");
  EXPECT_EQ(ast.escape, '`');
}

TEST(Parser, JsonElementsAndPairsHaveRanges) {
  const std::string source =
      "CMD [ \"a\\u0062\" , \"c\" ]\nENV A=\"b c\" D=e\nARG X Y='1 2'\nLABEL key  the rest \n";
  const DockerfileAst ast = Parse(source);
  EXPECT_EQ(ast.instructions[0].args[0].text, "ab");
  EXPECT_EQ(Covered(source, ast.instructions[0].args[0].range), "\"a\\u0062\"");
  EXPECT_EQ(Covered(source, ast.instructions[1].pairs[0].value.range), "\"b c\"");
  EXPECT_EQ(Covered(source, ast.instructions[1].pairs[1].range), "D=e");
  EXPECT_FALSE(ast.instructions[2].pairs[0].has_value);
  EXPECT_EQ(Covered(source, ast.instructions[2].pairs[1].value.range), "'1 2'");
  EXPECT_EQ(Covered(source, ast.instructions[3].pairs[0].value.range), "the rest");
}

TEST(Parser, ByteOrderMarkAndCrlf) {
  const DockerfileAst ast = Parse("\xEF\xBB\xBF# escape=`\r\nFROM a `\r\n AS b\r\nRUN cat <<E\r\nx\r\nE\r\n");
  ASSERT_EQ(ast.instructions.size(), 2u);
  EXPECT_EQ(ast.escape, '`');
  EXPECT_EQ(ast.instructions[0].args[2].text, "b");
  EXPECT_EQ(ast.instructions[1].heredocs[0].body, "x\r\n");
}

TEST(Parser, Heredocs) {
  const std::string source =
      "FROM x\n"
      "RUN <<-A cat <<'B' 3<<C && echo ${v:0:1}\n"
      "\tone\n"
      "\tA\n"
      "$two\n"
      "B\n"
      "C\n"
      "ONBUILD COPY <<\"D\" /d\n"
      "# not a comment\n"
      "D\n"
      "CMD cat <<E\n"
      "RUN a<<E <<<E '<<E' $((1 << ${n:-3}))\n";
  const DockerfileAst ast = Parse(source);
  ASSERT_EQ(ast.instructions.size(), 5u);
  const Instruction& run = ast.instructions[1];
  ASSERT_EQ(run.heredocs.size(), 3u);
  EXPECT_EQ(run.heredocs[0].name, "A");
  EXPECT_TRUE(run.heredocs[0].strip_tabs && run.heredocs[0].expand);
  EXPECT_EQ(run.heredocs[0].body, "\tone\n");
  EXPECT_EQ(Covered(source, run.heredocs[0].range), "<<-A");
  EXPECT_EQ(Covered(source, run.heredocs[0].body_range), "\tone\n\tA");
  EXPECT_FALSE(run.heredocs[1].expand);
  EXPECT_EQ(run.heredocs[1].body, "$two\n");
  EXPECT_EQ(run.heredocs[2].fd, 3);
  EXPECT_EQ(run.heredocs[2].body, "");
  EXPECT_EQ(run.range.end_line, 7);
  ASSERT_EQ(ast.instructions[2].trigger.size(), 1u);
  EXPECT_EQ(ast.instructions[2].trigger[0].heredocs[0].body, "# not a comment\n");
  EXPECT_TRUE(ast.instructions[3].heredocs.empty());  // CMD takes none
  EXPECT_TRUE(ast.instructions[4].heredocs.empty());
}

TEST(Parser, Directives) {
  const DockerfileAst ast =
      Parse("# syntax = docker/dockerfile:1 \n#CHECK=skip=all\n# unknown=1\n# escape=`\nFROM a\n");
  ASSERT_EQ(ast.directives.size(), 2u);
  EXPECT_EQ(ast.directives[0].value.text, "docker/dockerfile:1");
  EXPECT_EQ(ast.directives[1].name, "check");
  EXPECT_EQ(ast.escape, '\\');
}

TEST(Parser, HealthcheckAndOnbuild) {
  const DockerfileAst ast =
      Parse("HEALTHCHECK --interval=5s CMD [\"a\", \"b\"]\nHEALTHCHECK NONE\nONBUILD  RUN [\"x\"]  \n");
  EXPECT_EQ(Notation(ast.instructions[0]), "(healthcheck [\"--interval=5s\"] \"CMD\" \"a\" \"b\")");
  EXPECT_TRUE(ast.instructions[0].json);
  EXPECT_EQ(Notation(ast.instructions[1]), "(healthcheck \"NONE\")");
  EXPECT_EQ(Notation(ast.instructions[2]), "(onbuild (run \"x\"))");
  EXPECT_EQ(ast.instructions[2].trigger[0].line, "RUN [\"x\"]  ");
}

TEST(Parser, EmptyContinuationIsNotedOnce) {
  const DockerfileAst ast = Parse("RUN a \\\n\n\n  b\n");
  ASSERT_EQ(ast.empty_continuations.size(), 1u);
  EXPECT_EQ(ast.empty_continuations[0].first.line, 2);
  EXPECT_EQ(ast.empty_continuations[0].around.line, 4);
}

TEST(Parser, Errors) {
  EXPECT_EQ(
      Error("FROM a\nRUM true\n"),
      "Dockerfile:2:1: error: unknown instruction: RUM\n  RUM true\n  ^~~\n  help: did you mean RUN?\n");
  EXPECT_EQ(Error("# nothing\n"),
            "Dockerfile: error: the file has no instructions\n  help: a Dockerfile begins with FROM\n");
  EXPECT_EQ(Error("CMD [\"a\", 1]\n"),
            "Dockerfile:1:11: error: the JSON form takes an array of strings only\n  CMD [\"a\", 1]\n        "
            "    ^\n"
            "  help: write \"1\"\n");
  EXPECT_EQ(
      Error("ENV a=b c d=e\n"),
      "Dockerfile:1:9: error: cannot find '=' in \"c\", it must have the form name=value\n  ENV a=b c d=e\n"
      "          ^\n  help: a value with blanks needs quotes\n");
  EXPECT_EQ(
      Error("ENV a\n"),
      "Dockerfile:1:5: error: ENV must have two arguments\n  ENV a\n      ^\n  help: write ENV a=value\n");
  EXPECT_EQ(Error("RUN cat <<EOF\nx\n"),
            "Dockerfile:1:9: error: unterminated heredoc: no line holds just \"EOF\"\n  RUN cat <<EOF\n      "
            "    ^~~~~\n");
  EXPECT_EQ(Error("# escape=x\nFROM a\n"),
            "Dockerfile:1:10: error: invalid escape character 'x'\n  # escape=x\n           ^\n"
            "  help: it can be \\ or `\n");
  EXPECT_EQ(Error("# escape=`\n# escape=`\nFROM a\n"),
            "Dockerfile:2:1: error: only one escape directive can be used\n  # escape=`\n  ^~~~~~~~~~\n");
}

TEST(Parser, LineLengthLimit) {
  const std::string at_limit = "RUN " + std::string(kMaxDockerfileLine - 4, 'x') + "\n";
  EXPECT_EQ(Parse(at_limit).instructions.size(), 1u);
  const std::string error = Error("RUN " + std::string(kMaxDockerfileLine - 3, 'x') + "\n");
  EXPECT_NE(error.find("longer than 65535 bytes"), std::string::npos);
}

TEST(DumpAst, IsStable) {
  EXPECT_EQ(
      DumpJson(DumpAst(Parse("# syntax=a/b\nFROM --platform=x a AS b\nENV k v\n"))),
      R"({"file":"Dockerfile","escape":"\\",)"
      R"("directives":[{"name":"syntax","value":"a/b","range":[1,1,1,13]}],"instructions":[)"
      R"({"instruction":"FROM","range":[2,1,2,25],"flags":[{"name":"platform","value":"x","range":[2,6,2,18]}],)"
      R"("args":[{"text":"a","range":[2,19,2,20]},{"text":"AS","range":[2,21,2,23]},)"
      R"({"text":"b","range":[2,24,2,25]}]},{"instruction":"ENV","range":[3,1,3,8],)"
      R"("pairs":[{"key":"k","value":"v","legacy":true,"range":[3,5,3,8]}]}]})");
}

}  // namespace
}  // namespace kasane
