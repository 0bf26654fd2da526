#include "src/config/bake_file.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "src/base/json.h"
#include "src/config/toml.h"
#include "src/config/yaml.h"

namespace kasane {
namespace {

using Kind = YamlNode::Kind;

bool IsText(const YamlNode& node) { return node.kind == Kind::kScalar && !node.is_plain; }
bool IsTruth(const YamlNode& node) { return node.is_plain && (node.text == "true" || node.text == "false"); }

std::string Array(const std::vector<std::string>& items) {
  std::vector<std::string> quoted;
  for (const std::string& item : items) quoted.push_back(TomlString(item));
  return absl::StrCat("[", absl::StrJoin(quoted, ", "), "]");
}

// Tells the file as a kasane.toml, of which each line knows what it was made of.
class Translator {
 public:
  Translator(const std::string& file, const Variables& environment, std::vector<Diagnostic>* diagnostics)
      : file_(file), environment_(environment), diagnostics_(diagnostics) {}

  bool Translate(const YamlNode& root) {
    if (root.kind != Kind::kMapping) return Error(root.range, "the file is no object");
    for (const YamlMember& member : root.members) {
      if (absl::StartsWith(member.key, "//")) continue;
      if (member.key != "target" && member.key != "group" && member.key != "variable")
        return Error(member.range, absl::StrCat("\"", member.key, "\" is not supported here"));
      if (member.value.kind != Kind::kMapping)
        return Error(member.value.range, absl::StrCat("\"", member.key, "\" is no object"));
    }
    std::set<std::string> in_groups;
    Line(SourceRange(), "[group]");
    for (const YamlMember& group : Members(root, "group")) {
      const YamlNode* targets = group.value.Find("targets");
      std::vector<std::string> members;
      if (targets != nullptr && !List("\"targets\"", *targets, &members)) return false;
      in_groups.insert(members.begin(), members.end());
      Line(group.range, absl::StrCat(TomlString(group.key), " = ", Array(members)));
    }
    Line(SourceRange(), "[variables]");
    for (const YamlMember& variable : Members(root, "variable")) Variable(variable);
    for (const YamlMember& target : Members(root, "target")) {
      const bool is_template = absl::StartsWith(target.key, "_") && in_groups.count(target.key) == 0;
      Line(target.range,
           absl::StrCat("[", is_template ? "template" : "image", ".", TomlString(target.key), "]"));
      if (!Target(target)) return false;
    }
    return true;
  }

  const std::string& toml() const { return toml_; }
  // Of a place in that text.
  SourceRange Origin(const SourceRange& range) const {
    return range.line < 1 || static_cast<size_t>(range.line) > origins_.size()
               ? SourceRange()
               : origins_[static_cast<size_t>(range.line) - 1];
  }

 private:
  bool Error(const SourceRange& range, std::string message) {
    Add(Severity::kError, range, std::move(message));
    return false;
  }
  void Add(Severity severity, const SourceRange& range, std::string message) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.file = file_;
    diagnostic.range = range;
    diagnostic.message = std::move(message);
    diagnostics_->push_back(std::move(diagnostic));
  }

  void Line(const SourceRange& origin, absl::string_view text) {
    absl::StrAppend(&toml_, text, "\n");
    origins_.push_back(origin);
  }

  static const std::vector<YamlMember>& Members(const YamlNode& root, const char* key) {
    static const std::vector<YamlMember>* const kNone = new std::vector<YamlMember>;
    const YamlNode* node = root.Find(key);
    return node == nullptr ? *kNone : node->members;
  }

  void Variable(const YamlMember& variable) {
    const YamlNode* fallback = variable.value.Find("default");
    std::string value = fallback == nullptr || fallback->IsNull() ? "" : fallback->text;
    if (const auto given = environment_(variable.key); given.has_value()) value = *given;
    Line(variable.range, absl::StrCat(TomlString(variable.key), " = ", TomlString(value)));
  }

  bool Target(const YamlMember& target) {
    if (target.value.kind != Kind::kMapping)
      return Error(target.range, absl::StrCat("target ", target.key, " is no object"));
    std::vector<std::string> options;
    for (const YamlMember& member : target.value.members) {
      if (!Member(target.key, member, &options)) return false;
    }
    if (!options.empty()) Line(target.range, absl::StrCat("options = ", Array(options)));
    return true;
  }

  bool Member(const std::string& target, const YamlMember& member, std::vector<std::string>* options) {
    static const std::map<std::string, const char*> kTexts = {
        {"context", "context"}, {"dockerfile", "dockerfile"}, {"dockerfile-inline", "dockerfile_inline"},
        {"target", "target"},   {"network", "network"},       {"name", "name"}};
    static const std::map<std::string, const char*> kLists = {
        {"tags", "tags"}, {"inherits", "inherits"}, {"platforms", "platforms"}, {"secret", "secrets"}};
    static const std::map<std::string, const char*> kTables = {
        {"args", "args"}, {"labels", "labels"}, {"contexts", "contexts"}, {"matrix", "matrix"}};
    static const std::map<std::string, const char*> kOptionLists = {{"ssh", "ssh"},
                                                                    {"annotations", "annotation"},
                                                                    {"attest", "attest"},
                                                                    {"ulimits", "ulimit"},
                                                                    {"entitlements", "allow"}};
    static const std::set<std::string> kUnused = {"cache-from", "cache-to", "output", "no-cache-filter",
                                                  "call"};
    const std::string& key = member.key;
    const YamlNode& value = member.value;
    const std::string what = absl::StrCat("\"", key, "\" of target ", target);
    if (value.IsNull() || key == "description" || absl::StartsWith(key, "//")) return true;
    if (const auto text = kTexts.find(key); text != kTexts.end()) {
      if (!IsText(value)) return Error(value.range, absl::StrCat(what, " is a text"));
      const bool is_here = key == "context" && value.text.empty();
      Line(value.range, absl::StrCat(text->second, " = ", TomlString(is_here ? "." : value.text)));
      return true;
    }
    if (const auto list = kLists.find(key); list != kLists.end()) {
      std::vector<std::string> items;
      if (!List(what, value, &items)) return false;
      Line(value.range, absl::StrCat(list->second, " = ", Array(items)));
      return true;
    }
    if (const auto table = kTables.find(key); table != kTables.end())
      return Table(what, key, table->second, value);
    if (const auto list = kOptionLists.find(key); list != kOptionLists.end()) {
      std::vector<std::string> items;
      if (!List(what, value, &items)) return false;
      for (const std::string& item : items) options->push_back(absl::StrCat("--", list->second, "=", item));
      return true;
    }
    if (key == "extra-hosts") {
      if (value.kind != Kind::kMapping) return Error(value.range, absl::StrCat(what, " is a table"));
      for (const YamlMember& host : value.members) {
        if (!IsText(host.value)) return Error(host.value.range, absl::StrCat(what, " is a table of texts"));
        options->push_back(absl::StrCat("--add-host=", host.key, "=", host.value.text));
      }
      return true;
    }
    if (key == "shm-size" && IsText(value)) {
      options->push_back(absl::StrCat("--shm-size=", value.text));
      return true;
    }
    if ((key == "no-cache" || key == "pull") && IsTruth(value)) {
      if (value.text == "true") options->push_back(absl::StrCat("--", key));
      return true;
    }
    if (kUnused.count(key) == 0) return Error(member.range, absl::StrCat(what, " is not supported"));
    Add(Severity::kWarning, member.range,
        absl::StrCat(what, " means nothing here: results are in the store, ninja has targets for outputs"));
    return true;
  }

  // Of texts, or of objects of fields: "id=token,src=f".
  bool List(const std::string& what, const YamlNode& value, std::vector<std::string>* items) {
    if (value.kind != Kind::kSequence) return Error(value.range, absl::StrCat(what, " is a list"));
    for (const YamlNode& item : value.items) {
      std::vector<std::string> fields;
      if (IsText(item)) fields.push_back(item.text);
      for (const YamlMember& field : item.members) {
        if (!IsText(field.value))
          return Error(field.value.range, absl::StrCat(what, ": ", field.key, " is no text"));
        fields.push_back(absl::StrCat(field.key, "=", field.value.text));
      }
      if (fields.empty()) return Error(item.range, absl::StrCat(what, " is a list of texts"));
      items->push_back(absl::StrJoin(fields, ","));
    }
    return true;
  }

  bool Table(const std::string& what, const std::string& key, const char* name, const YamlNode& value) {
    if (value.kind != Kind::kMapping) return Error(value.range, absl::StrCat(what, " is a table"));
    std::vector<std::string> pairs;
    for (const auto& [inner, range, item] : value.members) {
      if (key == "matrix") {
        std::vector<std::string> items;
        if (!List(what, item, &items)) return false;
        pairs.push_back(absl::StrCat(TomlString(inner), " = ", Array(items)));
        continue;
      }
      std::string text = item.text;
      if (item.IsNull()) {  // the environment's
        const auto given = environment_(inner);
        if (!given.has_value()) continue;
        text = *given;
      } else if (!IsText(item)) {
        return Error(item.range, absl::StrCat(what, ": ", inner, " is a text"));
      }
      absl::string_view base = text;
      if (key == "contexts" && absl::ConsumePrefix(&base, "target:")) text = absl::StrCat("image:", base);
      pairs.push_back(absl::StrCat(TomlString(inner), " = ", TomlString(text)));
    }
    Line(value.range, absl::StrCat(name, " = { ", absl::StrJoin(pairs, ", "), " }"));
    return true;
  }

  const std::string& file_;
  const Variables& environment_;
  std::vector<Diagnostic>* diagnostics_;
  std::string toml_;
  std::vector<SourceRange> origins_;  // by line
};

}  // namespace

bool ReadBakeFile(absl::string_view text, const std::string& file, const Variables& environment,
                  Workspace* workspace, std::vector<Diagnostic>* diagnostics) {
  Diagnostic error;
  error.file = file;
  // YAML takes more than JSON.
  if (const absl::StatusOr<Json> json = ParseJson(text, "the file"); !json.ok()) {
    error.message = std::string(json.status().message());
    diagnostics->push_back(std::move(error));
    return false;
  }
  const absl::optional<YamlNode> root = ParseYaml(text, file, &error);
  if (!root.has_value()) {
    diagnostics->push_back(std::move(error));
    return false;
  }
  Translator translator(file, environment, diagnostics);
  if (!translator.Translate(*root)) return false;
  std::vector<Diagnostic> told;
  const bool parsed = ParseWorkspace(translator.toml(), file, workspace, &told);
  for (Diagnostic& diagnostic : told) {
    diagnostic.range = translator.Origin(diagnostic.range);
    diagnostics->push_back(std::move(diagnostic));
  }
  for (WorkspaceImage& image : workspace->images) {
    image.range = translator.Origin(image.range);
    for (WorkspaceImage::Base& base : image.bases) base.range = translator.Origin(base.range);
  }
  return parsed;
}

}  // namespace kasane
