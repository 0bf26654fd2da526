#include "generator/project_profiles.h"

#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/file.h"
#include "src/trace/profile_file.h"

namespace kasane {

std::string ProjectProfilesPath(const Options& options, const Layout& layout) {
  if (!options.profiles.empty()) return RealPath(options.profiles);
  if (layout.context.empty()) return "";
  const std::string path = JoinPath(layout.context, "kasane-profiles.toml");
  return PathExists(path) ? path : "";
}

bool ReadProjectProfiles(const Options& options, const Layout& layout, std::string* text,
                         Messages* messages) {
  const std::string path = ProjectProfilesPath(options, layout);
  text->clear();
  if (path.empty()) return true;
  absl::StatusOr<std::string> read = ReadFile(path);
  if (!read.ok()) {
    messages->Error(read.status().message());
    return false;
  }
  std::vector<ProfileRule> rules;
  std::vector<Diagnostic> diagnostics;
  const bool ok = ParseProfiles(*read, layout.FromBuildDir(path), &rules, &diagnostics);
  messages->Add(diagnostics, *read);
  if (ok) *text = *std::move(read);
  return ok;
}

}  // namespace kasane
