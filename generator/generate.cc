#include "generator/generate.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "generator/cmake_writer.h"
#include "generator/defaults.h"
#include "generator/json_writer.h"
#include "generator/ninja_log.h"
#include "generator/ninja_writer.h"
#include "generator/resolver.h"
#include "generator/stage_configs.h"
#include "generator/stats.h"
#include "generator/workspace_bases.h"
#include "src/base/dead_temporaries.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/base/timeline.h"
#include "src/contract/build_secrets.h"
#include "src/contract/spec_file.h"
#include "src/oci/built_base.h"
#include "src/sandbox/plain_root.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr int kArgumentsVersion = 2;

timespec Now() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

// The identity of the user's store, which is made if there is none: its id must be known before any step
// runs.
absl::StatusOr<std::string> StoreIdentity() {
  std::string directory = Store::DefaultPath();
  std::string identity = Store::ReadIdentity(directory);
  if (!identity.empty()) return identity;
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(directory));
  return store->identity();
}

// What was typed; defaults are looked at again by each regeneration.
std::string EncodeArguments(const Options& options, const Layout& layout) {
  Options typed = options.typed == nullptr ? options : *options.typed;
  typed.fresh = options.fresh;
  return PrettyJson({{"version", kArgumentsVersion},
                     {"arguments", RememberedArguments(AsSeenFromBuildDir(typed, layout))},
                     {"given", options.given},
                     {"defaults", {options.defaults.persons, options.defaults.projects}}});
}

bool ParseRemembered(const std::string& path, Options* options, Messages* messages) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  const absl::StatusOr<Json> json = text.ok() ? ParseJson(*text, path) : text.status();
  if (!json.ok() || JsonInt(*json, "version") != kArgumentsVersion) {
    messages->Error(json.ok() ? absl::StrCat(path, " is of another version") : json.status().message(),
                    "run gen again");
    return false;
  }
  const std::vector<std::string> given = JsonStrings(*json, "given");
  std::vector<std::string> files = JsonStrings(*json, "defaults");
  files.resize(2);
  const Environment nothing = [](const std::string&) -> absl::optional<std::string> { return absl::nullopt; };
  Diagnostic error;
  std::string note;
  if (ParseWithDefaults({files[0], files[1]}, JsonStrings(*json, "arguments"), {given.begin(), given.end()},
                        nothing, options, &note, &error)) {
    return true;
  }
  messages->Add(error);
  return false;
}

// The prefix under which ninja last ran, so that a gen typed by hand leaves a depfile that fits: the
// depfile's target is "PREFIX.kasane/stamp".
std::string PrefixOfDepfile(const std::string& path) {
  std::string text = ReadFile(path).value_or("");
  std::string target = text.substr(0, text.find(':'));
  std::string own = absl::StrCat(kStateName, "/stamp");
  return absl::EndsWith(target, own) ? target.substr(0, target.size() - own.size()) : "";
}

// True if gen may write the stub.
bool MayWriteStub(const Layout& layout, Messages* messages) {
  absl::StatusOr<std::string> text = ReadFile(layout.stub());
  if (!text.ok() ? absl::IsNotFound(text.status()) : IsNinjaStub(*text)) return true;
  messages->Error(absl::StrCat(layout.stub(), " was not written by gen and is left alone"),
                  "choose another build directory: gen -C DIR");
  return false;
}

bool IsDirectory(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

class BuildWriter {
 public:
  BuildWriter(const Options& options, const ParsedFile& file, const Compiled& compiled,
              const CachedResolver& resolver, const RemoteResolver& remotes, const CommandContext& context)
      : options_(options),
        file_(file),
        layout_(file.layout),
        compiled_(compiled),
        resolver_(resolver),
        remotes_(remotes),
        context_(context) {}

  // `started`: when the first of the inputs was read. `prefix`: see Depfile; null: as before. `noted`: in
  // ninja's log.
  absl::Status Write(timespec started, const std::string* prefix, bool noted) {
    Span span("write .kasane");
    bool is_new = !PathExists(layout_.state());
    RETURN_IF_ERROR(MakeDirs(layout_.state()));
    RemoveDeadTemporaries(layout_.state() + "/");
    RemoveDeadTemporaries(layout_.stub() + ".");
    // Two at once would mix their files.
    ASSIGN_OR_RETURN(UniqueFd lock, OpenFile(layout_.state(), O_RDONLY | O_DIRECTORY));
    RETURN_IF_ERROR(LockFile(lock.get(), LOCK_EX, layout_.state()));
    std::string dockerfile = layout_.FromBuildDir(layout_.dockerfile);
    RETURN_IF_ERROR(Put(".gitignore", "*\n"));
    if (prefix == nullptr) {
      const std::string trace = options_.trace.empty() ? "" : AbsolutePath(options_.trace);
      RETURN_IF_ERROR(WriteTraceNote(layout_.state(), trace));
    }
    RETURN_IF_ERROR(WriteInputs(file_.source));
    RETURN_IF_ERROR(Put("specs", EncodeSpecFile(compiled_.graph.specs)));
    RETURN_IF_ERROR(Put("context.json", EncodeContextBindings(compiled_.bindings)));
    RETURN_IF_ERROR(Put("secrets.json", EncodeBuildSecrets(options_.secrets)));
    RETURN_IF_ERROR(Put("steps.json", EncodeStepOrigins(dockerfile, compiled_.origins)));
    RETURN_IF_ERROR(Put(kStageConfigs, StageConfigs()));
    RETURN_IF_ERROR(Put(kBuiltBases, EncodeBuiltBases(compiled_.bases)));
    RETURN_IF_ERROR(Put("resolved.json", resolver_.Encode()));
    if (const std::string text = remotes_.Encode(); !text.empty()) RETURN_IF_ERROR(Put("remotes.json", text));
    RETURN_IF_ERROR(Put("arguments.json", EncodeArguments(options_, layout_)));
    RETURN_IF_ERROR(Put("image.ninja", NinjaText(compiled_.graph, context_, dockerfile)));
    if (EmitsCMake()) {
      RETURN_IF_ERROR(WriteCommandFiles());
      RETURN_IF_ERROR(Put("image.cmake", CMakeText(compiled_.graph, context_, layout_.build_dir,
                                                   ConfigureDepends(), dockerfile)));
    }
    std::string before = prefix != nullptr                ? *prefix
                         : !options_.ninja_prefix.empty() ? options_.ninja_prefix
                                                          : PrefixOfDepfile(layout_.state() + "/stamp.d");
    RETURN_IF_ERROR(Put("stamp.d", StampDepfile(before)));
    bool stub_is_new = false;
    if (!EmitsCMake()) {
      ASSIGN_OR_RETURN(stub_is_new, WriteFileIfChanged(layout_.stub(), NinjaStub()));
    }
    // Edits made while we were reading must make the stamp look old. What we ourselves put into the build
    // directory, which may be the context, must not.
    timespec made = is_new || stub_is_new ? Now() : started;
    RETURN_IF_ERROR(Touch(layout_.state() + "/stamp", made));
    // Run by ninja, that writes the log itself.
    const bool is_around = !options_.ninja_prefix.empty();  // then the log is that of the workspace
    if (noted && (before.empty() || is_around)) {
      const std::string directory = is_around ? std::string(Dirname(layout_.build_dir)) : layout_.state();
      NoteInNinjaLog(directory + "/.ninja_log", absl::StrCat(before, kStateName, "/stamp"),
                     int64_t{made.tv_sec} * 1000000000 + made.tv_nsec);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Put(const char* name, absl::string_view text) {
    return WriteFileIfChanged(JoinPath(layout_.state(), name), text).status();
  }

  std::string StageConfigs() const {
    std::map<std::string, Json> configs;
    for (const Plan& plan : compiled_.plans) {
      for (const PlanStage& stage : plan.stages) configs[stage.id] = stage.image.config;
    }
    return EncodeStageConfigs(configs);
  }

  bool EmitsCMake() const { return options_.emit == "cmake"; }

  // For make, which makes no directory for an output and does not see that a command is another one.
  absl::Status WriteCommandFiles() const {
    for (const GraphEdge& edge : compiled_.graph.edges) {
      if (edge.is_built()) continue;
      std::vector<std::string> paths = edge.products;
      paths.push_back(edge.record);
      paths.push_back(edge.log);
      for (const std::string& path : paths) {
        RETURN_IF_ERROR(MakeDirs(JoinPath(layout_.state(), Dirname(path))));
      }
      const std::string command = absl::StrJoin(StepCommand(compiled_.graph, edge, context_), "\n");
      RETURN_IF_ERROR(
          WriteFileIfChanged(CommandFile(JoinPath(layout_.state(), edge.record)), command).status());
    }
    return absl::OkStatus();
  }

  std::vector<std::string> ConfigureDepends() const {
    std::vector<std::string> depends = compiled_.depends;
    std::sort(depends.begin(), depends.end());
    depends.erase(std::unique(depends.begin(), depends.end()), depends.end());
    return depends;
  }

  std::string StampDepfile(const std::string& prefix) const {
    std::vector<std::string> inputs;
    for (const std::string& path : compiled_.depends) {
      std::string seen = layout_.FromBuildDir(path);
      // In a workspace a directory may be called like a target.
      if (absl::StrContains(prefix, absl::StrCat(kStateName, "/")) && IsDirectory(path)) seen = path;
      inputs.push_back(absl::StartsWith(seen, "/") ? seen : CleanPath(absl::StrCat(prefix, seen)));
    }
    std::sort(inputs.begin(), inputs.end());
    inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
    return Depfile(absl::StrCat(prefix, kStateName, "/stamp"), inputs);
  }

  static absl::Status Touch(const std::string& path, timespec time) {
    ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_WRONLY | O_CREAT));
    timespec times[2] = {time, time};
    if (futimens(fd.get(), times) != 0) return ErrnoStatus(errno, absl::StrCat("cannot touch ", path));
    return absl::OkStatus();
  }

  const Options& options_;
  const ParsedFile& file_;
  const Layout& layout_;
  const Compiled& compiled_;
  const CachedResolver& resolver_;
  const RemoteResolver& remotes_;
  const CommandContext& context_;
};

bool MakeContext(const Options& options, const Programs& programs, CommandContext* context,
                 Messages* messages) {
  absl::StatusOr<std::string> identity = StoreIdentity();
  if (!identity.ok()) {
    messages->Error(identity.status().message());
    return false;
  }
  *context = {programs.gen, kStateName, *identity, options.fresh};
  return true;
}

// Said here once, not by every RUN.
void SayIfLayersAreMissing(const Graph& graph, Messages* messages) {
  const auto is_run = [](const GraphEdge& edge) { return edge.kind == "run"; };
  if (std::none_of(graph.edges.begin(), graph.edges.end(), is_run)) return;
  const std::string why = WhyNoLayers();
  if (why.empty()) return;
  messages->Warning(absl::StrCat(why, ": each RUN works on a copy of what is below it"),
                    "it runs again when anything below it has changed, read or not");
}

int GenerateUntimed(const Options& options, const std::string* prefix, bool noted, const Programs& programs,
                    std::string* state, Messages* messages) {
  timespec started = Now();
  ParsedFile file;
  const bool regenerate = prefix != nullptr;
  RemoteResolver remotes(programs.gen_net, /*ask=*/!regenerate);
  if (!ReadDockerfile(options, programs, &remotes, regenerate, &file, messages) ||
      (options.emit == "ninja" && !MayWriteStub(file.layout, messages))) {
    return 1;
  }
  *state = file.layout.state();
  GenNetSource source(programs.gen_net);
  CachedResolver resolver(&source);
  if (!options.shared_resolved.empty()) resolver.Load(options.shared_resolved);
  if (!options.pull) resolver.Load(file.layout.state() + "/resolved.json");
  remotes.Load(file.layout.state() + "/remotes.json");
  Compiled compiled;
  CommandContext context;
  if (!Compile(options, file, &resolver, &remotes, &compiled, messages) ||
      !MakeContext(options, programs, &context, messages)) {
    return 1;
  }
  if (IsInWorkspace(file.layout.build_dir)) context.first = "../workspace";
  if (!options.shared_resolved.empty()) {
    const absl::Status shared = WriteFileIfChanged(options.shared_resolved, resolver.Encode()).status();
    if (!shared.ok()) {
      messages->Error(shared.message());
      return 1;
    }
  }
  for (std::string& path : DependsOfDefaults(options.defaults)) compiled.depends.push_back(std::move(path));
  for (std::string path : {"id", "generation"}) {
    path = JoinPath(Store::DefaultPath(), path);
    if (PathExists(path)) compiled.depends.push_back(AbsolutePath(path));
  }
  absl::Status status =
      BuildWriter(options, file, compiled, resolver, remotes, context).Write(started, prefix, noted);
  if (status.ok()) {
    SayIfLayersAreMissing(compiled.graph, messages);
    return 0;
  }
  messages->Error(status.message());
  return 1;
}

// `trace`: the file to add the timeline to; "" for none.
int GenerateWith(const Options& options, const std::string* prefix, bool noted, const Programs& programs,
                 const std::string& trace, Messages* messages) {
  if (options.stats || !trace.empty()) StartTimeline();
  std::string state;
  Span whole("gen");
  const int exit_code = GenerateUntimed(options, prefix, noted, programs, &state, messages);
  whole.End();
  if (options.stats && exit_code == 0) std::fputs(StatsText(TimelineSoFar()).c_str(), stdout);
  if (trace.empty()) return exit_code;
  absl::Status status = options.trace.empty() ? absl::OkStatus() : BeginTrace(trace);
  if (status.ok()) status = AppendToTrace(trace, prefix == nullptr ? "gen" : "gen regenerate");
  // Only who asked for it is told.
  if (status.ok() || options.trace.empty()) return exit_code;
  messages->Error(status.message());
  return 1;
}

}  // namespace

int Generate(const Options& given, const Programs& programs, Messages* messages) {
  Options options = given;
  if (options.no_cache) {
    timespec now = Now();
    options.fresh = absl::StrCat(absl::Hex(now.tv_sec), absl::Hex(now.tv_nsec, absl::kZeroPad8));
  }
  const std::string trace = options.trace.empty() ? "" : AbsolutePath(options.trace);
  return GenerateWith(options, nullptr, /*noted=*/true, programs, trace, messages);
}

int Regenerate(const std::string& state, bool noted, const Programs& programs, Messages* messages) {
  std::string prefix = state;
  if (Basename(prefix) != kStateName) {
    messages->Error(absl::StrCat(state, " is not a state directory"), "it is called .kasane");
    return 2;
  }
  prefix.resize(prefix.size() - std::string(kStateName).size());
  if (!prefix.empty() && chdir(prefix.c_str()) != 0) {
    messages->Error(ErrnoStatus(errno, absl::StrCat("cannot enter ", prefix)).message());
    return 1;
  }
  Options options;
  if (!ParseRemembered(absl::StrCat(kStateName, "/arguments.json"), &options, messages)) return 1;
  options.shown_prefix = prefix;
  if (!FollowNamedBases(&options, messages)) return 1;
  options.build_dir = std::string(".");  // GCC 12 at -O2 sees an overlap in assigning the literal
  return GenerateWith(options, &prefix, noted, programs, ReadTraceNote(kStateName), messages);
}

bool DumpGraph(const Options& options, const Programs& programs, std::string* json, Messages* messages) {
  ParsedFile file;
  RemoteResolver remotes(programs.gen_net, /*ask=*/true);
  if (!ReadDockerfile(options, programs, &remotes, /*regenerate=*/false, &file, messages)) return false;
  GenNetSource source(programs.gen_net);
  CachedResolver resolver(&source);
  if (!options.pull) resolver.Load(file.layout.state() + "/resolved.json");
  remotes.Load(file.layout.state() + "/remotes.json");
  Compiled compiled;
  CommandContext context;
  if (!Compile(options, file, &resolver, &remotes, &compiled, messages) ||
      !MakeContext(options, programs, &context, messages)) {
    return false;
  }
  *json = PrettyJson(GraphJson(compiled.graph, context, file.layout.FromBuildDir(file.layout.dockerfile)));
  return true;
}

}  // namespace kasane
