#include "generator/check_report.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/lint_rules.h"

namespace kasane {
namespace {

// The lines that BuildKit would name: all of the instruction. A comment belongs to the instruction below it.
SourceRange LinesAround(const CheckReport& report, const Diagnostic& d) {
  if (report.ast == nullptr || d.range.line == 0) return d.range;
  if (d.rule == lint::kNoEmptyContinuation.name) {
    for (const EmptyContinuation& empty : report.ast->empty_continuations) {
      if (empty.first.line == d.range.line) return empty.around;
    }
  }
  for (const Instruction& in : report.ast->instructions) {
    if (in.range.end_line >= d.range.line) return in.range;
  }
  return d.range;
}

Json Location(const SourceRange& lines) {
  Json location;
  location["ranges"] = Json::array();
  if (lines.line > 0) {
    location["ranges"].push_back({{"start", {{"line", lines.line}}}, {"end", {{"line", lines.end_line}}}});
  }
  return location;
}

Json Place(const SourceRange& range) {
  return {{"line", range.line},
          {"column", range.column},
          {"endLine", range.end_line},
          {"endColumn", range.end_column}};
}

}  // namespace

void SortFindings(std::vector<Diagnostic>* findings) {
  std::stable_sort(findings->begin(), findings->end(), [](const Diagnostic& a, const Diagnostic& b) {
    if (a.severity != b.severity) return a.severity == Severity::kWarning;
    if (a.range.line != b.range.line) return a.range.line < b.range.line;
    return a.range.column < b.range.column;
  });
}

std::string CheckText(const CheckReport& report, bool color) {
  std::string out;
  size_t warnings = 0, errors = 0;
  for (const Diagnostic& d : report.findings) {
    ++(d.severity == Severity::kWarning ? warnings : errors);
    absl::StrAppend(&out, Render(d, report.text, color));
  }
  if (warnings + errors == 0) return absl::StrCat(report.file, ": no warnings\n");
  absl::StrAppend(&out, report.file, ": ", warnings, warnings == 1 ? " warning" : " warnings");
  if (errors > 0) absl::StrAppend(&out, ", ", errors, errors == 1 ? " error" : " errors");
  return absl::StrCat(out, "\n");
}

Json CheckJson(const CheckReport& report) {
  Json out;
  out["warnings"] = Json::array();
  for (const Diagnostic& d : report.findings) {
    if (d.severity != Severity::kWarning) continue;
    Json warning;
    warning["ruleName"] = d.rule;
    if (const LintRule* rule = FindLintRule(d.rule)) {
      warning["description"] = rule->summary;
      if (!rule->url.empty()) warning["url"] = rule->url;
    }
    warning["detail"] = d.message;
    warning["location"] = Location(LinesAround(report, d));
    if (!d.help.empty()) warning["help"] = d.help;
    if (d.range.line > 0) warning["place"] = Place(d.range);
    out["warnings"].push_back(std::move(warning));
  }
  out["sources"] = Json::array();
  out["sources"].push_back(
      {{"filename", report.file}, {"language", "Dockerfile"}, {"data", absl::Base64Escape(report.text)}});
  for (const Diagnostic& d : report.findings) {
    if (d.severity != Severity::kError) continue;
    out["buildError"] = {{"message", d.message}, {"location", Location(LinesAround(report, d))}};
    if (!d.help.empty()) out["buildError"]["help"] = d.help;
    if (d.range.line > 0) out["buildError"]["place"] = Place(d.range);
  }
  return out;
}

}  // namespace kasane
