#include "generator/workspace_bases.h"

#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "generator/layout.h"
#include "generator/named_bases.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/oci/reference.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;
constexpr absl::string_view kBuildContext = "--build-context=";
constexpr char kToWorkspace[] = "../../";

using Contexts = std::map<std::string, std::string>;

std::string FromHere(const std::string& prefix, const std::string& path) {
  return path.empty() || absl::StartsWith(path, "/") ? path : CleanPath(absl::StrCat(prefix, path));
}

Json EncodeImage(const WorkspaceImage& image) {
  Json words = Json::array(), bases = Json::array();
  for (const std::string& word : image.words) {
    if (absl::StartsWith(word, kBuildContext) || absl::StartsWith(word, "--build-arg="))
      words.push_back(word);
  }
  for (const WorkspaceImage::Base& base : image.bases) {
    bases.push_back({{"context", base.context}, {"image", base.image}});
  }
  const SourceRange& range = image.range;
  return {{"name", image.name},
          {"file", image.file},
          {"place", {range.line, range.column, range.end_line, range.end_column}},
          {"context", image.context},
          {"dockerfile", image.dockerfile},
          {"tags", image.tags},
          {"words", std::move(words)},
          {"bases", std::move(bases)}};
}

WorkspaceImage ParseImage(const Json& json, const std::string& prefix) {
  WorkspaceImage image;
  image.name = JsonString(json, "name");
  image.file = JsonString(json, "file");
  int* const places[] = {&image.range.line, &image.range.column, &image.range.end_line,
                         &image.range.end_column};
  size_t at = 0;
  for (const Json& place : JsonMember(json, "place")) {
    if (at < std::size(places) && place.is_number_integer()) *places[at++] = place.get<int>();
  }
  image.context = FromHere(prefix, JsonString(json, "context"));
  image.dockerfile = FromHere(prefix, JsonString(json, "dockerfile"));
  image.tags = JsonStrings(json, "tags");
  image.words = JsonStrings(json, "words");
  for (const Json& base : JsonMember(json, "bases")) {
    image.bases.push_back({JsonString(base, "context"), JsonString(base, "image"), image.range, image.file});
  }
  return image;
}

std::string ContextName(const std::string& name) {
  const absl::StatusOr<Reference> reference = ParseReference(name);
  return reference.ok() ? reference->ShortName() : name;
}

// What the image's own words call something; that is none of ours.
std::set<std::string> OwnContexts(const WorkspaceImage& image) {
  std::set<std::string> names;
  for (absl::string_view word : image.words) {
    if (absl::ConsumePrefix(&word, kBuildContext)) {
      names.insert(ContextName(std::string(word.substr(0, word.find('=')))));
    }
  }
  return names;
}

std::string BuildOf(const std::string& image) { return absl::StrCat("build://../", image); }

// Those among the remembered contexts that are images of the workspace.
Contexts ImagesAmong(const Contexts& contexts, const Workspace& workspace, const WorkspaceImage& image) {
  std::set<std::string> builds;
  for (const WorkspaceImage& other : workspace.images) builds.insert(BuildOf(other.name));
  const std::set<std::string> own = OwnContexts(image);
  Contexts among;
  for (const auto& [name, word] : contexts) {
    if (builds.count(word) > 0 && own.count(name) == 0) among[name] = word;
  }
  return among;
}

void Replace(const Contexts& before, const Contexts& now, Contexts* contexts) {
  for (const auto& [name, word] : before) contexts->erase(name);
  for (const auto& [name, word] : now) (*contexts)[name] = word;
}

// All images, with what all Dockerfiles say now. False: told.
bool CheckForCircles(Workspace workspace, const std::string& file, Messages* messages) {
  const Workspace named = workspace;
  for (WorkspaceImage& image : workspace.images) AddNamedBases(named, {}, &image);
  Diagnostic error;
  if (SortByBases(file, &workspace, &error)) return true;
  // Files are shown as who runs ninja sees them.
  error.file = std::string(absl::StripPrefix(error.file, kToWorkspace));
  messages->Add(error, ReadFile(FromHere(kToWorkspace, error.file)).value_or(""));
  return false;
}

}  // namespace

std::string EncodeWorkspaceImages(const Workspace& workspace, const std::string& file,
                                  const std::vector<std::string>& inputs) {
  Json images = Json::array();
  for (const WorkspaceImage& image : workspace.images) images.push_back(EncodeImage(image));
  return DumpJson(
             {{"version", kVersion}, {"file", file}, {"inputs", inputs}, {"images", std::move(images)}}) +
         "\n";
}

std::vector<std::string> WorkspaceOrigin::Words() const {
  return file == kWorkspaceFile ? std::vector<std::string>() : std::vector<std::string>{"bake", file};
}

absl::StatusOr<WorkspaceOrigin> ReadWorkspaceOrigin() {
  const std::string path = JoinPath(kStateName, kWorkspaceImages);
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, path));
  return WorkspaceOrigin{JsonString(json, "file"), JsonStrings(json, "inputs")};
}

absl::StatusOr<Workspace> ParseWorkspaceImages(absl::string_view text, const std::string& prefix,
                                               std::string* file) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, kWorkspaceImages));
  if (JsonInt(json, "version") != kVersion) {
    return absl::FailedPreconditionError(absl::StrCat(kWorkspaceImages, " is of another version"));
  }
  *file = JsonString(json, "file");
  Workspace workspace;
  for (const Json& image : JsonMember(json, "images")) workspace.images.push_back(ParseImage(image, prefix));
  return workspace;
}

bool IsInWorkspace(const std::string& build_dir) {
  const std::string above(Dirname(AbsolutePath(build_dir)));
  return Basename(above) == kStateName && PathExists(JoinPath(above, kWorkspaceImages));
}

bool FollowNamedBases(Options* options, Messages* messages) {
  if (!IsInWorkspace(".")) return true;
  std::string file;
  const absl::StatusOr<std::string> text = ReadFile(absl::StrCat("../", kWorkspaceImages));
  absl::StatusOr<Workspace> workspace =
      text.ok() ? ParseWorkspaceImages(*text, kToWorkspace, &file) : text.status();
  if (!workspace.ok()) {
    messages->Error(workspace.status().message(), "run gen again");
    return false;
  }
  const WorkspaceImage* found = workspace->Find(std::string(Basename(AbsolutePath("."))));
  if (found == nullptr) return true;  // it is none of them any more
  WorkspaceImage image = *found;
  AddNamedBases(*workspace, {}, &image);
  Contexts now;
  for (const WorkspaceImage::Base& base : image.bases) now[ContextName(base.context)] = BuildOf(base.image);
  const Contexts before = ImagesAmong(options->build_contexts, *workspace, image);
  if (before == now) return true;
  if (!CheckForCircles(*std::move(workspace), file, messages)) return false;
  Replace(before, now, &options->build_contexts);
  if (options->typed == nullptr) return true;
  auto typed = std::make_shared<Options>(*options->typed);
  Replace(before, now, &typed->build_contexts);
  options->typed = std::move(typed);
  return true;
}

}  // namespace kasane
