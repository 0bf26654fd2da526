// CheckSarif, see check_report.h. The format: SARIF 2.1.0 (OASIS), of which only what viewers of code use.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "generator/check_report.h"
#include "src/dockerfile/lint_rules.h"

namespace kasane {
namespace {

constexpr char kError[] = "Error";

// A relative reference: '/' stays, and so does what RFC 3986 calls unreserved.
std::string EscapeUri(absl::string_view path) {
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = absl::ascii_isalnum(byte) || absl::StrContains("-._~/", c);
    if (plain) {
      out += c;
    } else {
      absl::StrAppendFormat(&out, "%%%02X", byte);
    }
  }
  return out;
}

// From bytes to characters; a byte that is not UTF-8 counts as one.
int CharacterColumn(absl::string_view line, int column) {
  const absl::string_view before = line.substr(0, static_cast<size_t>(std::max(column, 1) - 1));
  return 1 + static_cast<int>(
                 std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

class SarifWriter {
 public:
  explicit SarifWriter(const CheckReport& report)
      : report_(report), lines_(absl::StrSplit(report.text, '\n')) {}

  Json Write() {
    bool failed = false;
    Json results = Json::array();
    for (const Diagnostic& d : report_.findings) {
      failed |= d.severity == Severity::kError;
      results.push_back(Result(d));
    }
    Json run;
    run["tool"]["driver"] = {{"name", "Kasane"}, {"rules", Rules()}};
    run["invocations"] = Json::array({{{"executionSuccessful", !failed}}});
    run["columnKind"] = "unicodeCodePoints";
    run["results"] = std::move(results);
    Json log;
    log["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json";
    log["version"] = "2.1.0";
    log["runs"] = Json::array({std::move(run)});
    return log;
  }

 private:
  static Json Rules() {
    Json rules = Json::array();
    for (const LintRule* rule : LintRules()) {
      Json descriptor;
      descriptor["id"] = rule->name;
      descriptor["shortDescription"]["text"] = rule->summary;
      if (!rule->url.empty()) descriptor["helpUri"] = rule->url;
      descriptor["defaultConfiguration"] = {{"enabled", !rule->experimental}, {"level", "warning"}};
      rules.push_back(std::move(descriptor));
    }
    Json error;
    error["id"] = kError;
    error["shortDescription"]["text"] = "The Dockerfile cannot be built";
    error["defaultConfiguration"]["level"] = "error";
    rules.push_back(std::move(error));
    return rules;
  }

  static size_t RuleIndex(const std::string& name) {
    const std::vector<const LintRule*>& rules = LintRules();
    return static_cast<size_t>(
        std::find_if(rules.begin(), rules.end(), [&](const LintRule* r) { return r->name == name; }) -
        rules.begin());
  }

  Json Result(const Diagnostic& d) const {
    Json result;
    const bool warning = d.severity == Severity::kWarning;
    result["ruleId"] = warning ? d.rule : kError;
    result["ruleIndex"] = RuleIndex(d.rule);
    result["level"] = warning ? "warning" : "error";
    result["message"]["text"] = d.help.empty() ? d.message : absl::StrCat(d.message, "; ", d.help);
    Json physical;
    physical["artifactLocation"]["uri"] = EscapeUri(d.file.empty() ? report_.file : d.file);
    if (d.range.line > 0) physical["region"] = Region(d.range);
    result["locations"] = Json::array({{{"physicalLocation", std::move(physical)}}});
    return result;
  }

  Json Region(const SourceRange& range) const {
    const auto column = [this](int line, int byte) {
      const auto index = static_cast<size_t>(line) - 1;
      return index < lines_.size() ? CharacterColumn(lines_[index], byte) : std::max(byte, 1);
    };
    Json region;
    region["startLine"] = range.line;
    region["startColumn"] = column(range.line, range.column);
    const int end = std::max(range.end_line, range.line);
    region["endLine"] = end;
    region["endColumn"] = column(end, range.end_column);
    return region;
  }

  const CheckReport& report_;
  std::vector<absl::string_view> lines_;
};

}  // namespace

Json CheckSarif(const CheckReport& report) { return SarifWriter(report).Write(); }

}  // namespace kasane
