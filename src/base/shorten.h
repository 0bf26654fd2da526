// Text for one line.
#ifndef KASANE_SRC_BASE_SHORTEN_H_
#define KASANE_SRC_BASE_SHORTEN_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace kasane {

// At most `most` bytes (at least 3), cut between UTF-8 characters, "..." at the end of what was cut.
std::string Shorten(absl::string_view text, size_t most);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_SHORTEN_H_
