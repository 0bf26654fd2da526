#include "generator/plan_options.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "generator/context_argument.h"
#include "generator/emulator.h"
#include "generator/generated_files.h"
#include "generator/lint_context.h"
#include "generator/project_profiles.h"
#include "src/base/bool.h"
#include "src/base/file.h"
#include "src/context/ignore.h"
#include "src/oci/built_base.h"
#include "src/plan/git_remote.h"

namespace kasane {
namespace {

constexpr char kMultiPlatform[] = "BUILDKIT_MULTI_PLATFORM";

// Steps make all of it.
PlanContext ContextOfRemote(PlanRemote remote, const std::string& source, const std::string& destination) {
  PlanContext context;
  context.kind = PlanContext::Kind::kFiles;
  context.copy.sources = {source};
  context.copy.remotes = {0};
  context.copy.destination = destination;
  context.remotes = {std::move(remote)};
  return context;
}

// A directory that is not there yet, but that another rule of the build makes something in.
bool IsGeneratedDirectory(const Options& options, const ContextArgument& argument, const std::string& word) {
  return argument.kind == ContextArgument::Kind::kDirectory && !PathExists(word) &&
         !GeneratedIn(options, RealPath(word)).empty();
}

std::string StateOf(const ContextArgument& build) { return JoinPath(RealPath(build.value), kStateName); }

// What --build-context says. False: `error` is about the first that is wrong.
bool MakeContexts(const Options& options, PlanContexts* out, Diagnostic* error) {
  for (const auto& [name, word] : options.build_contexts) {
    ContextArgument argument;
    if (!ParseNamedContext(name, word, &argument, error) && !IsGeneratedDirectory(options, argument, word)) {
      return false;
    }
    PlanContext context;
    switch (argument.kind) {
      case ContextArgument::Kind::kStandardInput:  // the main one alone
      case ContextArgument::Kind::kDirectory:
        context.copy.from = absl::StrCat("context:", name);
        context.copy.sources = {"."};
        context.copy.destination = "/";
        break;
      case ContextArgument::Kind::kGit: {
        PlanRemote remote;
        std::string message;
        if (!MakeGitRemote(argument.git, &remote, &message, &error->help)) {
          error->message = absl::StrCat("--build-context ", name, ": ", message);
          return false;
        }
        std::get<GitSpec>(remote.spec).commit_time = argument.git.mtime == "commit";
        context = ContextOfRemote(std::move(remote), "", "/");
        break;
      }
      case ContextArgument::Kind::kUrl: {
        HttpSpec file;
        file.url = argument.value;
        file.name = "context";
        context = ContextOfRemote({std::move(file), "", {}, ""}, "context", "/context");
        break;
      }
      case ContextArgument::Kind::kImage:
      case ContextArgument::Kind::kStage:
        context.kind = argument.kind == ContextArgument::Kind::kImage ? PlanContext::Kind::kImage
                                                                      : PlanContext::Kind::kStage;
        context.value = argument.value;
        break;
      case ContextArgument::Kind::kLayout:
        context.kind = PlanContext::Kind::kImage;
        context.value = absl::StrCat("oci-layout:", RealPath(argument.value), argument.tag);
        break;
      case ContextArgument::Kind::kBuilt:
        context.kind = PlanContext::Kind::kImage;
        context.value = absl::StrCat(kBuilt, StateOf(argument));
        break;
    }
    (*out)[name] = std::move(context);
  }
  return true;
}

PlanOptions CommonOptions(const Options& o) {
  PlanOptions plan;
  plan.build_args = o.build_args;
  plan.target = o.target;
  plan.labels = o.labels;
  plan.warm = !o.no_warm;
  plan.network = o.network;
  plan.add_hosts = o.add_hosts;
  plan.ulimits = o.ulimits;
  plan.shm_size = o.shm_size;
  plan.stat_level = o.stat_level;
  plan.allow = o.allow;
  plan.build_platform = plan.target_platform = HostPlatform();
  plan.can_run = [](const Platform& platform) { return CanRunPlatform(platform); };
  plan.tags = o.tags;
  plan.epoch = o.epoch;
  plan.all_stages = o.all_stages;
  return plan;
}

std::vector<std::string> Platforms(const Options& options) {
  return options.platforms.empty() ? std::vector<std::string>{HostPlatform().ToString()} : options.platforms;
}

// False: the build argument contradicts the options.
bool CheckMultiPlatform(const Options& options, Diagnostic* error) {
  const auto given = options.build_args.find(kMultiPlatform);
  if (given == options.build_args.end() || given->second.empty()) return true;
  bool yes = false;
  if (!ParseBool(given->second, &yes)) {
    error->message = absl::StrCat("invalid value \"", given->second, "\" for ", kMultiPlatform);
    error->help = "it is true or false";
    return false;
  }
  if (yes || options.platforms.size() <= 1) return true;
  error->message = absl::StrCat(kMultiPlatform, "=", given->second, " allows no index, and there are ",
                                options.platforms.size(), " platforms");
  return false;
}

bool IsOneOfMany(const Options& options) {
  const auto given = options.build_args.find(kMultiPlatform);
  bool yes = false;
  return options.platforms.size() > 1 ||
         (given != options.build_args.end() && ParseBool(given->second, &yes) && yes);
}

// What provenance says that the build was given, by the names that BuildKit has for it. No secrets.
std::vector<std::pair<std::string, std::string>> RequestOf(const Options& options) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : options.build_args) out[absl::StrCat("build-arg:", name)] = value;
  for (const auto& [name, value] : options.labels) out[absl::StrCat("label:", name)] = value;
  if (!options.target.empty()) out["target"] = options.target;
  if (options.network != Options().network) out["force-network-mode"] = options.network;
  if (!options.add_hosts.empty()) out["add-hosts"] = absl::StrJoin(options.add_hosts, ",");
  return {out.begin(), out.end()};
}

using Annotations = IndexSpec::Annotations;

// Those of one type, for one platform, sorted; the last of a name counts.
Annotations AnnotationsFor(const Options& options, Annotation::Type type, const std::string& platform) {
  std::map<std::string, std::string> out;
  for (const Annotation& a : options.annotations) {
    if (a.type == type && (a.platform.empty() || a.platform == platform)) out[a.key] = a.value;
  }
  return {out.begin(), out.end()};
}

}  // namespace

bool MakePlanOptions(const Options& options, const BuildSource& source, std::vector<PlanOptions>* out,
                     Diagnostic* error) {
  PlanOptions plan = CommonOptions(options);
  if (!MakeContexts(options, &plan.contexts, error)) return false;
  if (source.context.has_value()) plan.contexts[""] = *source.context;
  plan.context_time = source.time;
  plan.time_of = source.time_of;
  if (!source.layout.context.empty()) {
    const auto ignore = ReadIgnoreFile(source.layout.dockerfile, source.layout.context);
    if (ignore.ok()) plan.is_ignored = IgnoredSources(ignore->patterns);
  }
  plan.platform_given = !options.platforms.empty();
  if (!CheckMultiPlatform(options, error)) return false;
  plan.one_of_many = IsOneOfMany(options);
  plan.has_statements = HasStatements(options);
  if (!MakesIndex(options)) {
    for (const Annotation& a : options.annotations) {
      if (a.type != Annotation::Type::kIndex) continue;
      error->message = "--annotation: there is no index, as the image is for one platform";
      error->help = "without a type, or with manifest:, it is the image's manifest";
      return false;
    }
  }
  for (const std::string& name : Platforms(options)) {
    const absl::StatusOr<Platform> platform = ParsePlatform(name);
    if (platform.ok()) plan.target_platform = *platform;  // it was checked with the options
    plan.annotations = AnnotationsFor(options, Annotation::Type::kManifest, name);
    out->push_back(plan);
  }
  return true;
}

bool MakesIndex(const Options& options) { return IsOneOfMany(options) || HasStatements(options); }

bool HasStatements(const Options& options) {
  return options.attestations.sbom || options.attestations.provenance;
}

IndexPlan MakeIndexPlan(const Options& options) {
  IndexPlan index;
  index.is_for_statements = !IsOneOfMany(options);
  index.attest.sbom = options.attestations.sbom;
  index.attest.provenance = options.attestations.provenance;
  index.attest.is_full = options.attestations.is_full;
  index.attest.build_platform = HostPlatform().ToString();
  if (options.attestations.is_full) {
    index.attest.request = RequestOf(options);
    for (const auto& [id, source] : options.secrets.secrets) index.attest.secrets.push_back(id);
    for (const auto& [id, source] : options.secrets.agents) index.attest.ssh.push_back(id);
  }
  for (const std::string& name : Platforms(options)) {
    index.platforms.push_back(ParsePlatform(name).value_or(Platform()).Slug());
    index.spec.parts.push_back({AnnotationsFor(options, Annotation::Type::kManifestDescriptor, name)});
  }
  index.spec.names = options.tags;
  index.spec.annotations = AnnotationsFor(options, Annotation::Type::kIndex, "");
  index.spec.descriptor_annotations = AnnotationsFor(options, Annotation::Type::kIndexDescriptor, "");
  return index;
}

void AddDepends(const Options& options, const Layout& layout, std::vector<std::string>* depends) {
  if (!layout.context.empty()) depends->push_back(layout.context);
  if (layout.dockerfile != layout.kept_dockerfile()) {
    depends->push_back(layout.dockerfile);
    // Files that are looked for and absent come with a new mtime of their directory.
    depends->emplace_back(Dirname(layout.dockerfile));
  }
  const std::string profiles = ProjectProfilesPath(options, layout);
  if (!profiles.empty()) depends->push_back(profiles);
  for (const auto& [name, word] : options.build_contexts) {
    ContextArgument argument;
    Diagnostic ignored;
    if (!ParseNamedContext(name, word, &argument, &ignored)) continue;
    if (argument.kind == ContextArgument::Kind::kLayout) {
      depends->push_back(JoinPath(RealPath(argument.value), "index.json"));
    } else if (argument.kind == ContextArgument::Kind::kBuilt) {
      depends->push_back(JoinPath(StateOf(argument), kBuiltBases));
    }
  }
}

}  // namespace kasane
