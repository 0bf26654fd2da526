// What people write for yes and no.
#ifndef KASANE_SRC_BASE_BOOL_H_
#define KASANE_SRC_BASE_BOOL_H_

#include "absl/strings/string_view.h"

namespace kasane {

// As Go's strconv.ParseBool: 1, t, T, TRUE, true, True, and the same for no. False: it is neither, and
// `value` stays as it is.
bool ParseBool(absl::string_view text, bool* value);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_BOOL_H_
