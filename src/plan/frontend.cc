#include "src/plan/frontend.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/oci/reference.h"

namespace kasane {
namespace {

constexpr char kBuildArg[] = "BUILDKIT_SYNTAX";
constexpr int kMajor = 1;
constexpr int kMinor = 28;

// Whether a tag is a version, and newer than what is built in. What is no version ("latest", "master-labs")
// is not.
bool IsNewer(absl::string_view tag) {
  absl::ConsumeSuffix(&tag, "-labs");
  const std::vector<absl::string_view> parts = absl::StrSplit(tag, '.');
  int major = 0, minor = 0, patch = 0;
  if (parts.size() > 3 || !absl::SimpleAtoi(parts[0], &major)) return false;
  if (parts.size() > 1 && !absl::SimpleAtoi(parts[1], &minor)) return false;
  if (parts.size() > 2 && !absl::SimpleAtoi(parts[2], &patch)) return false;
  return std::make_pair(major, minor) > std::make_pair(kMajor, kMinor);
}

}  // namespace

bool CheckFrontend(const DockerfileAst& ast, const PlanOptions& options, Report* report) {
  std::string text;
  const Directive* directive = ast.FindDirective("syntax");
  const auto given = options.build_args.find(kBuildArg);
  const bool on_command_line = given != options.build_args.end() && !given->second.empty();
  if (on_command_line) {
    text = given->second;
  } else if (directive != nullptr) {
    text = directive->value.text;
  } else {
    return true;
  }
  const std::string image = text.substr(0, text.find(' '));  // what follows is for the frontend
  const auto refuse = [&](std::string message, std::string help) {
    if (on_command_line) return report->OptionError(absl::StrCat(kBuildArg, ": ", message), std::move(help));
    return report->Error(directive->value.range, std::move(message), std::move(help));
  };
  const auto reference = ParseReference(image);
  if (!reference.ok() || reference->domain != "docker.io" ||
      (reference->path != "docker/dockerfile" && reference->path != "docker/dockerfile-upstream")) {
    return refuse(absl::StrCat("the frontend ", image, " is not supported"),
                  "only docker/dockerfile is built in");
  }
  if (!IsNewer(reference->tag)) return true;
  return refuse(
      absl::StrCat("the frontend ", image, " is newer than the one that is built in, ", kMajor, ".", kMinor),
      "name a lower version if the Dockerfile does without what is new");
}

}  // namespace kasane
