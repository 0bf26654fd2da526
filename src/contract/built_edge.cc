#include "src/contract/built_edge.h"

#include "absl/strings/str_cat.h"

namespace kasane {

std::string StepTitle(const StepOrigin& origin) {
  const std::string place =
      origin.range.line == 0
          ? ""
          : absl::StrCat(origin.dockerfile.empty() ? "-" : origin.dockerfile, ":", origin.range.line, ", ");
  return absl::StrCat(origin.text, "  (", place, "stage ", origin.stage, ")");
}

}  // namespace kasane
