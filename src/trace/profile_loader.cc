// Profiles::Load: the files of rules/profiles and of the project.
#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/diagnostic.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/trace/profile.h"
#include "src/trace/profile_file.h"

namespace kasane {
namespace {

// The names of a directory's *.toml, sorted.
absl::StatusOr<std::vector<std::string>> ListToml(const std::string& directory) {
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(directory.c_str()), &closedir);
  if (dir == nullptr) return ErrnoStatus(errno, absl::StrCat("cannot read ", directory));
  std::vector<std::string> names;
  while (const dirent* entry = readdir(dir.get())) {
    if (absl::EndsWith(entry->d_name, ".toml")) names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::vector<ProfileRule>> Parse(absl::string_view text, const std::string& file) {
  std::vector<ProfileRule> rules;
  std::vector<Diagnostic> diagnostics;
  if (ParseProfiles(text, file, &rules, &diagnostics)) return rules;
  std::string errors;
  for (const Diagnostic& diagnostic : diagnostics) errors += Render(diagnostic, text, false);
  absl::StripTrailingAsciiWhitespace(&errors);
  return absl::InvalidArgumentError(errors);
}

absl::StatusOr<std::vector<ProfileRule>> ReadDirectory(const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListToml(directory));
  std::vector<ProfileRule> rules;
  for (const std::string& name : names) {
    const std::string file = JoinPath(directory, name);
    ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    ASSIGN_OR_RETURN(std::vector<ProfileRule> added, Parse(text, file));
    for (ProfileRule& rule : added) {
      for (const ProfileRule& other : rules) {
        if (other.name != rule.name) continue;
        return absl::InvalidArgumentError(absl::StrCat(file, ": error: the profile `", rule.name,
                                                       "` is in another file of ", directory, " too"));
      }
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

// `added` replace those of the same names.
void Add(std::vector<ProfileRule> added, std::vector<ProfileRule>* rules) {
  for (ProfileRule& rule : added) {
    rules->erase(std::remove_if(rules->begin(), rules->end(),
                                [&](const ProfileRule& other) { return other.name == rule.name; }),
                 rules->end());
    rules->push_back(std::move(rule));
  }
}

}  // namespace

absl::StatusOr<Profiles> Profiles::Load(const std::vector<std::string>& directories,
                                        absl::string_view project) {
  std::vector<ProfileRule> rules;
  for (const std::string& directory : directories) {
    ASSIGN_OR_RETURN(std::vector<ProfileRule> added, ReadDirectory(directory));
    Add(std::move(added), &rules);
  }
  ASSIGN_OR_RETURN(std::vector<ProfileRule> added, Parse(project, "the project's profiles"));
  Add(std::move(added), &rules);
  return Of(std::move(rules));
}

}  // namespace kasane
