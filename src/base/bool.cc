#include "src/base/bool.h"

namespace kasane {

bool ParseBool(absl::string_view text, bool* value) {
  for (absl::string_view word : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == word) return *value = true;
  }
  for (absl::string_view word : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text != word) continue;
    *value = false;
    return true;
  }
  return false;
}

}  // namespace kasane
