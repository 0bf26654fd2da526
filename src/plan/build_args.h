// What --build-arg can set in a stage, for people who ask what a Dockerfile takes.
#ifndef KASANE_SRC_PLAN_BUILD_ARGS_H_
#define KASANE_SRC_PLAN_BUILD_ARGS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/dockerfile/ast.h"
#include "src/plan/env_list.h"

namespace kasane {

struct BuildArg {
  std::string name;
  std::string value;        // what it has in this build; empty if it has none
  std::string description;  // from the comment "# NAME TEXT" above its ARG
  SourceRange range;        // of that ARG, whole
};

// An ARG above the first FROM.
struct GlobalArg {
  BuildArg arg;
  std::set<std::string> uses;  // global ARGs in its default
};
using GlobalArgs = std::map<std::string, GlobalArg>;  // by name; the last of a name

// TEXT of the first comment "NAME TEXT"; empty if there is none.
std::string DescriptionOf(const std::vector<Word>& comments, absl::string_view name);

// What a stage takes, by place: `own` (its ARGs; one of a name that is in `own` twice counts by the last) and
// the global ARGs that its FROM uses, or that it declares again without a default (`inherited`), and what
// these use.
std::vector<BuildArg> CollectBuildArgs(const Instruction& from, const GlobalArgs& globals, const EnvList& env,
                                       char escape, const std::vector<BuildArg>& own,
                                       const std::set<std::string>& inherited);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_BUILD_ARGS_H_
