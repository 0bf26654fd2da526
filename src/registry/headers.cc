#include "src/registry/headers.h"

#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace kasane {

void AddHeaderLine(absl::string_view line, HttpResponse* response) {
  line = absl::StripAsciiWhitespace(line);
  if (absl::StartsWith(line, "HTTP/")) {
    *response = HttpResponse();
    const size_t blank = line.find(' ');
    if (blank == absl::string_view::npos) return;
    line = absl::StripLeadingAsciiWhitespace(line.substr(blank));
    int status = 0;
    if (absl::SimpleAtoi(line.substr(0, line.find(' ')), &status)) response->status = status;
    return;
  }
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos) return;
  std::string& slot = response->headers[absl::AsciiStrToLower(line.substr(0, colon))];
  absl::StrAppend(&slot, slot.empty() ? "" : ", ", absl::StripAsciiWhitespace(line.substr(colon + 1)));
}

int64_t ContentRangeStart(absl::string_view value) {
  int64_t start = -1;
  if (!absl::ConsumePrefix(&value, "bytes ")) return -1;
  return absl::SimpleAtoi(value.substr(0, value.find('-')), &start) && start >= 0 ? start : -1;
}

int64_t UploadedBytes(absl::string_view value, int64_t nothing) {
  const size_t dash = value.find('-');
  int64_t last = -1;
  if (dash == absl::string_view::npos || !absl::SimpleAtoi(value.substr(dash + 1), &last)) return nothing;
  return last <= 0 || last == std::numeric_limits<int64_t>::max() ? nothing : last + 1;
}

}  // namespace kasane
