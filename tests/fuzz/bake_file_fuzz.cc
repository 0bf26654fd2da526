// A docker-bake.json from a stranger: images and groups, or a diagnostic that can be shown at its place;
// never a crash.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "src/config/bake_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const kasane::Variables variables = [](const std::string& name) {
    return name == "SET" ? absl::optional<std::string>("value") : absl::nullopt;
  };
  kasane::Workspace workspace;
  std::vector<kasane::Diagnostic> diagnostics;
  const bool ok = kasane::ReadBakeFile(text, "docker-bake.json", variables, &workspace, &diagnostics);
  if (!ok && diagnostics.empty()) abort();
  const int lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const kasane::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.range.line > lines) abort();  // a place in what was made of it
    kasane::Render(diagnostic, text, false);
  }
  if (!ok) return 0;
  for (const kasane::WorkspaceGroup& group : workspace.groups) {
    for (const std::string& member : group.members) {
      if (workspace.Find(member) == nullptr) abort();
    }
  }
  return 0;
}
