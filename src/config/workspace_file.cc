#include "src/config/workspace_file.h"

#include <algorithm>
#include <functional>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/config/toml.h"

namespace kasane {
namespace {

constexpr int kMaxDepth = 32;  // of inherits and groups: more is a circle
const char* const kImageKeys[] = {"args",      "context",  "contexts", "dockerfile", "dockerfile_inline",
                                  "generated", "inherits", "labels",   "network",    "options",
                                  "platforms", "secrets",  "tags",     "target",     "matrix",
                                  "name"};

class Reader {
 public:
  Reader(const std::string& file, Workspace* out, std::vector<Diagnostic>* diagnostics)
      : file_(file), out_(*out), diagnostics_(diagnostics) {}

  bool Read(const toml::table& root) {
    CheckKeys(root, {"variables", "defaults", "template", "image", "group"});
    ReadVariables(root);
    defaults_ = Table(root, "defaults");
    templates_ = Table(root, "template");
    images_ = Table(root, "image");
    if (images_ != nullptr) {
      for (const auto& [key, value] : *images_)
        ReadImage(std::string(key.str()), TomlRange(key.source()), value);
    }
    if (failed_) return false;
    CheckBases();
    groups_ = Table(root, "group");
    if (groups_ != nullptr) {
      for (const auto& [key, value] : *groups_) {
        WorkspaceGroup group;
        group.name = std::string(key.str());
        if (!IsImageName(group.name) || out_.Find(group.name) != nullptr) {
          Error(TomlRange(key.source()), absl::StrCat("no group can be called `", group.name, "`"),
                "letters, digits, '.', '_' and '-', and no image's name");
        }
        AddMembers(value, 0, &group.members);
        out_.groups.push_back(std::move(group));
      }
    }
    return !failed_;
  }

  bool ReadDefaults(const toml::table& root, bool nothing_else, std::vector<std::string>* words) {
    if (nothing_else) CheckKeys(root, {"variables", "defaults"});
    ReadVariables(root);
    const toml::table* defaults = Table(root, "defaults");
    if (defaults != nullptr && nothing_else) {
      CheckKeys(*defaults, {"args", "labels", "network", "options", "platforms", "secrets"});
    }
    if (defaults != nullptr && !failed_) ReadCommon(*defaults, words);
    return !failed_;
  }

 private:
  void ReadVariables(const toml::table& root) {
    const toml::table* variables = Table(root, "variables");
    if (variables == nullptr) return;
    for (const auto& [key, value] : *variables) variables_[std::string(key.str())] = Text(value);
  }

  // `option` null: they are words as they stand.
  void List(const toml::table& table, const char* key, const char* option, std::vector<std::string>* words) {
    const toml::node* value = table.get(key);
    if (value == nullptr) return;
    for (const std::string& text : Texts(*value))
      words->push_back(option == nullptr ? text : absl::StrCat("--", option, "=", text));
  }
  void Pairs(const toml::table& table, const char* key, const char* option, std::vector<std::string>* words) {
    const toml::table* values = Table(table, key);
    if (values == nullptr) return;
    for (const auto& [inner, value] : *values) {
      words->push_back(absl::StrCat("--", option, "=", std::string(inner.str()), "=", Text(value)));
    }
  }
  std::string Single(const toml::table& table, const char* key) {
    const toml::node* value = table.get(key);
    return value == nullptr ? std::string() : Text(*value);
  }
  // What is not about one image.
  void ReadCommon(const toml::table& table, std::vector<std::string>* words) {
    if (std::string network = Single(table, "network"); !network.empty())
      words->push_back("--network=" + network);
    Pairs(table, "args", "build-arg", words);
    Pairs(table, "labels", "label", words);
    List(table, "platforms", "platform", words);
    List(table, "secrets", "secret", words);
    List(table, "options", nullptr, words);
  }

  void Error(const SourceRange& range, std::string message, std::string help = "") {
    failed_ = true;
    Diagnostic diagnostic;
    diagnostic.file = file_;
    // What was joined from several tables has lost its place.
    diagnostic.range = range.line > 0 ? range : image_range_;
    diagnostic.message = std::move(message);
    diagnostic.help = std::move(help);
    diagnostics_->push_back(std::move(diagnostic));
  }

  template <typename Keys>
  void CheckKeys(const toml::table& table, const Keys& known) {
    const std::vector<std::string> names(std::begin(known), std::end(known));
    for (const auto& [key, value] : table) {
      const std::string name(key.str());
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      const std::string match = ClosestMatch(name, names);
      Error(TomlRange(key.source()), absl::StrCat("unknown key `", name, "`"),
            match.empty() ? "" : absl::StrCat("did you mean `", match, "`?"));
    }
  }
  void CheckKeys(const toml::table& table, std::initializer_list<const char*> known) {
    CheckKeys(table, std::vector<std::string>(known.begin(), known.end()));
  }

  const toml::table* Table(const toml::table& table, const char* key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) Error(TomlRange(*node), absl::StrCat("`", key, "` must be a table"));
    return node->as_table();
  }

  // A string, its variables replaced.
  std::string Text(const toml::node& node) {
    const auto value = node.value_exact<std::string>();
    if (!value.has_value()) {
      Error(TomlRange(node), "this must be a string");
      return "";
    }
    std::string out;
    absl::string_view rest = *value;
    for (size_t at; (at = rest.find("${")) != absl::string_view::npos;) {
      if (at > 0 && rest[at - 1] == '$') {  // "$${" is "${"
        absl::StrAppend(&out, rest.substr(0, at - 1), "${");
        rest.remove_prefix(at + 2);
        continue;
      }
      const size_t end = rest.find('}', at);
      if (end == absl::string_view::npos) break;
      const std::string name(rest.substr(at + 2, end - at - 2));
      const auto found = variables_.find(name);
      if (found == variables_.end()) {
        Error(TomlRange(node), absl::StrCat("there is no variable `", name, "`"), "define it in [variables]");
        return "";
      }
      absl::StrAppend(&out, rest.substr(0, at), found->second);
      rest.remove_prefix(end + 1);
    }
    return absl::StrCat(out, rest);
  }
  std::vector<std::string> Texts(const toml::node& node) {
    std::vector<std::string> out;
    const toml::array* array = node.as_array();
    if (array == nullptr) {
      Error(TomlRange(node), "this must be an array of strings");
      return out;
    }
    for (const toml::node& item : *array) out.push_back(Text(item));
    return out;
  }

  // `from` over `to`: tables are joined, all else is replaced.
  static void Join(const toml::table& from, toml::table* to) {
    for (const auto& [key, value] : from) {
      toml::table* inner = (*to)[key].as_table();
      if (inner != nullptr && value.is_table()) {
        Join(*value.as_table(), inner);
      } else {
        to->insert_or_assign(key, value);
      }
    }
  }

  // The table of an image or template with all that it inherits.
  void Flatten(const toml::table& own, int depth, toml::table* out) {
    CheckKeys(own, kImageKeys);
    if (const toml::node* inherits = own.get("inherits")) {
      if (depth > kMaxDepth) return Error(TomlRange(*inherits), "this inherits itself");
      for (const std::string& name : Texts(*inherits)) {
        const toml::node* parent = templates_ == nullptr ? nullptr : templates_->get(name);
        if (parent == nullptr && images_ != nullptr) parent = images_->get(name);
        if (parent == nullptr || !parent->is_table()) {
          return Error(TomlRange(*inherits), absl::StrCat("there is no image or template `", name, "`"));
        }
        Flatten(*parent->as_table(), depth + 1, out);
        out->erase("matrix");  // it is one image's own affair
        out->erase("name");
      }
    }
    Join(own, out);
  }

  void ReadImage(const std::string& name, const SourceRange& range, const toml::node& node) {
    if (!IsImageName(name)) {
      return Error(range, absl::StrCat("no image can be called `", name, "`"), kImageNameForm);
    }
    const toml::table* own = node.as_table();
    if (own == nullptr) return Error(range, absl::StrCat("image `", name, "` must be a table"));
    image_range_ = range;
    toml::table table;
    if (defaults_ != nullptr) Flatten(*defaults_, 0, &table);
    Flatten(*own, 0, &table);
    const toml::table* matrix = Table(table, "matrix");
    if (matrix == nullptr) return ReadOne(name, range, table);
    const toml::node* made_name = table.get("name");
    if (made_name == nullptr) {
      return Error(TomlRange(*matrix), absl::StrCat("the images of `", name, "` need names"),
                   "as name = \"app-${VARIABLE}\", with the matrix's variables");
    }
    WorkspaceGroup group;
    group.name = name;
    const std::map<std::string, std::string> variables = variables_;
    const std::function<void(const toml::table::const_iterator&)> expand =
        [&](const toml::table::const_iterator& axis) {
          if (failed_) return;
          if (axis == matrix->cend()) {
            group.members.push_back(Text(*made_name));
            if (out_.Find(group.members.back()) != nullptr || !IsImageName(group.members.back()) ||
                group.members.back() == name) {
              return Error(TomlRange(*made_name),
                           absl::StrCat("`", group.members.back(), "` is no name for one of several images"));
            }
            return ReadOne(group.members.back(), range, table);
          }
          for (const std::string& value : Texts(axis->second)) {
            variables_[std::string(axis->first.str())] = value;
            expand(std::next(axis));
          }
        };
    expand(matrix->cbegin());
    variables_ = variables;
    out_.groups.push_back(std::move(group));
  }

  void ReadOne(const std::string& name, const SourceRange& range, const toml::table& table) {
    WorkspaceImage image;
    image.name = name;
    image.range = range;
    if (std::string context = Single(table, "context"); !context.empty()) image.context = context;
    image.dockerfile = Single(table, "dockerfile");
    if (!image.dockerfile.empty()) image.words.push_back(absl::StrCat("--file=", image.dockerfile));
    if (const toml::node* text = table.get("dockerfile_inline")) {
      if (!image.dockerfile.empty())
        return Error(TomlRange(*text), "`dockerfile` and `dockerfile_inline` cannot both be given");
      image.inline_dockerfile = Text(*text);
    }
    if (std::string target = Single(table, "target"); !target.empty())
      image.words.push_back("--target=" + target);
    List(table, "tags", "tag", &image.words);
    if (const toml::node* tags = table.get("tags")) image.tags = Texts(*tags);
    List(table, "generated", "generated", &image.words);
    ReadContexts(table, &image);
    ReadCommon(table, &image.words);
    image.words.insert(image.words.end(), {"--", image.context});
    out_.images.push_back(std::move(image));
  }

  void ReadContexts(const toml::table& table, WorkspaceImage* image) {
    const toml::table* contexts = Table(table, "contexts");
    if (contexts == nullptr) return;
    for (const auto& [key, value] : *contexts) {
      const std::string text = Text(value);
      absl::string_view base = text;
      if (absl::ConsumePrefix(&base, "image:")) {
        image->bases.push_back({std::string(key.str()), std::string(base), image->range});
      } else {
        image->words.push_back(absl::StrCat("--build-context=", std::string(key.str()), "=", text));
      }
    }
  }

  void CheckBases() {
    std::vector<std::string> names;
    for (const WorkspaceImage& image : out_.images) names.push_back(image.name);
    for (const WorkspaceImage& image : out_.images) {
      for (const WorkspaceImage::Base& base : image.bases) {
        if (out_.Find(base.image) != nullptr) continue;
        const std::string match = ClosestMatch(base.image, names);
        Error(base.range, absl::StrCat("there is no image `", base.image, "`"),
              match.empty() ? "" : absl::StrCat("did you mean `", match, "`?"));
      }
    }
  }

  void AddMembers(const toml::node& node, int depth, std::vector<std::string>* members) {
    if (depth > kMaxDepth) return Error(TomlRange(node), "this group holds itself");
    for (const std::string& name : Texts(node)) {
      const auto add = [members](const std::string& image) {
        if (std::find(members->begin(), members->end(), image) == members->end()) members->push_back(image);
      };
      const auto matrix = std::find_if(out_.groups.begin(), out_.groups.end(),
                                       [&name](const WorkspaceGroup& group) { return group.name == name; });
      if (out_.Find(name) != nullptr) {
        add(name);
      } else if (matrix != out_.groups.end()) {
        for (const std::string& image : matrix->members) add(image);
      } else if (const toml::node* group = groups_->get(name)) {
        AddMembers(*group, depth + 1, members);
      } else {
        Error(TomlRange(node), absl::StrCat("there is no image or group `", name, "`"));
      }
      if (failed_) return;
    }
  }

  const std::string& file_;
  Workspace& out_;
  std::vector<Diagnostic>* diagnostics_;
  bool failed_ = false;
  SourceRange image_range_;  // of the image that is being read
  std::map<std::string, std::string> variables_;
  const toml::table* defaults_ = nullptr;
  const toml::table* templates_ = nullptr;
  const toml::table* images_ = nullptr;
  const toml::table* groups_ = nullptr;
};

}  // namespace

bool IsImageName(absl::string_view name) {
  return !name.empty() && name[0] != '.' && name[0] != '-' && name != "all-images" &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                  c == '-' || c == '.';
         });
}

const WorkspaceImage* Workspace::Find(absl::string_view name) const {
  const auto found = std::find_if(images.begin(), images.end(),
                                  [&](const WorkspaceImage& image) { return image.name == name; });
  return found == images.end() ? nullptr : &*found;
}

bool ParseWorkspace(absl::string_view text, const std::string& file, Workspace* workspace,
                    std::vector<Diagnostic>* diagnostics) {
  Diagnostic error;
  const absl::optional<toml::table> table = ParseToml(text, file, &error);
  if (!table.has_value()) {
    diagnostics->push_back(error);
    return false;
  }
  return Reader(file, workspace, diagnostics).Read(*table);
}

bool ParseDefaults(absl::string_view text, const std::string& file, bool nothing_else,
                   std::vector<std::string>* words, Diagnostic* error) {
  const absl::optional<toml::table> table = ParseToml(text, file, error);
  if (!table.has_value()) return false;
  Workspace nothing;
  std::vector<Diagnostic> diagnostics;
  if (Reader(file, &nothing, &diagnostics).ReadDefaults(*table, nothing_else, words)) return true;
  *error = diagnostics[0];
  return false;
}

bool IsWorkspace() {
  if (!PathExists(kWorkspaceFile)) return false;
  Diagnostic ignored;
  const absl::optional<toml::table> table =
      ParseToml(ReadFile(kWorkspaceFile).value_or(""), kWorkspaceFile, &ignored);
  return !table.has_value() || table->contains("image");
}

bool SortByBases(const std::string& file, Workspace* workspace, Diagnostic* error) {
  std::vector<WorkspaceImage> sorted;
  std::map<std::string, bool> done;  // false: on the way
  std::vector<std::string> way;
  bool ok = true;
  std::function<void(const WorkspaceImage&, const SourceRange&, const std::string&)> visit =
      [&](const WorkspaceImage& image, const SourceRange& from, const std::string& in) {
        const auto [known, is_new] = done.emplace(image.name, false);
        if (!ok || known->second) return;
        way.push_back(image.name);
        if (!is_new) {
          ok = false;
          *error = Diagnostic();
          error->file = in.empty() ? file : in;
          error->range = from;
          error->message = "images are FROM each other in a circle: ";
          for (auto at = std::find(way.begin(), way.end(), image.name); at != way.end(); ++at) {
            absl::StrAppend(&error->message, *at, at + 1 == way.end() ? "" : " -> ");
          }
          return;
        }
        for (const WorkspaceImage::Base& base : image.bases)
          visit(*workspace->Find(base.image), base.range, base.file);
        way.pop_back();
        done[image.name] = true;
        if (ok) sorted.push_back(image);
      };
  for (const WorkspaceImage& image : workspace->images) visit(image, image.range, image.file);
  if (ok) workspace->images = std::move(sorted);
  return ok;
}

}  // namespace kasane
