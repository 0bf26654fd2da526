// gen: compiles a Dockerfile and its context to a ninja build, and runs the edges of that build.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "generator/bazel_state.h"
#include "generator/build_command.h"
#include "generator/cache_command.h"
#include "generator/call_command.h"
#include "generator/container_commands.h"
#include "generator/defaults.h"
#include "generator/diff_command.h"
#include "generator/gc_command.h"
#include "generator/generate.h"
#include "generator/graph_command.h"
#include "generator/images_command.h"
#include "generator/lock.h"
#include "generator/options.h"
#include "generator/provenance_command.h"
#include "generator/run_command.h"
#include "generator/shell_command.h"
#include "generator/step_command.h"
#include "generator/transfer_command.h"
#include "generator/verify_command.h"
#include "generator/watch_command.h"
#include "generator/why_command.h"
#include "generator/workspace.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/config/workspace_file.h"
#include "src/dockerfile/dump.h"
#include "src/dockerfile/language.h"
#include "src/plan/dump_plan.h"
#include "src/steps/common_gen_net.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr char kVersion[] = "gen (Kasane) 0.1\n";
constexpr int kWrongBuild = 1;
constexpr int kWrongUsage = 2;
constexpr int kLargestMmapThreshold = 32 << 20;  // glibc takes no larger one
constexpr int kMoreAtATime =
    1 << 20;  // bytes of memory beyond those that are wanted; each step of growth stops the other threads

using Words = std::vector<std::string>;

bool WantsColor(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && isatty(fd) != 0;
}

// This program's path, for the commands of edges: they must not depend on a PATH.
std::string OwnPath() {
  std::string path(4096, '\0');
  ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return "gen";
  path.resize(static_cast<size_t>(size));
  return path;
}

Programs OwnPrograms() { return {OwnPath(), GenNetPath()}; }

int Print(absl::string_view text) {
  bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? 0 : kWrongBuild;
}

// Runs a command that appends to its output, and prints that.
template <typename Command>
int Printing(const Command& command) {
  std::string out;
  const int exit_code = command(&out);
  return out.empty() ? exit_code : std::max(Print(out), exit_code);
}

// Parses the options of a command. False: `*exit_code` is what to return. What goes into a repository knows
// no person.
bool Parse(const Words& words, Options* options, Messages* messages, int* exit_code,
           bool for_repository = false) {
  Diagnostic error;
  std::string note;
  const bool for_others =
      for_repository || std::find(words.begin(), words.end(), "--emit=cmake") != words.end();
  const DefaultFiles files = {for_others ? "" : PersonsDefaults(ProcessEnvironment), ProjectsDefaults()};
  const bool parsed = ParseWithDefaults(files, words, {}, ProcessEnvironment, options, &note, &error);
  messages->Note(note);
  if (!parsed) {
    messages->Add(error);
    *exit_code = options->wrong_value ? kWrongBuild : kWrongUsage;
    return false;
  }
  if (!options->help) return true;
  if (options->context == "dockerfile") {
    *exit_code = Print(LanguageText());
  } else if (options->context == "dockerfile.md") {
    *exit_code = Print(LanguageMarkdown());
  } else {
    *exit_code = Print(HelpText());
  }
  return false;
}

int DumpCommand(const std::string& what, const Words& words, Messages* messages) {
  Options options;
  int exit_code = 0;
  if (!Parse(words, &options, messages, &exit_code)) return exit_code;
  if (what == "graph") {
    std::string json;
    return DumpGraph(options, OwnPrograms(), &json, messages) ? Print(json) : kWrongBuild;
  }
  ParsedFile file;
  RemoteResolver remotes(GenNetPath(), /*ask=*/true);
  if (!ReadDockerfile(options, OwnPrograms(), &remotes, /*regenerate=*/false, &file, messages)) {
    return kWrongBuild;
  }
  if (what == "ast") return Print(PrettyJson(DumpAst(file.ast)));
  GenNetSource source(GenNetPath());
  CachedResolver resolver(&source);
  if (!options.pull) resolver.Load(file.layout.state() + "/resolved.json");
  std::vector<Plan> plans;
  if (!MakePlans(options, file, &resolver, &plans, messages)) return kWrongBuild;
  if (plans.size() == 1) return Print(PrettyJson(DumpPlan(plans[0])));
  Json all = Json::array();
  for (const Plan& plan : plans) all.push_back(DumpPlan(plan));
  return Print(PrettyJson(all));
}

int GraphCommand(const Words& words, Messages* messages) {
  Options options;
  int exit_code = 0;
  if (!Parse(words, &options, messages, &exit_code)) return exit_code;
  if (!options.json) {
    messages->Error("gen graph needs a format", "use gen graph --html, --svg or --json");
    return kWrongUsage;
  }
  return DumpCommand("graph", words, messages);
}

int CallCommand(const Options& options, Messages* messages) {
  if (options.format == "sarif" && options.call != "check") {
    messages->Error(absl::StrCat("--call=", options.call, " has no format sarif"), "use text or json");
    return kWrongUsage;
  }
  std::string out;
  const int exit_code = Call(options, OwnPrograms(), WantsColor(STDOUT_FILENO), &out, messages);
  const int printed = Print(out);
  return exit_code != 0 ? exit_code : printed;
}

// `gen`, and `gen check`.
int GenerateCommand(const Words& words, bool check, Messages* messages) {
  Options options;
  int exit_code = 0;
  if (!Parse(words, &options, messages, &exit_code)) return exit_code;
  if (check) options.call = "check";
  if (options.call != "build") return CallCommand(options, messages);
  return Generate(options, OwnPrograms(), messages);
}

// No more than options that mean the same for each image of a workspace.
bool IsCommon(const Words& words) {
  return std::all_of(words.begin(), words.end(), [](const std::string& word) {
    return word == "--pull" || word == "--no-cache" || word == "--locked";
  });
}

int Run(const Words& words, Messages* messages) {
  const std::string command = words.empty() ? "" : words[0];
  Words rest(words.begin() + (words.empty() ? 0 : 1), words.end());
  if (command == "step") return RunStepCommand(rest);
  if (command == "chain") return RunChainCommand(rest);
  if (command == "regenerate") {
    const bool noted = rest.size() == 2 && rest[0] == "--note";  // gen watch and gen build do this
    if (rest.size() == 1 || noted) return Regenerate(rest.back(), noted, OwnPrograms(), messages);
    messages->Error("gen regenerate needs the state directory", "use gen regenerate .kasane");
    return kWrongUsage;
  }
  if (command == "bazel") {
    Options options;
    int exit_code = 0;
    if (!Parse(rest, &options, messages, &exit_code, /*for_repository=*/true)) return exit_code;
    return GenerateBazel(options, rest, OwnPrograms(), messages);
  }
  if (command == "bake") {
    const auto* found = std::find_if(std::begin(kBakeFiles), std::end(kBakeFiles),
                                     [](const char* name) { return PathExists(name); });
    std::string file = found == std::end(kBakeFiles) ? kBakeFiles[0] : *found;
    Words common;
    for (const std::string& word : rest) {
      if (word == "--pull" || word == "--no-cache" || word == "--locked") {
        common.push_back(word);
      } else {
        file = word;
      }
    }
    return GenerateWorkspace(common, file, OwnPrograms(), messages);
  }
  if (command == "lock" && IsCommon(rest) && IsWorkspace())
    return WorkspaceCommand(WorkspaceTask::kLock, rest, OwnPrograms(), false, nullptr, messages);
  if (command == "lock") {
    Options options;
    int exit_code = 0;
    if (!Parse(rest, &options, messages, &exit_code)) return exit_code;
    return LockCommand(options, OwnPrograms(), messages);
  }
  if (command == "bazel-state") return MakeBazelState(rest, messages);
  if (command == "graph" && IsPageOfGraph(rest))
    return Printing([&](auto* out) { return GraphPageCommand(rest, out, messages); });
  if (command == "graph") return GraphCommand(rest, messages);
  const std::string store = Store::DefaultPath();
  if (command == "gc") return Printing([&](auto* out) { return GcCommand(rest, store, out, messages); });
  if (command == "why" || command == "reads")
    return Printing([&](auto* out) { return WhyCommand(command, rest, out, messages); });
  if (command == "images" || command == "history")
    return Printing([&](auto* out) { return ImagesCommand(command, rest, store, out, messages); });
  if (command == "run") return Printing([&](auto* out) { return RunCommand(rest, store, out, messages); });
  if (command == "build")
    return Printing([&](auto* out) { return BuildCommand(rest, OwnPath(), store, out, messages); });
  if (command == "watch")
    return Printing([&](auto* out) { return WatchCommand(rest, OwnPath(), store, out, messages); });
  if (command == "shell")
    return Printing([&](auto* out) { return ShellCommand(rest, store, out, messages); });
  if (command == "diff") return Printing([&](auto* out) { return DiffCommand(rest, store, out, messages); });
  if (command == "load") return Printing([&](auto* out) { return LoadCommand(rest, store, out, messages); });
  if (command == "push")
    return Printing([&](auto* out) { return PushCommand(rest, store, GenNetPath(), out, messages); });
  if (command == "exec") return Printing([&](auto* out) { return ExecCommand(rest, store, out, messages); });
  if (command == "ps" || command == "logs" || command == "stop" || command == "rm")
    return Printing([&](auto* out) { return ContainerCommand(command, rest, store, out, messages); });
  if (command == "provenance")
    return Printing([&](auto* out) { return ProvenanceCommand(rest, out, messages); });
  if (command == "verify")
    return Printing([&](auto* out) { return VerifyCommand(rest, OwnPrograms().gen, out, messages); });
  if (command == "cache")
    return Printing([&](auto* out) { return CacheCommand(rest, store, out, messages); });
  if (command == "dump") {
    std::string what = rest.empty() ? "" : rest[0];
    if (what == "ast" || what == "plan" || what == "graph") {
      return DumpCommand(what, Words(rest.begin() + 1, rest.end()), messages);
    }
    messages->Error(absl::StrCat("gen dump cannot print \"", what, "\""), "use gen dump ast, plan or graph");
    return kWrongUsage;
  }
  if (command == "--version") return Print(kVersion);
  if (IsCommon(words) && IsWorkspace()) {
    return GenerateWorkspace(words, kWorkspaceFile, OwnPrograms(), messages);
  }
  if (command == "check" && IsCommon(rest) && IsWorkspace()) {
    return Printing([&](std::string* out) {
      return WorkspaceCommand(WorkspaceTask::kCheck, rest, OwnPrograms(), WantsColor(STDOUT_FILENO), out,
                              messages);
    });
  }
  if (command == "check") return GenerateCommand(rest, /*check=*/true, messages);
  return GenerateCommand(words, /*check=*/false, messages);
}

// A process of ours lives for moments, and what it frees it needs again: a page from the kernel costs as much
// as hashing half of it.
void KeepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, kLargestMmapThreshold);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, kMoreAtATime);
}

// Debian's Abseil is built to look for cycles at every lock of a mutex; tests let it.
void LockWithoutLookingForCycles() { absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore); }

}  // namespace
}  // namespace kasane

int main(int argc, char** argv) {
  kasane::KeepFreedMemory();
  kasane::LockWithoutLookingForCycles();
  kasane::Messages messages(kasane::WantsColor(STDERR_FILENO));
  int exit_code = kasane::Run({argv + 1, argv + argc}, &messages);
  std::fputs(messages.text().c_str(), stderr);
  return exit_code;
}
