// A compose.yaml from a stranger: images with a context each, or a diagnostic that can be shown; never a
// crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "src/base/file.h"
#include "src/config/compose_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const kasane::Variables variables = [](const std::string& name) {
    return name == "SET" ? absl::optional<std::string>("value") : absl::nullopt;
  };
  kasane::Workspace workspace;
  std::vector<kasane::Diagnostic> diagnostics;
  // What it includes or extends is this text again.
  const kasane::FileReader read = [&text](const std::string& path) -> absl::StatusOr<std::string> {
    if (path.size() > 100 || kasane::Basename(path) == ".env") return absl::NotFoundError("no such file");
    return std::string(text);
  };
  std::map<std::string, std::string> texts;
  const bool ok = kasane::ReadComposeFile("compose.yaml", read, variables, &workspace, &texts, &diagnostics);
  if (!ok && diagnostics.empty()) abort();
  for (const kasane::Diagnostic& diagnostic : diagnostics) kasane::Render(diagnostic, text, false);
  if (!ok) return 0;
  for (const kasane::WorkspaceImage& image : workspace.images) {
    if (image.words.size() < 2 || image.words.back() != image.context) abort();
  }
  kasane::Diagnostic error;
  (void)kasane::SortByBases("compose.yaml", &workspace, &error);
  return 0;
}
