#include "src/base/password.h"

namespace kasane {

std::string WithoutPassword(absl::string_view text) {
  std::string out(text);
  for (size_t at = out.find("://"); at != std::string::npos; at = out.find("://", at + 3)) {
    const size_t begin = at + 3;
    const size_t end = out.find_first_of("/ '\"", begin);
    const size_t sign = out.rfind('@', end);
    const size_t colon = out.find(':', begin);
    if (sign == std::string::npos || sign < begin || colon >= sign) continue;
    out.replace(colon + 1, sign - colon - 1, "xxxxx");
  }
  return out;
}

}  // namespace kasane
