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
  const std::string directory(Dirname(path));
  std::map<std::string, std::string> values;
  return ReadEnvFile(JoinPath(directory, ".env"), /*must_exist=*/false, nullptr, {}, environment, &values) &&
         Include({{path, {}}}, directory, Above(environment, std::move(values)), nullptr);
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

// Files of which each says more of the services of those before it.
bool ComposeProject::Include(const std::vector<NamedFile>& files, const std::string& directory,
                             const Variables& variables, const ComposeFile* from) {
  std::vector<std::string> paths;
  for (const NamedFile& named : files) {
    paths.push_back(named.path);
    if (std::find(way_.begin(), way_.end(), named.path) == way_.end()) continue;
    way_.push_back(named.path);
    return Error(from->path, named.range,
                 absl::StrCat("files include each other in a circle: ", absl::StrJoin(way_, " -> ")));
  }
  if (!included_.insert(std::move(paths)).second) return true;  // it is there already
  std::vector<const ComposeFile*> opened;
  for (const NamedFile& named : files) {
    if (!IncludeOne(named, directory, variables, from, &opened)) return false;
  }
  return AddAll(opened, "services", &services_) && AddAll(opened, "secrets", &secrets_);
}

// The file, and what it includes itself.
bool ComposeProject::IncludeOne(const NamedFile& named, const std::string& directory,
                                const Variables& variables, const ComposeFile* from,
                                std::vector<const ComposeFile*>* opened) {
  const ComposePart asker = {from, nullptr};
  const ComposeFile* file =
      Open(named.path, directory, variables, from == nullptr ? nullptr : &asker, named.range);
  if (file == nullptr) return false;
  opened->push_back(file);
  const YamlNode* include = file->root.Find("include");
  if (include == nullptr || include->IsNull()) return true;
  if (include->kind != Kind::kSequence) return Error(named.path, include->range, "this must be a list");
  way_.push_back(named.path);
  for (const YamlNode& item : include->items) {
    if (!FollowInclude(*file, item)) return false;
  }
  way_.pop_back();
  return true;
}

bool ComposeProject::FollowInclude(const ComposeFile& file, const YamlNode& item) {
  const YamlNode* path = item.kind == Kind::kMapping ? item.Find("path") : &item;
  if (path == nullptr || (path->kind == Kind::kSequence && path->items.empty()))
    return Error(file.path, item.range, "an include needs its `path`");
  std::vector<const YamlNode*> words;
  if (path->kind != Kind::kSequence) words.push_back(path);
  for (const YamlNode& word : path->items) words.push_back(&word);
  std::vector<NamedFile> files;
  for (const YamlNode* word : words) {
    std::string name;
    if (!Expand(file, *word, &name)) return false;
    if (IsRemotePath(name) || absl::StartsWith(name, "oci:"))
      return Error(file.path, word->range, "an include is a file of this machine");
    files.push_back({CleanPath(file.FromHere(name)), word->range});
  }
  std::string directory(Dirname(files[0].path));
  if (const YamlNode* project = item.Find("project_directory")) {
    std::string word;
    if (!Expand(file, *project, &word)) return false;
    directory = file.FromHere(word);
  }
  Variables variables;
  return ReadVariables(file, item.Find("env_file"), directory, item.range, &variables) &&
         Include(files, directory, variables, &file);
}

// Those of the file that includes count more than those of the files named, of which the last counts most;
// if none is named, those of the directory's .env.
bool ComposeProject::ReadVariables(const ComposeFile& file, const YamlNode* env_files,
                                   const std::string& directory, const SourceRange& range, Variables* out) {
  std::map<std::string, std::string> values;
  std::vector<const YamlNode*> words;
  if (env_files != nullptr && !env_files->IsNull()) {
    if (env_files->kind == Kind::kScalar) words.push_back(env_files);
    for (const YamlNode& word : env_files->items) words.push_back(&word);
  }
  if (words.empty() && !ReadEnvFile(JoinPath(directory, ".env"), /*must_exist=*/false, &file, range,
                                    file.variables, &values)) {
    return false;
  }
  for (const YamlNode* word : words) {
    std::string path;
    if (!Expand(file, *word, &path) ||
        !ReadEnvFile(file.FromHere(path), /*must_exist=*/true, &file, word->range, file.variables, &values)) {
      return false;
    }
  }
  *out = Above(file.variables, std::move(values));
  return true;
}

// Adds to `values`, or replaces.
bool ComposeProject::ReadEnvFile(const std::string& path, bool must_exist, const ComposeFile* from,
                                 const SourceRange& range, const Variables& environment,
                                 std::map<std::string, std::string>* values) {
  const absl::StatusOr<std::string> text = read_(path);
  texts_[path] = text.value_or("");
  if (!text.ok()) {
    if (absl::IsNotFound(text.status()) && !must_exist) return true;
    return Error(from == nullptr ? "" : from->path, range, std::string(text.status().message()));
  }
  std::map<std::string, std::string> read;
  std::string error;
  if (!ParseEnvFile(*text, Above(environment, *values), &read, &error)) {
    return Error("", {}, absl::StrCat(path, ":", error));
  }
  for (auto& [name, value] : read) (*values)[name] = std::move(value);
  return true;
}

// What a later one of the files says of a name that an earlier one has is put above that.
bool ComposeProject::AddAll(const std::vector<const ComposeFile*>& files, const char* key,
                            std::vector<ComposePart>* parts) {
  std::vector<ComposePart> own;
  for (const ComposeFile* file : files) {
    const YamlNode* node = file->root.Find(key);
    if (node == nullptr || node->IsNull()) continue;
    if (node->kind != Kind::kMapping) return Error(file->path, node->range, "this must be a mapping");
    for (const YamlMember& member : node->members) {
      if (absl::StartsWith(member.key, "x-")) continue;
      if (const ComposePart* other = Find(*parts, member.key)) {
        return Error(
            file->path, member.range,
            absl::StrCat("`", member.key, "` stands in ", other->file->path, " too, which is included"));
      }
      const ComposePart* below = Find(own, member.key);
      (below == nullptr ? own : overrides_[below->member]).push_back({file, &member});
    }
  }
  parts->insert(parts->end(), own.begin(), own.end());
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
  std::vector<ComposePart> parts = {service}, out;
  if (const auto over = overrides_.find(service.member); over != overrides_.end())
    parts.insert(parts.end(), over->second.begin(), over->second.end());
  for (const ComposePart& part : parts) {
    std::vector<ComposePart> way;
    if (!AddLayers(part, &way, &out)) return {};
  }
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

bool ComposeProject::MayBuild(const ComposePart& service) const {
  const auto says = [](const ComposePart& part) {
    const YamlNode& node = part.member->value;
    return node.Find("build") != nullptr || node.Find("extends") != nullptr;
  };
  const auto over = overrides_.find(service.member);
  return says(service) ||
         (over != overrides_.end() && std::any_of(over->second.begin(), over->second.end(), says));
}

absl::optional<ComposePart> ComposeProject::FindSecret(const ComposeFile& here,
                                                       const std::string& name) const {
  absl::optional<ComposePart> secret;
  if (const YamlNode* own = here.root.Find("secrets")) {
    if (const YamlMember* member = own->FindMember(name)) secret = ComposePart{&here, member};
  }
  if (const ComposePart* found = Find(secrets_, name); found != nullptr && !secret.has_value())
    secret = *found;
  if (!secret.has_value()) return secret;
  const auto over = overrides_.find(secret->member);
  return over == overrides_.end() ? secret : over->second.back();
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
