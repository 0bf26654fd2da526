// Ninja's log: read, and told of what gen has done.
//
// Ninja takes an output for stale if its log says that the output was last made before its newest input,
// whatever the output's own mtime is. So after one regeneration by ninja, each edit that is followed by a gen
// typed by hand would be followed by a second gen, run by ninja. `ninja -t restat` is meant for this, but
// before 1.14 it looks for the log beside build.ninja and not in builddir.
#ifndef KASANE_GENERATOR_NINJA_LOG_H_
#define KASANE_GENERATOR_NINJA_LOG_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace kasane {

// The line to append to a log with this text, so that it says that `output` was made at `mtime` (nanoseconds
// since 1970). Null if there is nothing to say: the log is of an unknown version (known: 5 to 7), or cut off
// in the middle of a line, or never heard of `output`, or knows it as at least as new.
absl::optional<std::string> NinjaLogLine(absl::string_view log, absl::string_view output, int64_t mtime);

// Appends that line, if any, to the log file. Errors are of no consequence.
void NoteInNinjaLog(const std::string& log_path, absl::string_view output, int64_t mtime);

// How long, in milliseconds, what made each output took when it was executed last: of the text of ninja's log
// (versions 5 to 7).
std::map<std::string, int64_t> DurationsInNinjaLog(absl::string_view log);

}  // namespace kasane

#endif  // KASANE_GENERATOR_NINJA_LOG_H_
