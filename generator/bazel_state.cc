#include "generator/bazel_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "generator/bazel_writer.h"
#include "generator/context_argument.h"
#include "generator/context_steps.h"
#include "generator/resolver.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/context/ignore.h"
#include "src/contract/build_secrets.h"
#include "src/contract/spec_file.h"
#include "src/dockerfile/parser.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;
constexpr char kImageFile[] = "image.bzl";

// The links that Bazel puts into a workspace.
std::vector<std::string> BazelLinks(const std::string& directory) {
  return {"bazel-bin", "bazel-out", "bazel-testlogs", absl::StrCat("bazel-", Basename(directory))};
}

// The Dockerfile and the ignore file. False: told.
bool DigestSources(const Layout& layout, Json* sources, Messages* messages) {
  absl::StatusOr<IgnoreFile> ignore = ReadIgnoreFile(layout.dockerfile, layout.context);
  std::vector<std::string> paths = {layout.dockerfile};
  if (ignore.ok() && !ignore->path.empty()) paths.push_back(AbsolutePath(ignore->path));
  *sources = Json::object();
  for (const std::string& path : paths) {
    absl::StatusOr<Digest> digest = Sha256OfFile(path);
    if (!digest.ok()) {
      messages->Error(digest.status().message());
      return false;
    }
    (*sources)[std::string(Basename(path))] = digest->ToString();
  }
  return true;
}

// Digests of what was read of images that other builds make, by the names of the contexts that they are.
Json DigestBases(const std::map<std::string, std::string>& files) {
  Json json = Json::object();
  for (const auto& [name, path] : files) json[name] = Sha256OfFile(path).value_or(Digest()).ToString();
  return json;
}

std::map<std::string, std::string> BaseFiles(const Options& options) {
  std::map<std::string, std::string> files;
  for (const auto& [name, word] : options.build_contexts) {
    ContextArgument argument;
    Diagnostic ignored;
    if (ParseNamedContext(name, word, &argument, &ignored) &&
        argument.kind == ContextArgument::Kind::kBuilt) {
      files[name] = JoinPath(JoinPath(argument.value, kStateName), kBuiltBases);
    }
  }
  return files;
}

Json Describe(const Options& options, const Compiled& compiled, const Layout& layout, Json sources,
              const std::string& command) {
  Json json = {{"version", kVersion}, {"command", command}, {"sources", std::move(sources)}};
  json["contexts"] = Json::object();
  for (const auto& [name, binding] : compiled.bindings) {
    std::vector<std::string> exclude = binding.exclude;
    if (name.empty()) {
      exclude.emplace_back(kImageFile);
      for (std::string& link : BazelLinks(layout.context)) exclude.push_back(std::move(link));
    }
    json["contexts"][name] = {{"ignore", binding.ignore}, {"exclude", exclude}};
  }
  json["origins"] = EncodeStepOrigins(std::string(Basename(layout.dockerfile)), compiled.origins);
  json["secrets"] = EncodeBuildSecrets(options.secrets);
  json["base"] = EncodeBuiltBases(compiled.bases);
  json["bases"] = DigestBases(BaseFiles(options));
  json["specs"] = Json::array();
  for (const auto& [digest, text] : compiled.graph.specs) json["specs"].push_back(text);
  return json;
}

// What gen bazel has written of the steps, with the Dockerfile where it is in this build: a step shows its
// line.
std::string WithDockerfile(absl::string_view origins, const std::string& dockerfile) {
  const std::string head = EncodeStepOrigins(dockerfile, {});
  return absl::StrCat(head.substr(0, head.find('\n')),
                      origins.substr(std::min(origins.find('\n'), origins.size())));
}

absl::Status WriteState(const Json& json, const std::string& directory, const std::string& root,
                        const std::string& dockerfile,
                        const std::map<std::string, std::string>& directories) {
  std::map<Digest, std::string> specs;
  for (std::string& text : JsonStrings(json, "specs")) {
    const Digest digest = Sha256Of(text);
    specs[digest] = std::move(text);
  }
  ContextBindings bindings;
  const Json& contexts = JsonMember(json, "contexts");
  for (auto it = contexts.begin(); it != contexts.end(); ++it) {
    const auto found = directories.find(it.key());
    if (!it.key().empty() && found == directories.end()) {
      return absl::NotFoundError(absl::StrCat("context \"", it.key(),
                                              "\" has no labels: give image() in BUILD ", "contexts = {\"",
                                              it.key(), "\": [..]}"));
    }
    ContextBinding& binding = bindings[it.key()];
    binding.root = it.key().empty() ? root : AbsolutePath(found->second);
    binding.ignore = JsonStrings(*it, "ignore");
    binding.exclude = JsonStrings(*it, "exclude");
  }
  RETURN_IF_ERROR(MakeDirs(directory));
  const auto put = [&](const char* name, absl::string_view text) {
    return WriteFileAtomic(JoinPath(directory, name), text);
  };
  RETURN_IF_ERROR(put("specs", EncodeSpecFile(specs)));
  RETURN_IF_ERROR(put("context.json", EncodeContextBindings(bindings)));
  RETURN_IF_ERROR(put("steps.json", WithDockerfile(JsonString(json, "origins"), dockerfile)));
  RETURN_IF_ERROR(put("secrets.json", JsonString(json, "secrets")));
  return put(kBuiltBases, JsonString(json, "base"));
}

// Says what is wrong with sources that are not those of then. `what`: another of them.
int RefuseSources(const std::string& dockerfile, const std::string& what, const std::string& command,
                  Messages* messages) {
  const std::string text = ReadFile(dockerfile).value_or("");
  std::vector<Diagnostic> diagnostics;
  const bool parsed = ParseDockerfile(dockerfile, text, &diagnostics).has_value();
  messages->Add(diagnostics, text);
  if (parsed) {
    messages->Error(absl::StrCat(JoinPath(Dirname(dockerfile), kImageFile), " was made of another ", what),
                    absl::StrCat("in that directory run: ", command));
  }
  return 1;
}

}  // namespace

int GenerateBazel(const Options& options, const std::vector<std::string>& words, const Programs& programs,
                  Messages* messages) {
  ParsedFile file;
  RemoteResolver remotes(programs.gen_net, /*ask=*/true);
  if (!ReadDockerfile(options, programs, &remotes, /*regenerate=*/false, &file, messages)) return 1;
  const Layout& layout = file.layout;
  if (layout.context.empty() || Dirname(layout.dockerfile) != layout.context) {
    messages->Error("gen bazel wants the Dockerfile in the context directory",
                    "the context is the package that image.bzl is loaded in");
    return 1;
  }
  GenNetSource source(programs.gen_net);
  CachedResolver resolver(&source);
  const std::string resolved = layout.state() + "/resolved.json";
  if (!options.pull) resolver.Load(resolved);
  Compiled compiled;
  Json sources;
  if (!Compile(options, file, &resolver, &remotes, &compiled, messages) ||
      !DigestSources(layout, &sources, messages)) {
    return 1;
  }
  if (compiled.bindings.count(kInputsContext) > 0) {
    messages->Error("gen bazel knows no context that gen itself has to keep");
    return 1;
  }
  BazelImage image;
  image.command = absl::StrCat("gen bazel", words.empty() ? "" : " ", absl::StrJoin(words, " "));
  image.state = DumpJson(Describe(options, compiled, layout, std::move(sources), image.command)) + "\n";
  absl::Status status = MakeDirs(layout.state());
  if (status.ok()) status = WriteFileIfChanged(layout.state() + "/.gitignore", "*\n").status();
  if (status.ok()) status = WriteFileIfChanged(resolved, resolver.Encode()).status();
  if (status.ok()) {
    status =
        WriteFileIfChanged(JoinPath(layout.state(), kBuiltBases), EncodeBuiltBases(compiled.bases)).status();
  }
  if (status.ok()) {
    status =
        WriteFileIfChanged(JoinPath(layout.context, kImageFile), BazelText(compiled.graph, image)).status();
  }
  if (status.ok()) return 0;
  messages->Error(status.message());
  return 1;
}

int MakeBazelState(const std::vector<std::string>& words, Messages* messages) {
  std::vector<std::string> sources;
  std::map<std::string, std::string> directories, bases;
  for (size_t i = 2; i + 1 < words.size(); i += 2) {
    const std::string& value = words[i + 1];
    if (words[i] == "--source") {
      sources.push_back(value);
      continue;
    }
    auto& named = words[i] == "--base" ? bases : directories;
    named[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
  }
  if (sources.empty()) {
    messages->Error("gen bazel-state needs a Dockerfile", "rules/bazel calls it");
    return 2;
  }
  const absl::StatusOr<std::string> text = ReadFile(words[0]);
  const absl::StatusOr<Json> json = text.ok() ? ParseJson(*text, words[0]) : text.status();
  if (!json.ok() || JsonInt(*json, "version") != kVersion) {
    messages->Error(json.ok() ? absl::StrCat(words[0], " is of another version; run gen bazel again")
                              : std::string(json.status().message()));
    return 1;
  }
  Json present = Json::object();
  for (const std::string& path : sources) {
    present[std::string(Basename(path))] = Sha256OfFile(path).value_or(Digest()).ToString();
  }
  if (present != JsonMember(*json, "sources")) {
    return RefuseSources(sources[0], "Dockerfile or ignore file", JsonString(*json, "command"), messages);
  }
  if (DigestBases(bases) != JsonMember(*json, "bases")) {
    return RefuseSources(sources[0], "version of the image that it is FROM", JsonString(*json, "command"),
                         messages);
  }
  const std::string root(Dirname(RealPath(sources[0])));
  // Steps go to the build directory, the state's parent.
  const std::string dockerfile =
      RelativePath(AbsolutePath(sources[0]), std::string(Dirname(AbsolutePath(words[1]))));
  const absl::Status status = WriteState(*json, words[1], root, dockerfile, directories);
  if (status.ok()) return 0;
  messages->Error(status.message());
  return 1;
}

}  // namespace kasane
