#include "generator/check_report.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "src/dockerfile/parser.h"

namespace kasane {
namespace {

// Facts of the JSON schema of SARIF 2.1.0: for each kind of object that may appear, what it must have and
// what it may have, of which type. A type is string, uri (a URI reference), text (string that is not empty),
// boolean, integer (>= -1), position (an integer >= 1), one of words ("a|b"), an object's name, or [] of one
// of them. No object takes other members than these (the schema knows more of them, which are not used).
struct ObjectFacts {
  std::set<std::string> required;
  std::map<std::string, std::string> members;
};
const std::map<std::string, ObjectFacts>& SarifFacts() {
  static const auto* const kFacts = new std::map<std::string, ObjectFacts>{
      {"log", {{"version", "runs"}, {{"$schema", "uri"}, {"version", "2.1.0"}, {"runs", "[]run"}}}},
      {"run",
       {{"tool"},
        {{"tool", "tool"},
         {"invocations", "[]invocation"},
         {"columnKind", "utf16CodeUnits|unicodeCodePoints"},
         {"results", "[]result"}}}},
      {"tool", {{"driver"}, {{"driver", "component"}}}},
      {"component",
       {{"name"},
        {{"name", "text"}, {"version", "text"}, {"informationUri", "uri"}, {"rules", "[]descriptor"}}}},
      {"descriptor",
       {{"id"},
        {{"id", "text"},
         {"name", "text"},
         {"shortDescription", "multiformat"},
         {"fullDescription", "multiformat"},
         {"help", "multiformat"},
         {"helpUri", "uri"},
         {"defaultConfiguration", "configuration"}}}},
      {"multiformat", {{"text"}, {{"text", "text"}, {"markdown", "text"}}}},
      {"configuration", {{}, {{"enabled", "boolean"}, {"level", "none|note|warning|error"}}}},
      {"invocation", {{"executionSuccessful"}, {{"executionSuccessful", "boolean"}}}},
      {"result",
       {{"message"},
        {{"ruleId", "text"},
         {"ruleIndex", "integer"},
         {"kind", "notApplicable|pass|fail|review|open|informational"},
         {"level", "none|note|warning|error"},
         {"message", "message"},
         {"locations", "[]location"}}}},
      {"message", {{"text"}, {{"text", "text"}, {"markdown", "text"}}}},
      {"location", {{}, {{"physicalLocation", "physical"}}}},
      {"physical", {{"artifactLocation"}, {{"artifactLocation", "artifact"}, {"region", "region"}}}},
      {"artifact", {{}, {{"uri", "uri"}, {"uriBaseId", "text"}, {"index", "integer"}}}},
      {"region",
       {{},
        {{"startLine", "position"},
         {"startColumn", "position"},
         {"endLine", "position"},
         {"endColumn", "position"}}}},
  };
  return *kFacts;
}

bool IsUri(const std::string& text) {
  const absl::string_view allowed = "-._~:/?#[]@!$&'()*+,;=%";
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && !absl::StrContains(allowed, c)) return false;
  }
  return !text.empty();
}

void Validate(const Json& json, const std::string& type, const std::string& path) {
  if (absl::StartsWith(type, "[]")) {
    ASSERT_TRUE(json.is_array()) << path;
    for (size_t i = 0; i < json.size(); ++i) Validate(json[i], type.substr(2), absl::StrCat(path, "/", i));
    return;
  }
  const auto facts = SarifFacts().find(type);
  if (facts != SarifFacts().end()) {
    ASSERT_TRUE(json.is_object()) << path;
    for (const std::string& name : facts->second.required)
      EXPECT_TRUE(json.contains(name)) << path << "/" << name;
    for (const auto& [name, value] : json.items()) {
      const auto member = facts->second.members.find(name);
      ASSERT_NE(member, facts->second.members.end()) << path << "/" << name;
      Validate(value, member->second, absl::StrCat(path, "/", name));
    }
  } else if (type == "boolean") {
    EXPECT_TRUE(json.is_boolean()) << path;
  } else if (type == "integer" || type == "position") {
    ASSERT_TRUE(json.is_number_integer()) << path;
    EXPECT_GE(json.get<int>(), type == "integer" ? -1 : 1) << path;
  } else {
    ASSERT_TRUE(json.is_string()) << path;
    const std::string text = json.get<std::string>();
    if (type == "text") {
      EXPECT_FALSE(text.empty()) << path;
    } else if (type == "uri") {
      EXPECT_TRUE(IsUri(text)) << path << ": " << text;
    } else {
      EXPECT_TRUE(absl::StrContains(absl::StrCat("|", type, "|"), absl::StrCat("|", text, "|")))
          << path << ": " << text;
    }
  }
}

constexpr char kText[] = "FROM a\nENV über=$x \\\n\n  y=z\n";

CheckReport Report(const DockerfileAst* ast) {
  CheckReport report;
  report.file = "my files/Dockerfile";
  report.text = kText;
  report.ast = ast;
  report.findings = {
      {Severity::kError, report.file, {4, 3, 4, 4}, "it is wrong", "mend it", ""},
      {Severity::kWarning, report.file, {2, 12, 2, 14}, "x is not set", "set it", "UndefinedVar"},
      {Severity::kWarning, report.file, {3, 1, 3, 1}, "an empty line", "", "NoEmptyContinuation"},
      {Severity::kWarning, "", {}, "b was not consumed", "", "UnusedBuildArg"},
  };
  SortFindings(&report.findings);
  return report;
}

class CheckReportTest : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<Diagnostic> problems;
    ast_ = ParseDockerfile("my files/Dockerfile", kText, &problems);
    ASSERT_TRUE(ast_.has_value());
  }
  absl::optional<DockerfileAst> ast_;
};

TEST_F(CheckReportTest, Text) {
  EXPECT_EQ(CheckText(Report(&*ast_), false),
            "warning: b was not consumed [UnusedBuildArg]\n"
            "my files/Dockerfile:2:12: warning: x is not set [UndefinedVar]\n"
            "  ENV über=$x \\\n"
            "            ^~\n"
            "  help: set it\n"
            "my files/Dockerfile:3:1: warning: an empty line [NoEmptyContinuation]\n"
            "my files/Dockerfile:4:3: error: it is wrong\n"
            "    y=z\n"
            "    ^\n"
            "  help: mend it\n"
            "my files/Dockerfile: 3 warnings, 1 error\n");
  CheckReport clean;
  clean.file = "Dockerfile";
  EXPECT_EQ(CheckText(clean, false), "Dockerfile: no warnings\n");
}

TEST_F(CheckReportTest, JsonNamesTheLinesOfTheInstruction) {
  const Json json = CheckJson(Report(&*ast_));
  ASSERT_EQ(json["warnings"].size(), 3u);
  EXPECT_EQ(json["warnings"][0]["location"]["ranges"].size(), 0u);
  EXPECT_EQ(json["warnings"][1]["ruleName"], "UndefinedVar");
  EXPECT_EQ(DumpJson(json["warnings"][1]["location"]),
            R"({"ranges":[{"start":{"line":2},"end":{"line":4}}]})");
  EXPECT_EQ(DumpJson(json["warnings"][1]["place"]), R"({"line":2,"column":12,"endLine":2,"endColumn":14})");
  EXPECT_EQ(json["warnings"][1]["help"], "set it");
  // BuildKit sees it at the end of the instruction.
  EXPECT_EQ(DumpJson(json["warnings"][2]["location"]),
            R"({"ranges":[{"start":{"line":4},"end":{"line":4}}]})");
  EXPECT_EQ(json["buildError"]["message"], "it is wrong");
  EXPECT_EQ(json["sources"][0]["filename"], "my files/Dockerfile");
}

TEST_F(CheckReportTest, SarifFollowsItsSchema) {
  const Json sarif = CheckSarif(Report(&*ast_));
  Validate(sarif, "log", "");
  const Json& run = sarif["runs"][0];
  ASSERT_EQ(run["results"].size(), 4u);
  for (const Json& result : run["results"]) {
    // The index leads to the rule of that name.
    const Json& rule = run["tool"]["driver"]["rules"][result["ruleIndex"].get<size_t>()];
    EXPECT_EQ(rule["id"], result["ruleId"]);
  }
  const Json& undefined = run["results"][1];
  EXPECT_EQ(undefined["message"]["text"], "x is not set; set it");
  const Json& physical = undefined["locations"][0]["physicalLocation"];
  EXPECT_EQ(physical["artifactLocation"]["uri"], "my%20files/Dockerfile");
  // In characters: the u with two dots is one.
  EXPECT_EQ(DumpJson(physical["region"]), R"({"startLine":2,"startColumn":11,"endLine":2,"endColumn":13})");
  EXPECT_EQ(run["results"][3]["ruleId"], "Error");
  EXPECT_EQ(run["invocations"][0]["executionSuccessful"], false);
}

TEST_F(CheckReportTest, SarifOfNothing) {
  CheckReport clean;
  clean.file = "Dockerfile";
  const Json sarif = CheckSarif(clean);
  Validate(sarif, "log", "");
  EXPECT_TRUE(sarif["runs"][0]["results"].empty());
}

}  // namespace
}  // namespace kasane
