// Any word expands or gives an error whose place lies inside it. The first byte chooses the mode.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "src/dockerfile/expand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  kasane::ExpandOptions options;
  options.escape = (data[0] & 1) != 0 ? '`' : '\\';
  options.keep_quotes = (data[0] & 2) != 0;
  options.keep_escapes = (data[0] & 4) != 0;
  options.plain_quotes = (data[0] & 8) != 0;
  options.keep_undefined = (data[0] & 16) != 0;
  const absl::string_view word(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto lookup = [&](absl::string_view name) -> absl::optional<absl::string_view> {
    if (name == "a") return word.substr(0, 64);
    if (name == "b") return absl::string_view("x.tar.gz");
    if (name == "c") return absl::string_view();
    return absl::nullopt;
  };
  kasane::Expansion out;
  kasane::ExpandError error;
  if (!kasane::Expand(word, lookup, options, &out, &error)) {
    if (error.message.empty() || error.offset > word.size()) std::abort();
    return 0;
  }
  for (const kasane::ExpandedWord& w : out.words) {
    if (w.begin > w.end || w.end > word.size()) std::abort();
  }
  return 0;
}
