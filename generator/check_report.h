// What `gen check` prints.
#ifndef KASANE_GENERATOR_CHECK_REPORT_H_
#define KASANE_GENERATOR_CHECK_REPORT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/base/diagnostic.h"
#include "src/base/json.h"
#include "src/dockerfile/ast.h"

namespace kasane {

struct CheckReport {
  std::string file;                    // the Dockerfile as the user would name it
  std::string text;                    // its bytes
  const DockerfileAst* ast = nullptr;  // null: it could not be parsed
  std::vector<Diagnostic> findings;    // warnings and the error that ended the check, if any
};

// By place; those without one first, errors last.
void SortFindings(std::vector<Diagnostic>* findings);

// Each finding as everywhere else, then a line that counts them.
std::string CheckText(const CheckReport& report, bool color);
// The document of BuildKit's frontend.lint (docker buildx build --call=check,format=json): warnings, sources,
// buildError. A warning has more: "help", and "place" with the exact range (columns count bytes from 1, the
// end is exclusive).
Json CheckJson(const CheckReport& report);
// SARIF 2.1.0, one run. Columns count Unicode characters.
Json CheckSarif(const CheckReport& report);

}  // namespace kasane

#endif  // KASANE_GENERATOR_CHECK_REPORT_H_
