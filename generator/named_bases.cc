#include "generator/named_bases.h"

#include <map>
#include <set>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/dockerfile/parser.h"
#include "src/oci/reference.h"
#include "src/plan/arguments.h"
#include "src/plan/words.h"

namespace kasane {
namespace {

std::string ShortName(const std::string& word) {
  const absl::StatusOr<Reference> reference = ParseReference(word);
  return reference.ok() ? reference->ShortName() : word;
}

// What an option of that form has, among those words: "--build-arg=NAME=VALUE" is ("NAME", "VALUE").
void Collect(absl::string_view option, const std::vector<std::string>& words,
             std::map<std::string, std::string>* out) {
  for (const std::string& word : words) {
    absl::string_view rest = word;
    if (!absl::ConsumePrefix(&rest, option)) continue;
    const size_t cut = rest.find('=');
    if (cut != absl::string_view::npos)
      (*out)[std::string(rest.substr(0, cut))] = std::string(rest.substr(cut + 1));
  }
}

class Finder {
 public:
  Finder(const Workspace& workspace, const std::vector<std::string>& words, WorkspaceImage* image)
      : image_(*image) {
    for (const WorkspaceImage& other : workspace.images) {
      if (other.name == image->name) continue;
      images_[ShortName(other.name)] = other.name;
      for (const std::string& tag : other.tags) images_[ShortName(tag)] = other.name;
    }
    for (const WorkspaceImage::Base& base : image->bases) known_.insert(ShortName(base.context));
    std::map<std::string, std::string> contexts;
    for (const std::vector<std::string>& all : {words, image->words}) {
      Collect("--build-context=", all, &contexts);
      Collect("--build-arg=", all, &options_.build_args);
    }
    for (const auto& [name, source] : contexts) known_.insert(ShortName(name));
    options_.build_platform = options_.target_platform = HostPlatform();
  }

  void Look(const DockerfileAst& ast) {
    file_ = ast.file;
    std::vector<Diagnostic> ignored;
    Report report(ast.file, &ignored);
    Arguments arguments;
    (void)ReadArguments(ast, options_, &report, &arguments);
    ExpandOptions expand;
    expand.escape = ast.escape;
    for (const Instruction& in : ast.instructions) {
      if (in.kind == InstructionKind::kFrom && !in.args.empty()) {
        Expansion base;
        if (ExpandAt(in.args[0].text, in.args[0].range, arguments.global, expand, &report, &base))
          Add(base.text, in.args[0].range);
        if (in.args.size() == 3) known_.insert(ShortName(in.args[2].text));
      }
      for (const Flag& flag : in.flags) {
        if (flag.name == "from") Add(flag.value, flag.range);
        if (flag.name != "mount") continue;
        for (absl::string_view field : absl::StrSplit(flag.value, ',')) {
          if (absl::ConsumePrefix(&field, "from=")) Add(std::string(field), flag.range);
        }
      }
    }
  }

 private:
  void Add(const std::string& word, const SourceRange& range) {
    const std::string name = ShortName(word);
    const auto found = images_.find(name);
    if (found == images_.end() || !known_.insert(name).second) return;
    image_.bases.push_back({name, found->second, range, file_});
  }

  WorkspaceImage& image_;
  std::map<std::string, std::string> images_;  // by name and tags
  std::set<std::string> known_;                // stages above, and contexts
  PlanOptions options_;
  std::string file_;  // the Dockerfile
};

}  // namespace

void AddNamedBases(const Workspace& workspace, const std::vector<std::string>& words, WorkspaceImage* image) {
  std::string path = image->dockerfile.empty() ? JoinPath(image->context, "Dockerfile") : image->dockerfile;
  if (image->dockerfile.empty() && !PathExists(path)) path = JoinPath(image->context, "dockerfile");
  std::vector<Diagnostic> ignored;
  const absl::optional<DockerfileAst> ast = ParseDockerfile(path, ReadFile(path).value_or(""), &ignored);
  if (ast.has_value()) Finder(workspace, words, image).Look(*ast);
}

}  // namespace kasane
