#include "src/base/diagnostic.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace kasane {
namespace {

absl::string_view LineOf(absl::string_view source, int line) {
  for (int i = 1; i < line; ++i) {
    size_t newline = source.find('\n');
    if (newline == absl::string_view::npos) return {};
    source.remove_prefix(newline + 1);
  }
  absl::string_view text = source.substr(0, source.find('\n'));
  return absl::StripSuffix(text, "\r");
}

// Letters that are missing, too many, or others; two neighbours that have changed places count once.
int EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<int> row(b.size() + 1), above(b.size() + 1), second(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    second.swap(above);
    above.swap(row);
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], second[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Render(const Diagnostic& d, absl::string_view source, bool color) {
  const char* bold = color ? "\033[1m" : "";
  const char* tint = !color ? "" : d.severity == Severity::kError ? "\033[1;31m" : "\033[1;33m";
  const char* reset = color ? "\033[0m" : "";
  std::string out;
  if (!d.file.empty()) {
    absl::StrAppend(&out, bold, d.file);
    if (d.range.line > 0) absl::StrAppend(&out, ":", d.range.line, ":", std::max(1, d.range.column));
    absl::StrAppend(&out, ": ", reset);
  }
  absl::StrAppend(&out, tint, d.severity == Severity::kError ? "error: " : "warning: ", reset, d.message);
  if (!d.rule.empty()) absl::StrAppend(&out, " [", d.rule, "]");
  out += '\n';
  absl::string_view line = d.range.line > 0 ? LineOf(source, d.range.line) : absl::string_view();
  if (!line.empty()) {
    size_t begin = std::min<size_t>(std::max(d.range.column, 1) - 1, line.size());
    size_t end = d.range.end_line > d.range.line ? line.size()
                                                 : static_cast<size_t>(std::max(d.range.end_column, 1) - 1);
    end = std::max(begin + 1, std::min(end, line.size()));
    std::string carets;
    for (size_t i = 0; i < begin; ++i) {
      if (line[i] == '\t') {
        carets += '\t';
      } else if ((line[i] & 0xC0) != 0x80) {  // one blank a character, not one a byte
        carets += ' ';
      }
    }
    carets += tint;
    carets += '^';
    for (size_t i = begin + 1; i < end; ++i) {
      if (i >= line.size() || (line[i] & 0xC0) != 0x80) carets += '~';
    }
    absl::StrAppend(&out, "  ", line, "\n  ", carets, reset, "\n");
  }
  if (!d.help.empty()) absl::StrAppend(&out, "  help: ", d.help, "\n");
  return out;
}

std::string ClosestMatch(absl::string_view word, const std::vector<std::string>& candidates) {
  std::string lower = absl::AsciiStrToLower(word);
  std::string best;
  int best_distance = std::max<int>(1, static_cast<int>(word.size()) / 3) + 1;
  for (const std::string& candidate : candidates) {
    int distance = EditDistance(lower, absl::AsciiStrToLower(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace kasane
