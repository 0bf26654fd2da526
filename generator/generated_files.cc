#include "generator/generated_files.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "generator/context_argument.h"
#include "generator/ninja_writer.h"
#include "src/base/file.h"

namespace kasane {

std::string GeneratedPath(const std::string& word) {
  const std::string path = AbsolutePath(word);
  return absl::StrCat(JoinPath(RealPath(std::string(Dirname(path))), Basename(path)),
                      absl::EndsWith(word, "/") ? "/" : "");
}

std::vector<std::string> GeneratedIn(const Options& options, const std::string& root) {
  std::vector<std::string> paths;
  for (const std::string& word : options.generated) {
    const std::string path = GeneratedPath(word);
    absl::string_view relative = path;
    if (absl::ConsumePrefix(&relative, root) && absl::ConsumePrefix(&relative, "/") && !relative.empty()) {
      paths.emplace_back(relative);
    }
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

bool CheckGenerated(const Options& options, const Layout& layout, Diagnostic* error) {
  std::vector<std::string> roots;
  if (!layout.context.empty()) roots.push_back(layout.context);
  for (const auto& [name, word] : options.build_contexts) {
    ContextArgument argument;
    Diagnostic ignored;  // told elsewhere
    ParseNamedContext(name, word, &argument, &ignored);
    if (argument.kind == ContextArgument::Kind::kDirectory) roots.push_back(RealPath(word));
  }
  for (const std::string& word : options.generated) {
    Options one;
    one.generated = {word};
    const std::string path(absl::StripSuffix(GeneratedPath(word), "/"));
    *error = Diagnostic();
    if (!NinjaCanName(path)) {
      error->message = absl::StrCat("--generated ", word, ": ninja cannot have a file of this name");
    } else if (IsTargetName(layout.FromBuildDir(path))) {
      error->message = absl::StrCat("--generated ", word, ": this is the name of a target of ninja");
      error->help = "choose another build directory: gen -C DIR";
    } else if (std::all_of(roots.begin(), roots.end(),
                           [&](const std::string& root) { return GeneratedIn(one, root).empty(); })) {
      error->message = absl::StrCat("--generated ", word, " lies in no context directory");
      error->help =
          "it is a path as seen from the current directory, below CONTEXT or below a --build-context";
    } else {
      continue;
    }
    return false;
  }
  return true;
}

}  // namespace kasane
