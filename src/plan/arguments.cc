#include "src/plan/arguments.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/plan/epoch.h"
#include "src/plan/words.h"

namespace kasane {
namespace {

constexpr absl::string_view kProxies[] = {"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"};

void SetPlatform(absl::string_view prefix, const Platform& platform, EnvList* out) {
  out->Set(absl::StrCat(prefix, "PLATFORM"), platform.ToString());
  out->Set(absl::StrCat(prefix, "OS"), platform.os);
  out->Set(absl::StrCat(prefix, "OSVERSION"), "");
  out->Set(absl::StrCat(prefix, "ARCH"), platform.architecture);
  out->Set(absl::StrCat(prefix, "VARIANT"), platform.variant);
}

std::string LastStageName(const DockerfileAst& ast) {
  std::string name;
  for (const Instruction& in : ast.instructions) {
    if (in.kind == InstructionKind::kFrom)
      name = in.args.size() == 3 ? absl::AsciiStrToLower(in.args[2].text) : "";
  }
  return name;
}

}  // namespace

bool ReadArguments(const DockerfileAst& ast, const PlanOptions& options, Report* report, Arguments* out) {
  out->build_args = options.build_args;
  if (options.epoch.has_value()) out->build_args.emplace(kEpochName, absl::StrCat(*options.epoch));

  EnvList& global = out->global;
  SetPlatform("BUILD", options.build_platform, &global);
  SetPlatform("TARGET", options.target_platform, &global);
  std::string target = options.target.empty() ? LastStageName(ast) : options.target;
  global.Set("TARGETSTAGE", target.empty() ? "default" : target);
  const EnvList predefined = global;
  for (const auto& [name, value] : predefined.entries()) {
    auto given = out->build_args.find(name);
    if (given != out->build_args.end()) global.Set(name, given->second);
  }

  ExpandOptions expand;
  expand.escape = ast.escape;
  SourceRange epoch_range;
  for (const Instruction& in : ast.instructions) {
    if (in.kind == InstructionKind::kFrom) break;
    for (const KeyValue& pair : in.pairs) {
      const std::string& key = pair.key.text;
      if (key == kEpochName) epoch_range = pair.range;
      GlobalArg declared;
      declared.arg = {key, "", DescriptionOf(in.comments, key), in.range};
      auto given = out->build_args.find(key);
      if (given != out->build_args.end()) {
        global.Set(key, given->second);
        declared.arg.value = given->second;
      } else if (pair.has_value) {
        Expansion value;
        if (!ExpandAt(pair.value.text, pair.value.range, global, expand, report, &value)) return false;
        global.Set(key, value.text);
        declared.arg.value = value.text;
        declared.uses.insert(value.found.begin(), value.found.end());
        // A default made of the old value uses what that used.
        if (declared.uses.erase(key) > 0) declared.uses.merge(out->declared[key].uses);
      }
      out->declared[key] = std::move(declared);
    }
  }
  if (!ReadEpoch(ast, options, epoch_range, report, out)) return false;

  for (absl::string_view proxy : kProxies) {
    std::string value;
    for (const auto& [name, given] : out->build_args) {
      if (absl::EqualsIgnoreCase(name, proxy)) value = given;  // in any case; the last in order wins
    }
    if (value.empty()) continue;
    out->proxy_env.push_back(absl::StrCat(proxy, "=", value));
    out->proxy_env.push_back(absl::StrCat(absl::AsciiStrToLower(proxy), "=", value));
  }
  return true;
}

void WarnOfUnusedArguments(const DockerfileAst& ast, const PlanOptions& options, Linter* linter) {
  std::vector<std::string> declared;
  for (const Instruction& in : ast.instructions) {
    const Instruction& inner = in.trigger.empty() ? in : in.trigger[0];
    if (inner.kind != InstructionKind::kArg) continue;
    for (const KeyValue& pair : inner.pairs) declared.push_back(pair.key.text);
  }
  EnvList predefined;
  SetPlatform("BUILD", options.build_platform, &predefined);
  SetPlatform("TARGET", options.target_platform, &predefined);
  predefined.Set("TARGETSTAGE", "");
  std::vector<std::string> unused;
  std::string help;
  for (const auto& [name, value] : options.build_args) {
    bool known =
        name == kEpochName || absl::StartsWith(name, "BUILDKIT_") || predefined.Get(name).has_value();
    for (absl::string_view proxy : kProxies) known |= absl::EqualsIgnoreCase(name, proxy);
    for (const std::string& d : declared) known |= d == name;
    if (known) continue;
    unused.push_back(name);
    const std::string guess = ClosestMatch(name, declared);
    if (help.empty() && !guess.empty()) help = absl::StrCat("did you mean ", guess, "?");
  }
  if (unused.empty()) return;
  linter->Warn(lint::kUnusedBuildArg, SourceRange{},
               absl::StrCat("one or more build-args were not consumed: ", absl::StrJoin(unused, ", ")), help);
}

}  // namespace kasane
