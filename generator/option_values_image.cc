// Values of options about the image itself.
#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "generator/option_values.h"
#include "src/oci/reference.h"

namespace kasane {

Problem SetTag(absl::string_view value, Environment, Options* o) {
  absl::StatusOr<Reference> reference = ParseReference(value);
  if (!reference.ok()) {
    return {absl::StrCat("invalid tag \"", value, "\": ", reference.status().message()),
            "a tag looks like name, name:1.0 or registry.example.com/team/name:1.0"};
  }
  if (!reference->digest.empty())
    return {absl::StrCat("invalid tag \"", value, "\": a tag has no digest"), ""};
  o->tags.push_back(reference->ToString());
  return {};
}

Problem SetLabel(absl::string_view value, Environment, Options* o) {
  std::pair<std::string, std::string> pair = absl::StrSplit(value, absl::MaxSplits('=', 1));
  if (pair.first.empty()) return {absl::StrCat("invalid label \"", value, "\": it has no name"), ""};
  o->labels.push_back(pair);
  return {};
}

// "[TYPE[PLATFORM]:]NAME=VALUE", as docker buildx has it.
Problem SetAnnotation(absl::string_view value, Environment, Options* o) {
  const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(value, absl::MaxSplits('=', 1));
  Annotation annotation;
  annotation.key = std::string(pair.first);
  annotation.value = std::string(pair.second);
  const std::pair<absl::string_view, absl::string_view> cut =
      absl::StrSplit(pair.first, absl::MaxSplits(':', 1));
  absl::string_view type = cut.first;
  absl::string_view platform;
  if (const size_t bracket = type.find('[');
      bracket != absl::string_view::npos && absl::EndsWith(type, "]")) {
    platform = type.substr(bracket + 1, type.size() - bracket - 2);
    type = type.substr(0, bracket);
  }
  for (size_t i = 0; i < std::size(kAnnotationTypes); ++i) {
    if (type != kAnnotationTypes[i] || !absl::StrContains(pair.first, ':')) continue;
    annotation.type = static_cast<Annotation::Type>(i);
    annotation.key = std::string(cut.second);
    if (platform.empty()) continue;
    const absl::StatusOr<Platform> parsed = ParsePlatform(platform);
    if (!parsed.ok())
      return {absl::StrCat("invalid annotation \"", value, "\": ", parsed.status().message()), ""};
    annotation.platform = parsed->ToString();
  }
  if (annotation.key.empty() || annotation.value.empty()) {
    return {absl::StrCat("invalid annotation \"", value, "\""), "use --annotation NAME=VALUE"};
  }
  o->annotations.push_back(std::move(annotation));
  return {};
}

// "type=sbom", "type=provenance,mode=max": the fields that docker buildx has.
Problem SetAttest(absl::string_view value, Environment, Options* o) {
  std::map<std::string, std::string> fields;
  for (absl::string_view field : absl::StrSplit(value, ',')) {
    fields.insert(absl::StrSplit(field, absl::MaxSplits('=', 1)));
  }
  const std::string type = fields["type"];
  const std::string disabled = fields["disabled"].empty() ? "false" : fields["disabled"];
  if (type != "sbom" && type != "provenance") {
    return {absl::StrCat("unknown type of statement \"", type, "\""), "use type=sbom or type=provenance"};
  }
  if (disabled != "true" && disabled != "false") {
    return {absl::StrCat("invalid value \"", disabled, "\" for disabled"), "use true or false"};
  }
  for (const auto& [name, text] : fields) {
    if (name == "type" || name == "disabled") continue;
    const bool mode = name == "mode" && (text == "min" || text == "max");
    if (type == "provenance" && (mode || (name == "version" && text == "v1"))) continue;
    return {absl::StrCat("\"", name, "=", text, "\" is not supported in a statement of type ", type),
            type == "sbom" ? "gen itself looks for packages, no other scanner is run"
                           : "it can have mode=min, mode=max and version=v1"};
  }
  if (type == "sbom") {
    o->attestations.sbom = disabled == "false";
  } else {
    o->attestations.provenance = disabled == "false";
    o->attestations.is_full = fields["mode"] == "max";
  }
  return {};
}

namespace {

// --sbom, --provenance: true, false or fields.
Problem SetAttestOfType(absl::string_view type, absl::string_view value, Environment environment,
                        Options* o) {
  const std::string fields = value == "true"    ? ""
                             : value == "false" ? ",disabled=true"
                                                : absl::StrCat(",", value);
  return SetAttest(absl::StrCat("type=", type, fields), environment, o);
}

}  // namespace

Problem SetSbom(absl::string_view value, Environment environment, Options* o) {
  return SetAttestOfType("sbom", value, environment, o);
}

Problem SetProvenance(absl::string_view value, Environment environment, Options* o) {
  return SetAttestOfType("provenance", value, environment, o);
}

Problem SetPlatform(absl::string_view value, Environment, Options* o) {
  for (absl::string_view word : absl::StrSplit(value, ',')) {
    const absl::StatusOr<Platform> platform =
        word == "local" ? HostPlatform() : ParsePlatform(absl::StripAsciiWhitespace(word));
    if (!platform.ok())
      return {absl::StrCat("invalid platform \"", word, "\""), "use OS/ARCHITECTURE, as linux/amd64"};
    if (platform->os != "linux") {
      return {absl::StrCat("platform ", platform->ToString(), " is not supported"), "images of Linux are"};
    }
    const std::string name = platform->ToString();
    if (std::find(o->platforms.begin(), o->platforms.end(), name) == o->platforms.end())
      o->platforms.push_back(name);
  }
  return {};
}

namespace {

struct Codec {
  absl::string_view type;
  int highest;  // level; 0: there are none
};
constexpr Codec kCodecs[] = {{"gzip", 12}, {"zstd", 19}, {"uncompressed", 0}};

Problem SetCodec(absl::string_view type, absl::string_view level, CompressionOption* out) {
  const auto* const codec =
      std::find_if(std::begin(kCodecs), std::end(kCodecs), [&](const Codec& c) { return c.type == type; });
  if (codec == std::end(kCodecs)) {
    return {absl::StrCat("unknown compression \"", type, "\""), "it can be gzip, zstd or uncompressed"};
  }
  *out = {std::string(type), 0};
  if (level.empty()) return {};
  if (codec->highest == 0) return {"what is not compressed has no level", ""};
  if (!absl::SimpleAtoi(level, &out->level) || out->level < 1 || out->level > codec->highest) {
    return {absl::StrCat("invalid level \"", level, "\""),
            absl::StrCat("levels of ", type, " are 1 to ", codec->highest)};
  }
  return {};
}

}  // namespace

Problem SetCompression(absl::string_view value, Environment, Options* o) {
  const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(value, absl::MaxSplits(',', 1));
  absl::string_view level = pair.second;
  if (!level.empty() && !absl::ConsumePrefix(&level, "level=")) {
    return {absl::StrCat("unknown part \"", level, "\" of --compression"), "use TYPE or TYPE,level=N"};
  }
  return SetCodec(pair.first, level, &o->compression);
}

Problem SetOutput(absl::string_view value, Environment, Options* o) {
  OutputOption output;
  absl::string_view compression, level;
  for (absl::string_view field : absl::StrSplit(value, ',')) {
    std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(field, absl::MaxSplits('=', 1));
    if (pair.first == "type") {
      output.type = std::string(pair.second);
    } else if (pair.first == "dest") {
      output.dest = std::string(pair.second);
    } else if (pair.first == "compression") {
      compression = pair.second;
    } else if (pair.first == "compression-level") {
      level = pair.second;
    } else if (!absl::StrContains(field, '=') && output.type.empty()) {
      output.type = "local";  // buildx: a bare path is a directory
    } else {
      return {absl::StrCat("output option \"", pair.first, "\" is not supported yet"),
              "use type=oci,dest=FILE"};
    }
  }
  if (output.type != "oci" && output.type != "docker") {
    return {absl::StrCat("output type \"", output.type, "\" is not supported yet"),
            "use type=oci,dest=FILE or type=docker,dest=FILE; the OCI layout is always in .kasane/out/oci"};
  }
  if (output.dest.empty() || output.dest == "-") {
    return {absl::StrCat("output type ", output.type, " needs a file"), "use type=oci,dest=FILE"};
  }
  if (!compression.empty() || !level.empty()) {
    const Problem problem =
        SetCodec(compression.empty() ? kCodecs[0].type : compression, level, &o->compression);
    if (!problem.message.empty()) return problem;
  }
  o->output = output;
  return {};
}

}  // namespace kasane
