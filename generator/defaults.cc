#include "generator/defaults.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/config/workspace_file.h"

namespace kasane {
namespace {

// These mean one build alone.
constexpr absl::string_view kNoDefaults[] = {
    "file",      "target", "tag",   "generated", "build-tree", "emit", "output", "pull",  "no-cache",
    "build-dir", "call",   "check", "json",      "format",     "help", "stats",  "trace", "fresh"};
// Their values have names, or stand beside each other.
constexpr absl::string_view kJoined[] = {"build-arg", "build-context", "label", "annotation",  "add-host",
                                         "ulimit",    "secret",        "allow", "cdi-spec-dir"};

template <typename Names>
bool IsAmong(const Names& names, absl::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// Relative paths are seen from the file's directory.
std::string FromDirectory(const std::string& word, const std::string& directory) {
  for (const char* option : {"--profiles=", "--cdi-spec-dir="}) {
    if (absl::StartsWith(word, option))
      return absl::StrCat(option, JoinPath(directory, absl::StripPrefix(word, option)));
  }
  if (!absl::StartsWith(word, "--secret=")) return word;
  std::vector<std::string> fields = absl::StrSplit(word, ',');
  for (std::string& field : fields) {
    for (const char* key : {"src=", "source="}) {
      if (absl::StartsWith(field, key))
        field = absl::StrCat(key, JoinPath(directory, absl::StripPrefix(field, key)));
    }
  }
  return absl::StrJoin(fields, ",");
}

// "network" of "--network=host".
absl::string_view NameOf(absl::string_view word) {
  absl::ConsumePrefix(&word, "--");
  return word.substr(0, word.find('='));
}

// The words that a file gives, in the form of RememberedArguments. A file that is not there gives none.
bool ReadDefaults(const std::string& path, bool is_persons, Environment environment,
                  std::vector<std::string>* words, std::set<std::string>* given, Diagnostic* error) {
  if (path.empty() || !PathExists(path)) return true;
  error->file = path;
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) {
    error->message = std::string(text.status().message());
    return false;
  }
  std::vector<std::string> read;
  if (!ParseDefaults(*text, path, /*nothing_else=*/is_persons, &read, error)) return false;
  for (std::string& word : read) word = FromDirectory(word, std::string(Dirname(path)));
  Options options;
  Diagnostic wrong;
  if (!ParseOptions(read, environment, &options, &wrong)) {
    error->message = wrong.message;
    error->help = wrong.help;
    return false;
  }
  for (absl::string_view name : kNoDefaults) {
    if (options.given.count(std::string(name)) == 0) continue;
    error->message = absl::StrCat("--", name, " is no default: it means one build");
    return false;
  }
  *given = options.given;
  options.build_args.erase("SOURCE_DATE_EPOCH");  // the environment's, which the command line has too
  *words = RememberedArguments(options);
  words->resize(words->size() - 2);  // "--" and the context
  *error = Diagnostic();
  return true;
}

void TakeOut(const std::set<std::string>& given, std::vector<std::string>* words) {
  words->erase(std::remove_if(words->begin(), words->end(),
                              [&given](const std::string& word) {
                                const absl::string_view name = NameOf(word);
                                return given.count(std::string(name)) > 0 && !IsAmong(kJoined, name);
                              }),
               words->end());
}

}  // namespace

std::string PersonsDefaults(Environment environment) {
  if (const auto set = environment("KASANE_CONFIG"); set.has_value())
    return set->empty() ? "" : AbsolutePath(*set);
  std::string directory = environment("XDG_CONFIG_HOME").value_or("");
  const std::string home = environment("HOME").value_or("");
  // The XDG specification: a relative path is to be ignored.
  if (!absl::StartsWith(directory, "/")) directory = home.empty() ? "" : JoinPath(home, ".config");
  return absl::StartsWith(directory, "/") ? JoinPath(directory, "kasane/config.toml") : "";
}

std::string ProjectsDefaults() { return AbsolutePath(kWorkspaceFile); }

std::vector<std::string> DependsOfDefaults(const DefaultFiles& files) {
  std::vector<std::string> depends;
  for (const std::string* path : {&files.persons, &files.projects}) {
    if (!path->empty() && PathExists(*path)) depends.push_back(*path);
  }
  // If there is no file its directory changes when it appears. The project's is mostly a context.
  std::string place = files.persons;
  while (place.size() > 1 && !PathExists(place)) place = std::string(Dirname(place));
  if (place.size() > 1 && place != files.persons) depends.push_back(place);
  return depends;
}

bool ParseWithDefaults(const DefaultFiles& files, const std::vector<std::string>& words,
                       const std::set<std::string>& given, Environment environment, Options* options,
                       std::string* note, Diagnostic* error) {
  auto typed = std::make_shared<Options>();
  if (!ParseOptions(words, environment, typed.get(), error)) {
    *options = *typed;
    return false;
  }
  typed->given.insert(given.begin(), given.end());
  typed->defaults = files;
  *options = *typed;
  options->wrong_value = true;
  std::vector<std::string> persons, projects;
  std::set<std::string> of_person, of_project;
  if (!ReadDefaults(files.projects, false, environment, &projects, &of_project, error) ||
      !ReadDefaults(files.persons, true, environment, &persons, &of_person, error)) {
    return false;
  }
  options->wrong_value = false;
  TakeOut(typed->given, &projects);
  of_project.insert(typed->given.begin(), typed->given.end());
  TakeOut(of_project, &persons);
  *note = persons.empty() ? "" : absl::StrCat(files.persons, " adds ", absl::StrJoin(persons, " "));
  if (persons.empty() && projects.empty()) return true;
  std::vector<std::string> all = std::move(persons);
  all.insert(all.end(), projects.begin(), projects.end());
  all.insert(all.end(), words.begin(), words.end());
  Options whole;
  if (!ParseOptions(all, environment, &whole, error)) return false;
  whole.given = typed->given;
  whole.defaults = files;
  whole.typed = std::move(typed);
  *options = std::move(whole);
  return true;
}

}  // namespace kasane
