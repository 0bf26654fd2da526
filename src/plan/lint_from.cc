#include "src/plan/lint_from.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/expand.h"
#include "src/plan/arguments.h"
#include "src/plan/check.h"
#include "src/plan/lint_stage.h"
#include "src/plan/report.h"
#include "src/plan/words.h"

namespace kasane {
namespace {

std::set<std::string> Unique(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

// Expansion whose errors are said elsewhere.
bool ExpandQuietly(absl::string_view text, const EnvList& env, char escape, Expansion* out) {
  std::vector<Diagnostic> ignored;
  Report report("", &ignored);
  ExpandOptions options;
  options.escape = escape;
  return ExpandAt(text, {}, env, options, &report, out);
}

class FromLinter {
 public:
  FromLinter(const DockerfileAst& ast, const EnvList& global, Linter* linter)
      : ast_(ast), global_(global), linter_(linter) {
    for (const auto& [name, value] : global.entries()) names_.push_back(name);
    for (const Instruction& in : ast.instructions) {
      if (in.kind == InstructionKind::kFrom) break;
      for (const KeyValue& pair : in.pairs) names_.push_back(pair.key.text);
    }
  }

  // False: the FROM is wrong, and with it all that follows.
  bool Lint(const Instruction& from) {
    Expansion name, platform;
    const bool valid = ExpandQuietly(from.args[0].text, global_, ast_.escape, &name);
    Undeclared(from, from.args[0], name);
    if (!valid || name.text.empty()) return false;
    const Flag* flag = FindFlag(from, "platform");
    if (flag == nullptr || flag->value.empty()) return true;
    if (!ExpandQuietly(flag->value, global_, ast_.escape, &platform)) return false;
    Undeclared(from, {flag->value, flag->range}, platform);
    Redundant(from, *flag, platform);
    Constant(from, *flag, platform);
    return !platform.text.empty() && ParsePlatform(platform.text).ok();
  }

 private:
  void Undeclared(const Instruction& from, const Word& word, const Expansion& expansion) {
    for (const std::string& name : Unique(expansion.undefined)) {
      if (std::find(names_.begin(), names_.end(), name) != names_.end()) continue;
      const std::string guess = GuessVariable(name, names_);
      linter_->Warn(lint::kUndefinedArgInFrom, PlaceOfVariable(word.text, word.range, name), from.comments,
                    absl::StrCat("no ARG declares ", name),
                    guess.empty() ? absl::StrCat("write ARG ", name, " before the first FROM")
                                  : absl::StrCat("did you mean ", guess, "?"));
    }
  }

  void Redundant(const Instruction& from, const Flag& flag, const Expansion& expansion) {
    constexpr char kName[] = "TARGETPLATFORM";
    if (!expansion.undefined.empty() || Unique(expansion.found) != std::set<std::string>{kName}) return;
    if (expansion.text != global_.Get(kName).value_or("")) return;
    linter_->Warn(lint::kRedundantTargetPlatform, flag.range, from.comments,
                  absl::StrCat("--platform=", flag.value, " is what FROM does anyway"), "take it away");
  }

  void Constant(const Instruction& from, const Flag& flag, const Expansion& expansion) {
    if (!expansion.found.empty() || !expansion.undefined.empty()) return;
    const auto platform = ParsePlatform(expansion.text);
    if (!platform.ok()) return;
    // A stage that says in its name what platform it is for means it.
    const std::string stage = from.args.size() == 3 ? absl::AsciiStrToLower(from.args[2].text) : "";
    if (absl::StrContains(stage, platform->os) || absl::StrContains(stage, platform->architecture)) return;
    linter_->Warn(lint::kFromPlatformFlagConstDisallowed, flag.range, from.comments,
                  absl::StrCat("the platform ", expansion.text, " is fixed, whatever the image is built for"),
                  "use $BUILDPLATFORM, or say it in the stage's name");
  }

  const DockerfileAst& ast_;
  const EnvList& global_;
  Linter* linter_;
  std::vector<std::string> names_;
};

}  // namespace

void LintDefaultBases(const DockerfileAst& ast, const PlanOptions& options, Linter* linter) {
  PlanOptions defaults = options;
  defaults.build_args.clear();
  // Those that are predefined may still be given.
  Arguments arguments;
  std::vector<Diagnostic> ignored;
  Report report("", &ignored);
  for (absl::string_view name :
       {"BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT", "TARGETPLATFORM",
        "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE"}) {
    const auto given = options.build_args.find(std::string(name));
    if (given != options.build_args.end()) defaults.build_args.insert(*given);
  }
  if (!ReadArguments(ast, defaults, &report, &arguments)) return;
  for (const Instruction& in : ast.instructions) {
    if (in.kind != InstructionKind::kFrom) continue;
    Expansion name;
    if (!ExpandQuietly(in.args[0].text, arguments.global, ast.escape, &name)) return;
    if (ParseReference(name.text).ok()) continue;
    linter->Warn(
        lint::kInvalidDefaultArgInFrom, in.args[0].range,
        absl::StrCat("with the defaults of its ARGs, ", in.args[0].text, " is ",
                     name.text.empty() ? "empty" : absl::StrCat("\"", name.text, "\", no name of an image")),
        "give the ARG a default that works");
  }
}

void LintFroms(const DockerfileAst& ast, const EnvList& global, Linter* linter) {
  FromLinter from(ast, global, linter);
  for (const Instruction& in : ast.instructions) {
    if (in.kind == InstructionKind::kFrom && !from.Lint(in)) return;
  }
}

void LintBasePlatform(const Word& name, const Platform& wanted, const ImageConfig& image, Linter* linter) {
  if (wanted.os == image.os && wanted.architecture == image.architecture) return;
  const std::string actual = Platform{image.os, image.architecture, image.variant}.ToString();
  linter->Warn(lint::kInvalidBaseImagePlatform, name.range,
               absl::StrCat("the image ", name.text, " is for ", actual, ", not for ", wanted.ToString()),
               "its programs may not run; choose an image that has this platform");
}

}  // namespace kasane
