#include "src/config/compose_project.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/file.h"

namespace kasane {
namespace {

using Kind = YamlNode::Kind;

constexpr size_t kMostFiles = 1000;

// What `environment` does not know is looked for in the file's values.
Variables Above(const Variables& environment, std::map<std::string, std::string> values) {
  const auto shared = std::make_shared<const std::map<std::string, std::string>>(std::move(values));
  return [environment, shared](const std::string& name) -> absl::optional<std::string> {
    absl::optional<std::string> given = environment(name);
    const auto found = shared->find(name);
    if (given.has_value() || found == shared->end()) return given;
    return found->second;
  };
}

}  // namespace

bool IsRemotePath(absl::string_view word) {
  return absl::StrContains(word, "://") || absl::StartsWith(word, "git@") ||
         absl::StartsWith(word, "github.com/");
}

std::string ComposeFile::FromHere(const std::string& path) const {
  return directory.empty() || IsRemotePath(path) ? path : JoinPath(directory, path);
}

bool ComposeProject::Error(const std::string& file, const SourceRange& range, std::string message,
                           std::string help) {
  Diagnostic diagnostic;
  diagnostic.file = file;
  diagnostic.range = range;
  diagnostic.message = std::move(message);
  diagnostic.help = std::move(help);
  diagnostics_.push_back(std::move(diagnostic));
  return false;
}

bool ComposeProject::Load(const std::string& path, const Variables& environment) {
  environment_ = environment;
  return Include(path, std::string(Dirname(path)), environment, nullptr, {});
}

// `from`: who asks for it, null: the command line. Null: reported.
const ComposeFile* ComposeProject::Open(const std::string& path, const std::string& directory,
                                        const Variables& variables, const ComposePart* from,
                                        const SourceRange& range) {
  absl::StatusOr<std::string> text = read_(path);
  if (!text.ok() || files_.size() >= kMostFiles) {
    Error(from == nullptr ? "" : from->file->path, range,
          text.ok() ? "these are too many files" : std::string(text.status().message()));
    return nullptr;
  }
  texts_[path] = *text;
  Diagnostic error;
  absl::optional<YamlNode> root = ParseYaml(*text, path, &error);
  if (!root.has_value()) {
    diagnostics_.push_back(std::move(error));
    return nullptr;
  }
  if (root->kind != Kind::kMapping) {
    Error(path, root->range, "this must be a mapping");
    return nullptr;
  }
  files_.push_back({path, directory, *std::move(root), variables});
  opened_[path] = &files_.back();
  return &files_.back();
}

bool ComposeProject::Include(const std::string& path, const std::string& directory,
                             const Variables& environment, const ComposeFile* from,
                             const SourceRange& range) {
  if (std::find(way_.begin(), way_.end(), path) != way_.end()) {
    way_.push_back(path);
    return Error(from->path, range,
                 absl::StrCat("files include each other in a circle: ", absl::StrJoin(way_, " -> ")));
  }
  if (!included_.insert(path).second) return true;  // it is there already
  Variables variables;
  if (!ReadEnvFile(directory.empty() ? ".env" : JoinPath(directory, ".env"), /*must_exist=*/false, from,
                   range, environment, &variables)) {
    return false;
  }
  const ComposePart asker = {from, nullptr};
  const ComposeFile* file = Open(path, directory, variables, from == nullptr ? nullptr : &asker, range);
  if (file == nullptr) return false;
  way_.push_back(path);
  if (const YamlNode* include = file->root.Find("include"); include != nullptr && !include->IsNull()) {
    if (include->kind != Kind::kSequence) return Error(path, include->range, "this must be a list");
    for (const YamlNode& item : include->items) {
      if (!FollowInclude(*file, item, environment)) return false;
    }
  }
  way_.pop_back();
  return AddAll(*file, "services", &services_) && AddAll(*file, "secrets", &secrets_);
}

bool ComposeProject::FollowInclude(const ComposeFile& file, const YamlNode& item,
                                   const Variables& environment) {
  const YamlNode* path = item.kind == Kind::kMapping ? item.Find("path") : &item;
  if (path == nullptr) return Error(file.path, item.range, "an include needs its `path`");
  if (path->kind == Kind::kSequence) {
    return Error(file.path, path->range, "files that override each other are not put together",
                 "include each of them, or let a service extend the other");
  }
  std::string name;
  if (!Expand(file, *path, &name)) return false;
  if (IsRemotePath(name) || absl::StartsWith(name, "oci:"))
    return Error(file.path, path->range, "an include is a file of this machine");
  name = CleanPath(file.FromHere(name));
  std::string directory(Dirname(name));
  if (const YamlNode* project = item.Find("project_directory")) {
    std::string word;
    if (!Expand(file, *project, &word)) return false;
    directory = file.FromHere(word);
  }
  Variables variables = environment;
  if (const YamlNode* env = item.Find("env_file")) {
    std::vector<const YamlNode*> words;
    if (env->kind == Kind::kScalar) words.push_back(env);
    for (const YamlNode& word : env->items) words.push_back(&word);
    std::reverse(words.begin(), words.end());  // the last counts most
    for (const YamlNode* word : words) {
      std::string env_file;
      if (!Expand(file, *word, &env_file) || !ReadEnvFile(file.FromHere(env_file), /*must_exist=*/true, &file,
                                                          word->range, variables, &variables)) {
        return false;
      }
    }
  }
  return Include(name, directory, variables, &file, path->range);
}

bool ComposeProject::ReadEnvFile(const std::string& path, bool must_exist, const ComposeFile* from,
                                 const SourceRange& range, const Variables& environment, Variables* out) {
  const absl::StatusOr<std::string> text = read_(path);
  texts_[path] = text.value_or("");
  if (!text.ok()) {
    *out = environment;
    if (absl::IsNotFound(text.status()) && !must_exist) return true;
    return Error(from == nullptr ? "" : from->path, range, std::string(text.status().message()));
  }
  std::map<std::string, std::string> values;
  std::string error;
  if (!ParseEnvFile(*text, environment, &values, &error)) {
    return Error("", {}, absl::StrCat(path, ":", error));
  }
  *out = Above(environment, std::move(values));
  return true;
}

bool ComposeProject::AddAll(const ComposeFile& file, const char* key, std::vector<ComposePart>* parts) {
  const YamlNode* node = file.root.Find(key);
  if (node == nullptr || node->IsNull()) return true;
  if (node->kind != Kind::kMapping) return Error(file.path, node->range, "this must be a mapping");
  for (const YamlMember& member : node->members) {
    if (absl::StartsWith(member.key, "x-")) continue;
    if (const ComposePart* other = Find(*parts, member.key)) {
      return Error(
          file.path, member.range,
          absl::StrCat("`", member.key, "` stands in ", other->file->path, " too, which is included"));
    }
    parts->push_back({&file, &member});
  }
  return true;
}

bool ComposeProject::Expand(const ComposeFile& file, const YamlNode& node, std::string* out) {
  if (node.kind != Kind::kScalar) return Error(file.path, node.range, "this must be a text");
  std::vector<std::string> unset;
  std::string error;
  return ExpandVariables(node.text, file.variables, out, &unset, &error) ||
         Error(file.path, node.range, error);
}

std::vector<ComposePart> ComposeProject::Layers(const ComposePart& service) {
  std::vector<ComposePart> way, out;
  if (!AddLayers(service, &way, &out)) out.clear();
  return out;
}

bool ComposeProject::AddLayers(const ComposePart& service, std::vector<ComposePart>* way,
                               std::vector<ComposePart>* out) {
  const ComposeFile& file = *service.file;
  const YamlNode& node = service.member->value;
  if (circular_.count(service.member) > 0) return false;  // it has been told
  way->push_back(service);
  const YamlNode* extends = node.kind == Kind::kMapping ? node.Find("extends") : nullptr;
  if (extends == nullptr || extends->IsNull()) {
    out->push_back(service);
    return true;
  }
  const YamlNode* of = extends->kind == Kind::kMapping ? extends->Find("service") : extends;
  if (of == nullptr) return Error(file.path, extends->range, "`extends` needs a `service`");
  std::string name;
  if (!Expand(file, *of, &name)) return false;
  const ComposeFile* other = &file;
  if (const YamlNode* word = extends->Find("file")) {
    std::string path;
    if (!Expand(file, *word, &path)) return false;
    path = CleanPath(file.FromHere(path));
    if (path != file.path) {
      const ComposeFile* opened = opened_[path];
      if (opened == nullptr)
        opened = Open(path, std::string(Dirname(path)), file.variables, &service, word->range);
      if (opened == nullptr) return false;
      other = opened;
    }
  }
  ComposePart base;
  if (const YamlNode* services = other->root.Find("services")) base = {other, services->FindMember(name)};
  // A service of an included file is one of this project.
  const ComposePart* included = other == &file ? FindService(name) : nullptr;
  if (base.member == nullptr && included != nullptr) base = *included;
  if (base.member == nullptr) {
    const std::string match = ClosestMatch(name, ServiceNames());
    return Error(file.path, of->range,
                 absl::StrCat("there is no service `", name, "`", other == &file ? "" : " in ",
                              other == &file ? "" : other->path),
                 match.empty() || other != &file ? "" : absl::StrCat("did you mean `", match, "`?"));
  }
  const auto first = std::find_if(way->begin(), way->end(),
                                  [&base](const ComposePart& part) { return part.member == base.member; });
  if (first != way->end()) {
    std::string shown;
    for (auto at = first; at != way->end(); ++at) {
      absl::StrAppend(&shown, at->member->key, " -> ");
      circular_.insert(at->member);
    }
    return Error(file.path, of->range, absl::StrCat("services extend each other in a circle: ", shown, name));
  }
  if (!AddLayers(base, way, out)) return false;
  out->push_back(service);
  return true;
}

absl::optional<ComposePart> ComposeProject::FindSecret(const ComposeFile& here,
                                                       const std::string& name) const {
  if (const YamlNode* own = here.root.Find("secrets")) {
    if (const YamlMember* member = own->FindMember(name)) return ComposePart{&here, member};
  }
  const ComposePart* found = Find(secrets_, name);
  return found == nullptr ? absl::nullopt : absl::optional<ComposePart>(*found);
}

const ComposePart* ComposeProject::Find(const std::vector<ComposePart>& parts, const std::string& name) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&name](const ComposePart& part) { return part.member->key == name; });
  return found == parts.end() ? nullptr : &*found;
}

std::vector<std::string> ComposeProject::Names(const std::vector<ComposePart>& parts) {
  std::vector<std::string> names;
  for (const ComposePart& part : parts) names.push_back(part.member->key);
  return names;
}

}  // namespace kasane
