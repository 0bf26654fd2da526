#include "src/base/shorten.h"

#include "absl/strings/str_cat.h"

namespace kasane {

std::string Shorten(absl::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  size_t end = most - 3;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), "...");
}

}  // namespace kasane
