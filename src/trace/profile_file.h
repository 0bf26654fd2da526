// Reads tool profiles from TOML: rules/profiles/README.md describes the format.
#ifndef KASANE_SRC_TRACE_PROFILE_FILE_H_
#define KASANE_SRC_TRACE_PROFILE_FILE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/base/diagnostic.h"
#include "src/trace/profile_rule.h"

namespace kasane {

// Adds the profiles of one file. What is wrong goes to `diagnostics`, as errors (an unknown key is one: a
// limit with a wrong name must not be a limit that is not there); false if there was any, and then nothing is
// added. `file`: its name for the diagnostics.
bool ParseProfiles(absl::string_view text, const std::string& file, std::vector<ProfileRule>* rules,
                   std::vector<Diagnostic>* diagnostics);

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_PROFILE_FILE_H_
