// What must not be shown.
#ifndef KASANE_SRC_BASE_PASSWORD_H_
#define KASANE_SRC_BASE_PASSWORD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace kasane {

// A URL, or a message with URLs in it, without the passwords of "scheme://user:password@".
std::string WithoutPassword(absl::string_view text);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_PASSWORD_H_
