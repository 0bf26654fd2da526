// Values of options about what goes in, and what is asked for.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "generator/option_values.h"
#include "src/oci/reference.h"

namespace kasane {

Problem SetBuildArg(absl::string_view value, Environment environment, Options* o) {
  std::pair<std::string, std::string> pair = absl::StrSplit(value, absl::MaxSplits('=', 1));
  if (pair.first.empty()) {
    return {absl::StrCat("invalid build argument \"", value, "\": it has no name"),
            "use --build-arg NAME=VALUE"};
  }
  if (!absl::StrContains(value, '=')) {
    absl::optional<std::string> set = environment(pair.first);
    if (!set.has_value()) return {};  // as Docker: an unset variable passes nothing
    pair.second = *set;
  }
  o->build_args[pair.first] = pair.second;
  return {};
}

Problem SetBuildContext(absl::string_view value, Environment, Options* o) {
  const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(value, absl::MaxSplits('=', 1));
  if (pair.second.empty()) {
    return {absl::StrCat("invalid context \"", value, "\""),
            "use --build-context NAME=DIRECTORY, or NAME=URL"};
  }
  // NAME::PLATFORM, as BuildKit has it: the name for stages of that platform alone.
  const size_t colons = pair.first.find("::");
  const absl::StatusOr<Reference> reference = ParseReference(pair.first.substr(0, colons));
  if (!reference.ok()) return {absl::StrCat("invalid name of a context: ", reference.status().message()), ""};
  std::string name = reference->ShortName();
  if (colons != absl::string_view::npos) {
    const absl::StatusOr<Platform> platform = ParsePlatform(pair.first.substr(colons + 2));
    if (!platform.ok()) {
      return {absl::StrCat("--build-context ", pair.first, ": ", platform.status().message()), ""};
    }
    name = ContextKey(name, *platform);
  }
  o->build_contexts[name] = std::string(pair.second);
  return {};
}

Problem SetGenerated(absl::string_view value, Environment, Options* o) {
  if (value.empty()) return {"no path", "use --generated FILE or --generated DIRECTORY/"};
  o->generated.emplace_back(value);
  return {};
}

Problem SetBuildTree(absl::string_view value, Environment, Options* o) {
  o->build_trees.emplace_back(value);
  return {};
}

Problem SetEmit(absl::string_view value, Environment, Options* o) {
  if (value != "ninja" && value != "cmake") {
    return {absl::StrCat("unknown build system \"", value, "\""), "use ninja or cmake"};
  }
  o->emit = std::string(value);
  return {};
}

Problem SetFormat(absl::string_view value, Environment, Options* o) {
  if (value != "text" && value != "json" && value != "sarif") {
    return {absl::StrCat("unknown format \"", value, "\""), "use text, json or, for checks, sarif"};
  }
  o->format = std::string(value);
  return {};
}

// As docker buildx has it: METHOD, or METHOD,format=FORMAT.
Problem SetCall(absl::string_view value, Environment environment, Options* o) {
  const std::vector<absl::string_view> fields = absl::StrSplit(value, ',');
  const std::vector<std::string> methods = {"build", "check", "outline", "targets"};
  o->call = std::string(fields[0]);
  if (o->call == "lint") o->call = "check";
  if (std::find(methods.begin(), methods.end(), o->call) == methods.end()) {
    const std::string guess = ClosestMatch(o->call, methods);
    return {
        absl::StrCat("unknown method \"", o->call, "\""),
        guess.empty() ? "use build, check, outline or targets" : absl::StrCat("did you mean ", guess, "?")};
  }
  for (size_t i = 1; i < fields.size(); ++i) {
    absl::string_view field = fields[i];
    if (!absl::ConsumePrefix(&field, "format=")) {
      return {absl::StrCat("unknown attribute \"", field, "\""), "use format=text or format=json"};
    }
    Problem problem = SetFormat(field, environment, o);
    if (!problem.message.empty()) return problem;
  }
  return {};
}

Problem SetCheck(absl::string_view value, Environment environment, Options* o) {
  return value == "false" ? Problem{} : SetCall("check", environment, o);
}

}  // namespace kasane
