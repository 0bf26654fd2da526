// Any bytes parse or give a diagnostic; every range lies inside the text. The checks of syntax find what they
// find, at places that can be shown.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "src/dockerfile/dump.h"
#include "src/dockerfile/lint_syntax.h"
#include "src/dockerfile/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view source(reinterpret_cast<const char*>(data), size);
  std::vector<kasane::Diagnostic> diagnostics;
  auto ast = kasane::ParseDockerfile("Dockerfile", source, &diagnostics);
  for (const kasane::Diagnostic& d : diagnostics) (void)kasane::Render(d, source, false);
  if (!ast.has_value()) {
    if (diagnostics.empty() || diagnostics.back().severity != kasane::Severity::kError) std::abort();
    return 0;
  }
  for (const kasane::Instruction& in : ast->instructions) {
    for (const kasane::Word& word : in.args) {
      if (word.range.line < in.range.line || word.range.end_line > in.range.end_line) std::abort();
    }
  }
  (void)kasane::DumpJson(kasane::DumpAst(*ast));
  kasane::CheckOptions options;
  std::string error;
  if (!kasane::ParseCheckDirective(*ast, &options, &error)) {
    if (error.empty()) std::abort();
    options = {};
  }
  kasane::Linter linter("Dockerfile", options, &diagnostics);
  kasane::LintLines(*ast, &linter);
  for (const kasane::Instruction& in : ast->instructions) kasane::LintInstruction(in, &linter);
  kasane::LintFile(*ast, &linter);
  for (const kasane::Diagnostic& d : diagnostics) {
    if (d.range.line < 1) std::abort();
    (void)kasane::Render(d, source, false);
  }
  return 0;
}
