#include "src/contract/step.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int kBindingsVersion = 1;

}  // namespace

absl::StatusOr<StepArgs> ParseStepArgs(const std::vector<std::string>& args) {
  StepArgs out;
  std::vector<std::string> positional;
  std::vector<std::string>* list = nullptr;  // --below and --source take all words up to the next option
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "--") {
      positional.assign(args.begin() + static_cast<std::ptrdiff_t>(i) + 1, args.end());
      break;
    }
    if (!absl::StartsWith(arg, "--")) {
      if (list == nullptr) return absl::InvalidArgumentError(absl::StrCat("unexpected argument: ", arg));
      list->push_back(arg);
      continue;
    }
    list = nullptr;
    if (arg == "--below") {
      list = &out.below;
    } else if (arg == "--source") {
      list = &out.source;
    } else if (arg == "--console") {
      out.console = true;
    } else if (arg == "--touch") {
      out.touch = true;
    } else {
      std::string* value = arg == "--dir"     ? &out.dir
                           : arg == "--store" ? &out.store_identity
                           : arg == "--salt"  ? &out.salt
                           : arg == "--fresh" ? &out.fresh
                           : arg == "--log"   ? &out.log
                           : arg == "--dest"  ? &out.dest
                                              : nullptr;
      if (value == nullptr) return absl::InvalidArgumentError(absl::StrCat("unknown option: ", arg));
      if (i + 1 >= args.size()) return absl::InvalidArgumentError(absl::StrCat(arg, " needs a value"));
      *value = args[++i];
    }
  }
  if (positional.size() != 2) return absl::InvalidArgumentError("a step needs `-- SPEC OUT` at its end");
  if (out.dir.empty()) return absl::InvalidArgumentError("a step needs --dir");
  ASSIGN_OR_RETURN(out.spec, Digest::ParseHex(positional[0]));
  out.out = positional[1];
  return out;
}

std::string EncodeContextBindings(const ContextBindings& bindings) {
  Json json = Json::object();
  json["version"] = kBindingsVersion;
  json["contexts"] = Json::object();
  for (const auto& [name, binding] : bindings) {
    json["contexts"][name] = {
        {"root", binding.root}, {"ignore", binding.ignore}, {"exclude", binding.exclude}};
    if (!binding.generated.empty()) json["contexts"][name]["generated"] = binding.generated;
  }
  return PrettyJson(json);
}

absl::StatusOr<ContextBindings> ReadContextBindings(const std::string& dir) {
  std::string path = JoinPath(dir, "context.json");
  ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  ASSIGN_OR_RETURN(Json json, ParseJson(text, path));
  if (JsonInt(json, "version") != kBindingsVersion) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is of another version; run gen again"));
  }
  ContextBindings out;
  const Json& contexts = JsonMember(json, "contexts");
  for (auto it = contexts.begin(); it != contexts.end(); ++it) {
    out[it.key()] = {JsonString(*it, "root"), JsonStrings(*it, "ignore"), JsonStrings(*it, "exclude"),
                     JsonStrings(*it, "generated")};
  }
  return out;
}

std::string EncodeStepOrigins(const std::string& dockerfile,
                              const std::map<std::string, StepOrigin>& origins) {
  std::string text = absl::StrCat("{\"version\":", kBindingsVersion, ",\"dockerfile\":", DumpJson(dockerfile),
                                  ",\"steps\":{");
  absl::string_view separator = "\n";
  for (const auto& [out, origin] : origins) {
    Json json = {{"line", origin.range.line},
                 {"column", origin.range.column},
                 {"end_line", origin.range.end_line},
                 {"end_column", origin.range.end_column},
                 {"text", origin.text},
                 {"stage", origin.stage}};
    absl::StrAppend(&text, separator, DumpJson(out), ":", DumpJson(json));
    separator = ",\n";
  }
  return absl::StrCat(text, "\n}}\n");
}

StepOrigin ReadStepOrigin(const std::string& dir, const std::string& out) {
  StepOrigin origin;
  std::string path = JoinPath(dir, "steps.json");
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return origin;
  // The first line and the step's own, completed to documents of their own: the rest may be long.
  absl::StatusOr<Json> head = ParseJson(absl::StrCat(text->substr(0, text->find('\n')), "}}"), path);
  if (!head.ok() || JsonInt(*head, "version") != kBindingsVersion) return origin;
  origin.dockerfile = JsonString(*head, "dockerfile");
  std::string key = absl::StrCat("\n", DumpJson(out), ":");
  size_t found = text->find(key);
  if (found == std::string::npos) return origin;
  std::string line = text->substr(found + key.size(), text->find('\n', found + 1) - found - key.size());
  if (!line.empty() && line.back() == ',') line.pop_back();
  absl::StatusOr<Json> parsed = ParseJson(line, path);
  if (!parsed.ok()) return origin;
  const Json& step = *parsed;
  origin.range.line = static_cast<int>(JsonInt(step, "line"));
  origin.range.column = static_cast<int>(JsonInt(step, "column"));
  origin.range.end_line = static_cast<int>(JsonInt(step, "end_line"));
  origin.range.end_column = static_cast<int>(JsonInt(step, "end_column"));
  origin.text = JsonString(step, "text");
  origin.stage = JsonString(step, "stage");
  return origin;
}

}  // namespace kasane
