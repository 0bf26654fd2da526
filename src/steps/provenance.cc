#include "src/steps/provenance.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/contract/built_edge.h"
#include "src/contract/record.h"
#include "src/contract/spec_file.h"
#include "src/oci/attestation.h"
#include "src/sbom/package.h"
#include "src/steps/provenance_origins.h"
#include "src/steps/sbom.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

constexpr char kBuildType[] = "urn:kasane:dockerfile-build:v1";
constexpr char kBuilder[] = "urn:kasane:gen";

// "context:src/main.go": a file of a context, "NAME:src/main.go" of a named one.
std::string FileUrl(absl::string_view file) {
  std::string out = "context:";
  for (const char c : file) {
    if (c == '/') {
      out += c;
    } else {
      out += QuoteUrlPart(absl::string_view(&c, 1));
    }
  }
  return out;
}

Json Material(const std::string& uri, const Digest& digest) {
  Json json = Json::object();
  json["uri"] = uri;
  if (!digest.empty()) json["digest"] = {{"sha256", digest.ToHex()}};
  return json;
}

class Writer {
 public:
  Writer(const ProvenanceSpec& spec, const StepContext& context)
      : spec_(spec),
        context_(context),
        records_(context.args.source.begin() + 1, context.args.source.end()) {}

  absl::StatusOr<Json> Predicate() {
    Json definition = Json::object();
    definition["buildType"] = kBuildType;
    definition["externalParameters"] = External();
    definition["internalParameters"] = Json::object();
    definition["internalParameters"]["builderPlatform"] = spec_.build_platform;
    definition["internalParameters"]["targetPlatform"] = spec_.platform;
    definition["resolvedDependencies"] = Json::array();
    for (const ProvenanceSpec::Material& material : spec_.materials) {
      ASSIGN_OR_RETURN(const Digest digest, DigestOf(material));
      Json json = Material(material.uri, digest);
      if (!material.commit.empty()) json["digest"]["gitCommit"] = material.commit;
      definition["resolvedDependencies"].push_back(std::move(json));
    }
    if (spec_.is_full) {
      ASSIGN_OR_RETURN(definition["internalParameters"]["steps"], Steps());
      for (const std::string& file : files_) {
        const auto content = contents_.find(file);
        definition["resolvedDependencies"].push_back(
            Material(FileUrl(file), content == contents_.end() ? Digest() : content->second));
      }
    }
    Json details = Json::object();
    details["builder"] = {{"id", kBuilder}};
    if (spec_.epoch.has_value()) {
      const std::string time =
          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(*spec_.epoch), absl::UTCTimeZone());
      details["metadata"] = {{"startedOn", time}, {"finishedOn", time}};
    }
    Json predicate = Json::object();
    predicate["buildDefinition"] = std::move(definition);
    predicate["runDetails"] = std::move(details);
    return predicate;
  }

 private:
  Json External() const {
    Json request = Json::object();
    request["frontend"] = "dockerfile.v0";
    request["args"] = Json::object();
    for (const auto& [name, value] : spec_.request) request["args"][name] = value;
    const auto list = [&request](const char* key, const std::vector<std::string>& ids) {
      for (const std::string& id : ids) request[key].push_back(Json{{"id", id}});
    };
    list("secrets", spec_.secrets);
    list("ssh", spec_.ssh);
    Json json = Json::object();
    json["configSource"] = Json::object();
    json["request"] = std::move(request);
    return json;
  }

  absl::StatusOr<Digest> DigestOf(const ProvenanceSpec::Material& material) const {
    if (material.step < 0) return material.digest;
    ASSIGN_OR_RETURN(const Record record, ReadRecord(records_[static_cast<size_t>(material.step)]));
    if (!record.manifest.empty()) return record.manifest;  // an image that another build makes
    ASSIGN_OR_RETURN(const Delta delta, LoadDelta(*context_.store, record.delta));
    for (const DeltaEntry& entry : delta.entries()) {
      if (entry.entry.is_file()) return entry.entry.content;
    }
    return Digest();
  }

  // The graph that the image was made by, as the walk wants it.
  std::vector<BuiltEdge> Edges() const {
    std::vector<BuiltEdge> edges;
    const auto names = [this](const std::vector<int>& steps) {
      std::vector<std::string> out;
      for (const int i : steps) out.push_back(records_[static_cast<size_t>(i)]);
      return out;
    };
    for (size_t i = 0; i < spec_.steps.size(); ++i) {
      const ProvenanceSpec::Step& step = spec_.steps[i];
      BuiltEdge edge;
      edge.record = records_[i];
      edge.spec = step.spec;
      edge.below = names(step.below);
      edge.source = names(step.source);
      edge.origin.text = step.text;
      edge.origin.stage = step.stage;
      edges.push_back(std::move(edge));
    }
    return edges;
  }

  absl::StatusOr<Json> Steps() {
    Provenance provenance(context_.store, "", Edges());
    Json steps = Json::array();
    for (size_t i = 0; i < spec_.steps.size(); ++i) {
      const ProvenanceSpec::Step& step = spec_.steps[i];
      ASSIGN_OR_RETURN(const Spec spec, ReadSpec(JoinPath(context_.args.dir, "specs"), step.spec));
      const bool is_run = std::holds_alternative<RunSpec>(spec);
      if (!is_run && !std::holds_alternative<CopySpec>(spec)) continue;
      // What the COPYs of other stages brought counts as far as somebody read it.
      const bool counts = is_run || target_.count(static_cast<int>(i)) > 0;
      if (!counts) continue;
      absl::StatusOr<Origins> sources = provenance.SourcesOf(records_[i]);
      Json json = Json::object();
      json["instruction"] = step.text;
      json["stage"] = step.stage;
      const bool is_known = sources.ok();
      if (!is_known && !absl::IsNotFound(sources.status())) return sources.status();
      if (is_known) {  // else nobody watched that RUN
        Json& files = json[is_run ? "read" : "copied"] = Json::array();
        for (const std::string& file : sources->files) files.push_back(FileUrl(file));
        for (const std::string& made : sources->steps) {
          if (absl::StartsWith(made, "RUN ")) json["after"].push_back(made);
        }
        for (const std::string& other : sources->others) json["others"].push_back(other);
        files_.insert(sources->files.begin(), sources->files.end());
        contents_.insert(sources->contents.begin(), sources->contents.end());
      }
      steps.push_back(std::move(json));
    }
    return steps;
  }

  const ProvenanceSpec& spec_;
  const StepContext& context_;
  const std::vector<std::string> records_;
  std::set<int> target_{spec_.target.begin(), spec_.target.end()};
  std::set<std::string> files_;
  std::map<std::string, Digest> contents_;
};

}  // namespace

absl::StatusOr<StepOutcome> RunProvenanceStep(const ProvenanceSpec& spec, const StepContext& context) {
  const std::vector<std::string>& paths = context.args.source;
  if (paths.size() != spec.steps.size() + 1) {
    return absl::InvalidArgumentError("a provenance step needs the records of its image and of its steps");
  }
  ASSIGN_OR_RETURN(const Record image, ReadRecord(paths[0]));
  ASSIGN_OR_RETURN(const Json predicate, Writer(spec, context).Predicate());
  ASSIGN_OR_RETURN(const std::string statement,
                   MakeStatement(kProvenancePredicate, predicate, image.manifest, spec.names, spec.platform));
  return FinishStatement("provenance", kProvenancePredicate, statement, context);
}

}  // namespace kasane
