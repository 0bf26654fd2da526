// A project's tool profiles from a stranger: diagnostics or rules, never a crash; and rules that can be
// asked.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "src/trace/profile.h"
#include "src/trace/profile_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<kasane::ProfileRule> rules;
  std::vector<kasane::Diagnostic> diagnostics;
  if (!kasane::ParseProfiles(text, "fuzz.toml", &rules, &diagnostics)) {
    if (diagnostics.empty() || !rules.empty()) __builtin_trap();
    for (const kasane::Diagnostic& diagnostic : diagnostics) kasane::Render(diagnostic, text, false);
    return 0;
  }
  for (const kasane::ProfileRule& rule : rules) {
    kasane::FitsArguments(rule, {"busybox", "cat", "-rf", "--all=1", "x"});
    kasane::FitsEnvironment(rule, {"HOME=/root", "GOFLAGS=-overlay=x"});
    const std::string filter = rule.list.Encode();
    if (!kasane::ListFilter::Decode(filter).ok()) __builtin_trap();
  }
  if (kasane::Profiles::Of(std::move(rules)).digest().empty()) __builtin_trap();
  return 0;
}
