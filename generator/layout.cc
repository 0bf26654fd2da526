#include "generator/layout.h"

#include <dirent.h>
#include <sys/stat.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "generator/context_argument.h"
#include "generator/generated_files.h"
#include "generator/ninja_writer.h"
#include "src/base/file.h"

namespace kasane {
namespace {

bool IsDirectory(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool Fail(Diagnostic* error, std::string message, std::string help = "") {
  *error = Diagnostic();
  error->message = std::move(message);
  error->help = std::move(help);
  return false;
}

// True if the directory holds nothing but what gen puts there (or does not exist).
bool IsOnlyABuildDir(const std::string& path) {
  DIR* dir = opendir(path.c_str());
  if (dir == nullptr) return true;
  bool only = true;
  while (const dirent* entry = readdir(dir)) {
    absl::string_view name = entry->d_name;
    only = only && (name == "." || name == ".." || name == kStateName || name == kStubName);
  }
  closedir(dir);
  return only;
}

// `path` relative to `directory`, if it lies in it.
bool Inside(const std::string& path, const std::string& directory, std::string* relative) {
  std::string prefix = directory == "/" ? directory : directory + "/";
  if (!absl::StartsWith(path, prefix)) return false;
  *relative = path.substr(prefix.size());
  return true;
}

}  // namespace

std::string Layout::FromBuildDir(const std::string& path) const {
  // A path up to the root and down again is longer, and wrong as soon as the build moves.
  auto top = [](absl::string_view absolute) { return absolute.substr(0, absolute.find('/', 1)); };
  return top(path) == top(build_dir) ? RelativePath(path, build_dir) : path;
}

bool FindLayout(const Options& options, Layout* layout, Diagnostic* error) {
  ContextArgument argument;
  if (!ParseMainContext(options.context, &argument, error)) return false;
  const bool is_directory = argument.kind == ContextArgument::Kind::kDirectory;
  layout->context = is_directory ? RealPath(options.context) : "";
  layout->build_dir = !options.build_dir.empty() ? RealPath(options.build_dir)
                      : is_directory             ? layout->context
                                                 : RealPath(".");
  if (PathExists(layout->build_dir) && !IsDirectory(layout->build_dir)) {
    return Fail(error, absl::StrCat("build directory ", options.build_dir, " is not a directory"));
  }
  // Of a context that is no directory only an absolute path names a file of this machine.
  if (options.file == "-" || (!is_directory && !absl::StartsWith(options.file, "/"))) {
    layout->dockerfile = layout->kept_dockerfile();
    layout->shown_dockerfile = options.file.empty() || options.file == "-" ? "Dockerfile" : options.file;
    return true;
  }
  auto shown = [&](const char* name) {
    return options.context == "." ? name : JoinPath(options.context, name);
  };
  layout->shown_dockerfile = options.file.empty() ? shown("Dockerfile") : options.file;
  std::string file = AbsolutePath(layout->shown_dockerfile);
  if (options.file.empty() && !PathExists(file) && PathExists(AbsolutePath(shown("dockerfile")))) {
    layout->shown_dockerfile = shown("dockerfile");
    file = AbsolutePath(layout->shown_dockerfile);
  }
  layout->dockerfile = JoinPath(RealPath(std::string(Dirname(file))), Basename(file));
  struct stat info;
  if (stat(layout->dockerfile.c_str(), &info) != 0) {
    return Fail(error, absl::StrCat(layout->shown_dockerfile, " does not exist"),
                options.file.empty() ? "name the Dockerfile with -f, or the context directory as the argument"
                                     : "the path after -f is relative to the current directory");
  }
  if (S_ISDIR(info.st_mode)) return Fail(error, absl::StrCat(layout->shown_dockerfile, " is a directory"));
  if (!options.shown_prefix.empty())
    layout->shown_dockerfile = CleanPath(JoinPath(options.shown_prefix, layout->shown_dockerfile));
  return true;
}

std::vector<std::string> OwnFilesInContext(const Layout& layout, const std::string& context,
                                           const std::vector<std::string>& outputs) {
  std::vector<std::string> own = {kStateName};
  std::string in_context = JoinPath(context, kStubName);
  if (layout.build_dir == context || IsNinjaStub(ReadFile(in_context).value_or(""))) {
    own.emplace_back(kStubName);
  }
  std::string relative;
  if (Inside(layout.build_dir, context, &relative)) {
    if (IsOnlyABuildDir(layout.build_dir)) {
      own.push_back(relative);
    } else {
      own.push_back(JoinPath(relative, kStateName));
      own.push_back(JoinPath(relative, kStubName));
    }
  }
  for (const std::string& output : outputs) {
    if (Inside(output, context, &relative)) own.push_back(relative);
  }
  return own;
}

Options AsSeenFromBuildDir(const Options& options, const Layout& layout) {
  Options seen = options;
  if (!layout.context.empty()) {
    seen.context = layout.FromBuildDir(layout.context);
    if (seen.context == "-") seen.context = "./-";
    if (options.file != "-") seen.file = layout.FromBuildDir(layout.dockerfile);
    // The default name stays a default: whichever of Dockerfile and dockerfile is there.
    if (options.file.empty() && seen.context == ".") seen.file.clear();
  }
  for (auto& [name, word] : seen.build_contexts) {
    ContextArgument argument;
    Diagnostic ignored;  // told when it was compiled
    ParseNamedContext(name, word, &argument, &ignored);
    word = ContextWord(argument, word, layout.FromBuildDir(RealPath(argument.value)));
  }
  for (std::string& word : seen.generated) {
    const std::string path = GeneratedPath(word);
    word = layout.FromBuildDir(std::string(absl::StripSuffix(path, "/")));
    if (absl::EndsWith(path, "/")) word += '/';
  }
  for (std::string& word : seen.build_trees) word = layout.FromBuildDir(RealPath(word));
  if (!seen.profiles.empty()) seen.profiles = layout.FromBuildDir(RealPath(seen.profiles));
  if (seen.output.has_value()) {
    seen.output->dest = layout.FromBuildDir(RealPath(seen.output->dest));
  }
  seen.build_dir = ".";
  seen.pull = seen.no_cache = false;
  return seen;
}

}  // namespace kasane
