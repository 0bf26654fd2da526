#include "src/sbom/metadata_files.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/json.h"

namespace kasane {

absl::optional<Package> ParseNpmPackage(absl::string_view text) {
  const absl::StatusOr<Json> json = ParseJson(text, "package.json");
  if (!json.ok()) return absl::nullopt;
  Package package;
  package.type = "npm";
  package.name = JsonString(*json, "name");
  package.version = JsonString(*json, "version");
  package.license = JsonString(*json, "license");
  if (package.license.empty()) package.license = JsonString(JsonMember(*json, "license"), "type");
  if (package.name.empty() || package.version.empty()) return absl::nullopt;
  return package;
}

absl::optional<Package> ParsePythonMetadata(absl::string_view text) {
  Package package;
  package.type = "pypi";
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StripAsciiWhitespace(line).empty()) break;  // a description follows
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    std::string value(absl::StripAsciiWhitespace(field.second));
    if (absl::EqualsIgnoreCase(field.first, "Name")) {
      package.name = std::move(value);
    } else if (absl::EqualsIgnoreCase(field.first, "Version")) {
      package.version = std::move(value);
    } else if (absl::EqualsIgnoreCase(field.first, "License-Expression") ||
               (absl::EqualsIgnoreCase(field.first, "License") && package.license.empty())) {
      package.license = std::move(value);
    }
  }
  if (package.name.empty() || package.version.empty()) return absl::nullopt;
  return package;
}

bool IsNpmPackagePath(absl::string_view path) {
  if (!absl::ConsumeSuffix(&path, "/package.json")) return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  const size_t n = parts.size();
  if (n < 2) return false;
  if (parts[n - 2] == "node_modules") return true;
  return n >= 3 && parts[n - 3] == "node_modules" && absl::StartsWith(parts[n - 2], "@");
}

bool IsPythonMetadataPath(absl::string_view path) {
  return absl::EndsWith(path, ".dist-info/METADATA") || absl::EndsWith(path, ".egg-info/PKG-INFO") ||
         absl::EndsWith(path, ".egg-info");
}

}  // namespace kasane
