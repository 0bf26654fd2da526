#include "src/plan/build_args.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/expand.h"
#include "src/plan/check.h"

namespace kasane {
namespace {

std::vector<std::string> VariablesOf(absl::string_view text, const EnvList& env, char escape) {
  ExpandOptions options;
  options.escape = escape;
  Expansion expansion;
  ExpandError error;
  const auto lookup = [&env](absl::string_view name) { return env.Get(name); };
  if (!Expand(text, lookup, options, &expansion, &error)) return {};
  return expansion.found;
}

void AddGlobal(const std::string& name, const GlobalArgs& globals, std::map<std::string, BuildArg>* out) {
  const auto found = globals.find(name);
  if (found == globals.end() || !out->emplace(name, found->second.arg).second) return;
  for (const std::string& used : found->second.uses) AddGlobal(used, globals, out);
}

}  // namespace

std::string DescriptionOf(const std::vector<Word>& comments, absl::string_view name) {
  const std::string begin = absl::StrCat(name, " ");
  for (const Word& comment : comments) {
    if (!name.empty() && absl::StartsWith(comment.text, begin)) return comment.text.substr(begin.size());
  }
  return "";
}

std::vector<BuildArg> CollectBuildArgs(const Instruction& from, const GlobalArgs& globals, const EnvList& env,
                                       char escape, const std::vector<BuildArg>& own,
                                       const std::set<std::string>& inherited) {
  std::map<std::string, BuildArg> out;
  for (const BuildArg& arg : own) out[arg.name] = arg;
  for (const std::string& name : VariablesOf(from.args[0].text, env, escape)) AddGlobal(name, globals, &out);
  if (const Flag* platform = FindFlag(from, "platform")) {
    for (const std::string& name : VariablesOf(platform->value, env, escape)) AddGlobal(name, globals, &out);
  }
  for (const std::string& name : inherited) AddGlobal(name, globals, &out);
  std::vector<BuildArg> args;
  for (auto& [name, arg] : out) args.push_back(std::move(arg));
  std::stable_sort(args.begin(), args.end(),
                   [](const BuildArg& a, const BuildArg& b) { return a.range.line < b.range.line; });
  return args;
}

}  // namespace kasane
