#include "src/config/compose_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/csv.h"
#include "src/base/file.h"
#include "src/config/compose_project.h"
#include "src/config/yaml.h"

namespace kasane {
namespace {

using Kind = YamlNode::Kind;

// One of "NAME=VALUE" in a list, or of a mapping.
struct Setting {
  std::string name;
  absl::optional<std::string> value;
  SourceRange range;
};

class Reader {
 public:
  Reader(ComposeProject* project, Workspace* out, std::vector<Diagnostic>* diagnostics)
      : project_(*project), out_(*out), diagnostics_(diagnostics), here_(&project->main()) {}

  bool Read() {
    for (const ComposePart& service : project_.services()) ReadService(service);
    if (!failed_ && out_.images.empty()) {
      here_ = &project_.main();
      Error(here_->root.range, "no service here has a `build`");
    }
    return !failed_;
  }

 private:
  void Add(Severity severity, const SourceRange& range, std::string message, std::string help) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.file = here_->path;
    diagnostic.range = range;
    diagnostic.message = std::move(message);
    diagnostic.help = std::move(help);
    diagnostics_->push_back(std::move(diagnostic));
  }
  void Error(const SourceRange& range, std::string message, std::string help = "") {
    failed_ = true;
    Add(Severity::kError, range, std::move(message), std::move(help));
  }
  void Warn(const SourceRange& range, std::string message, std::string help = "") {
    Add(Severity::kWarning, range, std::move(message), std::move(help));
  }
  void Unknown(const SourceRange& range, absl::string_view what, const std::string& name,
               const std::vector<std::string>& known) {
    const std::string match = ClosestMatch(name, known);
    Error(range, absl::StrCat(what, " `", name, "`"),
          match.empty() ? "" : absl::StrCat("did you mean `", match, "`?"));
  }

  // Null: it is not there.
  const YamlNode* Mapping(const YamlNode* node) {
    if (node == nullptr || node->IsNull()) return nullptr;
    if (node->kind == Kind::kMapping) return node;
    Error(node->range, "this must be a mapping");
    return nullptr;
  }

  std::string Text(const YamlNode& node) {
    if (node.kind != Kind::kScalar) return Error(node.range, "this must be a text"), "";
    std::string out, error;
    std::vector<std::string> unset;
    if (!ExpandVariables(node.text, here_->variables, &out, &unset, &error)) Error(node.range, error);
    for (const std::string& name : unset) {
      if (warned_of_.insert(name).second)
        Warn(node.range, absl::StrCat("variable ", name, " is not set and counts as empty"));
    }
    return out;
  }

  // A list, or one text alone.
  std::vector<std::string> Texts(const YamlNode& node) {
    std::vector<std::string> out;
    if (node.kind == Kind::kMapping) Error(node.range, "this must be a list");
    if (node.kind == Kind::kScalar && !node.IsNull()) out.push_back(Text(node));
    for (const YamlNode& item : node.items) out.push_back(Text(item));
    return out;
  }

  std::vector<Setting> Settings(const YamlNode& node) {
    std::vector<Setting> out;
    if (node.kind == Kind::kScalar && !node.IsNull()) Error(node.range, "this must be a mapping or a list");
    for (const YamlNode& item : node.items) {
      const std::string text = Text(item);
      const size_t cut = text.find('=');
      out.push_back({text.substr(0, cut), absl::nullopt, item.range});
      if (cut != std::string::npos) out.back().value = text.substr(cut + 1);
    }
    for (const YamlMember& member : node.members) {
      out.push_back({member.key, absl::nullopt, member.range});
      if (!member.value.IsNull()) out.back().value = Text(member.value);
    }
    return out;
  }

  // What a service extends is read first: what is said later counts, lists grow.
  void ReadService(const ComposePart& service) {
    here_ = service.file;
    if (Mapping(&service.member->value) == nullptr) return;
    const std::vector<ComposePart> layers = project_.Layers(service);
    if (layers.empty()) {
      failed_ = true;
      return;
    }
    const bool builds = std::any_of(layers.begin(), layers.end(), [](const ComposePart& layer) {
      const YamlNode* build = layer.member->value.Find("build");
      return build != nullptr && !build->IsNull();
    });
    if (!builds) return;
    const std::string& name = service.member->key;
    if (!IsImageName(name))
      return Error(service.member->range, absl::StrCat("no image can be called `", name, "`"),
                   kImageNameForm);
    Build build;
    build.image.name = name;
    build.image.file = service.file->path;
    build.image.range = service.member->range;
    build.image.context = service.file->FromHere(".");
    for (const ComposePart& layer : layers) {
      here_ = layer.file;
      ReadLayer(layer.member->value, &build);
    }
    out_.images.push_back(Finished(std::move(build)));
  }

  // The image of a service, as far as it is read.
  struct Build {
    WorkspaceImage image;
    std::string name, platform;  // as the service says
    std::string dockerfile;      // as written: seen from the context, which may come later
    bool has_platforms = false;
  };

  void ReadLayer(const YamlNode& node, Build* out) {
    if (Mapping(&node) == nullptr) return;
    if (const YamlNode* name = node.Find("image")) out->name = Text(*name);
    if (const YamlNode* platform = node.Find("platform")) out->platform = Text(*platform);
    const YamlNode* build = node.Find("build");
    if (build == nullptr || build->IsNull()) return;
    const bool is_short = build->kind == Kind::kScalar;
    if (!is_short && Mapping(build) == nullptr) return;
    if (const YamlNode* context = is_short ? build : build->Find("context"))
      out->image.context = here_->FromHere(Text(*context));
    if (build->Find("dockerfile") != nullptr && build->Find("dockerfile_inline") != nullptr)
      return Error(build->Find("dockerfile_inline")->range,
                   "`dockerfile` and `dockerfile_inline` cannot both be given");
    for (const YamlMember& member : build->members) {
      if (member.key == "dockerfile" && !member.value.IsNull()) {
        out->dockerfile = Text(member.value);
        out->image.inline_dockerfile.reset();
      } else if (member.key == "dockerfile_inline" && !member.value.IsNull()) {
        out->dockerfile.clear();
        out->image.inline_dockerfile = Text(member.value);
      } else {
        out->has_platforms = out->has_platforms || member.key == "platforms";
        ReadMember(member, &out->image);
      }
    }
  }

  static WorkspaceImage Finished(Build build) {
    WorkspaceImage& image = build.image;
    if (!build.dockerfile.empty()) {
      image.dockerfile =
          IsRemotePath(image.context) ? build.dockerfile : JoinPath(image.context, build.dockerfile);
      image.words.insert(image.words.begin(), absl::StrCat("--file=", image.dockerfile));
    }
    if (!build.name.empty()) image.tags.insert(image.tags.begin(), build.name);
    if (!build.platform.empty() && !build.has_platforms) Put("platform", build.platform, &image);
    for (const std::string& tag : image.tags) Put("tag", tag, &image);
    image.words.insert(image.words.end(), {"--", image.context});
    return std::move(image);
  }

  static void Put(absl::string_view option, absl::string_view value, WorkspaceImage* image) {
    image->words.push_back(absl::StrCat("--", option, "=", value));
  }

  void ReadMember(const YamlMember& member, WorkspaceImage* image) {
    static const std::pair<const char*, const char*> kTexts[] = {{"target", "target"},
                                                                 {"network", "network"},
                                                                 {"shm_size", "shm-size"},
                                                                 {"provenance", "provenance"},
                                                                 {"sbom", "sbom"}};
    static const std::pair<const char*, const char*> kLists[] = {{"platforms", "platform"},
                                                                 {"entitlements", "allow"}};
    static const std::pair<const char*, const char*> kUnused[] = {
        {"cache_from", "results are in the store"},
        {"cache_to", "results are in the store"},
        {"no_cache", "gen bake --no-cache runs all instructions again"},
        {"no_cache_filter", "gen bake --no-cache runs all instructions again"},
        {"pull", "gen bake --pull asks the registries again"},
        {"isolation", "it is for Windows"},
        {"privileged", "entitlements: [security.insecure] allows RUN --security=insecure"}};
    const std::string& key = member.key;
    const YamlNode& value = member.value;
    const auto is = [&key](const std::pair<const char*, const char*>& known) { return key == known.first; };
    if (value.IsNull() || absl::StartsWith(key, "x-") || key == "context") return;
    if (const auto* text = std::find_if(std::begin(kTexts), std::end(kTexts), is); text != std::end(kTexts))
      return Put(text->second, Text(value), image);
    if (const auto* list = std::find_if(std::begin(kLists), std::end(kLists), is); list != std::end(kLists)) {
      for (const std::string& text : Texts(value)) Put(list->second, text, image);
      return;
    }
    if (const auto* unused = std::find_if(std::begin(kUnused), std::end(kUnused), is);
        unused != std::end(kUnused))
      return Warn(member.range, absl::StrCat("`", key, "` means nothing here"), unused->second);
    if (key == "tags") {
      for (std::string& tag : Texts(value)) image->tags.push_back(std::move(tag));
    } else if (key == "args" || key == "labels") {
      for (const Setting& setting : Settings(value)) ReadSetting(key, setting, image);
    } else if (key == "additional_contexts") {
      for (const Setting& setting : Settings(value)) ReadContext(setting, image);
    } else if (key == "ssh") {
      ReadSsh(value, image);
    } else if (key == "secrets") {
      for (const YamlNode& item : value.items) ReadSecret(item, image);
      if (value.kind != Kind::kSequence) Error(value.range, "this must be a list");
    } else if (key == "extra_hosts") {
      ReadHosts(value, image);
    } else if (key == "ulimits") {
      ReadLimits(value, image);
    } else {
      Unknown(member.range, "unknown key", key,
              {"additional_contexts", "args", "context", "dockerfile", "dockerfile_inline", "entitlements",
               "extra_hosts", "labels", "network", "platforms", "provenance", "sbom", "secrets", "shm_size",
               "ssh", "tags", "target", "ulimits"});
    }
  }

  // Without a value it is the environment's.
  void ReadSetting(const std::string& key, const Setting& setting, WorkspaceImage* image) {
    const bool is_label = key == "labels";
    absl::optional<std::string> value = setting.value;
    if (!value.has_value())
      value = is_label ? absl::optional<std::string>("") : here_->variables(setting.name);
    if (value.has_value())
      Put(is_label ? "label" : "build-arg", absl::StrCat(setting.name, "=", *value), image);
  }

  void ReadContext(const Setting& setting, WorkspaceImage* image) {
    if (!setting.value.has_value()) return Error(setting.range, "a context is NAME=SOURCE");
    // What was said of it before counts no more.
    const auto is_it = [&setting](const WorkspaceImage::Base& base) { return base.context == setting.name; };
    image->bases.erase(std::remove_if(image->bases.begin(), image->bases.end(), is_it), image->bases.end());
    const auto says_it = [&setting](const std::string& word) {
      return absl::StartsWith(word, absl::StrCat("--build-context=", setting.name, "="));
    };
    image->words.erase(std::remove_if(image->words.begin(), image->words.end(), says_it), image->words.end());
    absl::string_view base = *setting.value;
    if (absl::ConsumePrefix(&base, "service:")) {
      const std::string name(base);
      const ComposePart* service = project_.FindService(name);
      if (service == nullptr)
        return Unknown(setting.range, "there is no service", name, project_.ServiceNames());
      if (!project_.MayBuild(*service))
        return Error(setting.range, absl::StrCat("service `", name, "` has no `build`"),
                     "docker-image://NAME is an image of a registry");
      return image->bases.push_back({setting.name, name, setting.range, here_->path});
    }
    Put("build-context", absl::StrCat(setting.name, "=", here_->FromHere(*setting.value)), image);
  }

  void ReadSsh(const YamlNode& value, WorkspaceImage* image) {
    if (value.kind == Kind::kScalar) return Put("ssh", Text(value), image);
    for (const Setting& setting : Settings(value)) {
      Put("ssh",
          setting.value.has_value() ? absl::StrCat(setting.name, "=", here_->FromHere(*setting.value))
                                    : setting.name,
          image);
    }
  }

  void ReadSecret(const YamlNode& item, WorkspaceImage* image) {
    const YamlNode* source = item.kind == Kind::kMapping ? item.Find("source") : &item;
    if (source == nullptr) return Error(item.range, "a secret needs its `source`");
    const std::string name = Text(*source);
    const YamlNode* target = item.Find("target");
    const absl::optional<ComposePart> found = project_.FindSecret(*here_, name);
    if (!found.has_value()) return Unknown(source->range, "there is no secret", name, project_.SecretNames());
    const YamlNode* secret = &found->member->value;
    std::string field;
    if (const YamlNode* file = secret->Find("file")) {
      field = absl::StrCat("src=", found->file->FromHere(Text(*file)));
    } else if (const YamlNode* variable = secret->Find("environment")) {
      field = absl::StrCat("env=", Text(*variable));
    } else {
      return Error(secret->range, "a secret of a build is a `file` or a variable of the `environment`");
    }
    const std::string id = absl::StrCat("id=", target == nullptr ? name : Text(*target));
    Put("secret", absl::StrCat(QuoteCsv(id), ",", QuoteCsv(field)), image);
  }

  void ReadHosts(const YamlNode& value, WorkspaceImage* image) {
    if (value.kind != Kind::kMapping) {
      for (const std::string& host : Texts(value)) Put("add-host", host, image);
    }
    for (const YamlMember& member : value.members) {
      for (const std::string& address : Texts(member.value))
        Put("add-host", absl::StrCat(member.key, "=", address), image);
    }
  }

  void ReadLimits(const YamlNode& value, WorkspaceImage* image) {
    if (value.kind != Kind::kMapping) return Error(value.range, "this must be a mapping");
    for (const YamlMember& member : value.members) {
      const YamlNode* soft = member.value.Find("soft");
      const YamlNode* hard = member.value.Find("hard");
      if (member.value.kind == Kind::kMapping && (soft == nullptr || hard == nullptr)) {
        Error(member.value.range, "a limit is a number, or `soft` and `hard`");
        continue;
      }
      const std::string limit =
          soft == nullptr ? Text(member.value) : absl::StrCat(Text(*soft), ":", Text(*hard));
      Put("ulimit", absl::StrCat(member.key, "=", limit), image);
    }
  }

  ComposeProject& project_;
  Workspace& out_;
  std::vector<Diagnostic>* diagnostics_;
  const ComposeFile* here_;  // what is being read
  bool failed_ = false;
  std::set<std::string> warned_of_;
};

}  // namespace

bool ReadComposeFile(const std::string& file, const FileReader& read, const Variables& environment,
                     Workspace* workspace, std::map<std::string, std::string>* texts,
                     std::vector<Diagnostic>* diagnostics) {
  ComposeProject project(read, texts, diagnostics);
  return project.Load(file, environment) && Reader(&project, workspace, diagnostics).Read();
}

}  // namespace kasane
