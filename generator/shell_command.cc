#include "generator/shell_command.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "generator/command_words.h"
#include "generator/options.h"
#include "generator/secret_options.h"
#include "generator/shell_mounts.h"
#include "generator/step_state.h"
#include "src/base/status.h"
#include "src/containers/container.h"
#include "src/containers/run_container.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

constexpr char kHelp[] =
    "gen shell: a shell in the state that a step of the build has left, or has found.\n"
    "\n"
    "  gen shell [-C DIR] [--before] [-u USER] [-e NAME=VALUE]... [-v HERE:THERE]... [--network MODE]\n"
    "            [--secret id=NAME,src=FILE|env=VARIABLE]... [--ssh default|NAME=SOCKET|NAME=KEYFILE]...\n"
    "            STAGE[:LINE] [-- COMMAND...]\n"
    "\n"
    "      --before        the state before the step; so it is in any case if the step has failed\n"
    "      --secret, --ssh what the step's RUN asks for, before what the build was given\n"
    "\n"
    "STAGE alone is its last step, or the first that has failed. It has the environment, user and working "
    "directory of "
    "the\n"
    "nearest RUN. If the step is a RUN it has its mounts too: secrets and ssh agents that the build or this "
    "command was\n"
    "given (it says which are missing), and the real caches. COMMAND: /bin/sh. What it writes is gone when "
    "it ends, but in "
    "caches. The\n"
    "network is the host's if nothing else is said.\n";

// What stands on the command line counts more.
void AddMounts(const ShellMounts& mounts, ContainerRequest* request) {
  const std::vector<SandboxMount> own = request->mounts;
  for (const SandboxMount& mount : mounts.mounts) {
    const bool is_taken = std::any_of(
        own.begin(), own.end(), [&mount](const SandboxMount& other) { return other.target == mount.target; });
    if (!is_taken) request->mounts.push_back(mount);
  }
  request->env.insert(request->env.begin(), mounts.env.begin(), mounts.env.end());
}

void Tell(const char* what, const std::vector<std::string>& names) {
  if (!names.empty()) std::fprintf(stderr, "gen: %s: %s\n", what, absl::StrJoin(names, ", ").c_str());
}

absl::StatusOr<int> RunShell(const std::string& store_path, const std::string& directory,
                             const std::string& place, bool before, const BuildSecrets& given,
                             ContainerRequest request) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(store_path));
  if (!directory.empty() && chdir(directory.c_str()) != 0)
    return ErrnoStatus(errno, absl::StrCat("cannot enter ", directory));
  ASSIGN_OR_RETURN(const StepState state, FindStepState(*store, "", place, before));
  if (!state.note.empty()) std::fprintf(stderr, "gen: %s\n", state.note.c_str());
  ShellMounts mounts;
  if (!state.run.has_value() && !(given.secrets.empty() && given.agents.empty()))
    return absl::InvalidArgumentError(absl::StrCat(place, " is no RUN: it has no secrets and no ssh agents"));
  if (state.run.has_value()) {
    ASSIGN_OR_RETURN(mounts, TakeShellMounts(*state.run, state.run_sources, given, store.get()));
    AddMounts(mounts, &request);
  }
  Tell("what the build was not given is not here (--secret, --ssh)", mounts.lacks);
  Tell("the RUN does not ask for", mounts.unused);
  ASSIGN_OR_RETURN(request.name, TakeFreeContainerName(*store, "shell"));
  absl::StatusOr<int> code = RunContainer(store.get(), state.source, request, nullptr);
  RemoveContainer(*store, request.name).IgnoreError();
  return code;
}

}  // namespace

int ShellCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
                 Messages* messages) {
  ContainerRequest request;
  request.network = "host";
  std::string directory;
  bool before = false;
  const auto dashes = std::find(args.begin(), args.end(), "--");
  CommandWords words("gen shell", messages);
  words.Flag("--before", &before);
  words.Option("-C|--build-dir", &directory);
  words.Option("-u|--user", &request.user);
  words.Option("-e|--env", [&](const std::string& value) {
    request.env.push_back(value);
    return !absl::StrContains(value, '=') ? "it has no value" : "";
  });
  words.Option("-v|--volume", [&](const std::string& value) {
    const absl::StatusOr<SandboxMount> mount = ParseVolume(value);
    if (mount.ok()) request.mounts.push_back(*mount);
    return std::string(mount.status().message());
  });
  BuildSecrets given;
  words.Option("--secret", [&](const std::string& value) {
    std::string error, help;
    AddSecretOption(value, ProcessEnvironment, &given, &error, &help);
    return error;
  });
  words.Option("--ssh", [&](const std::string& value) {
    std::string error, help;
    AddSshOption(value, &given, &error, &help);
    return error;
  });
  words.Option("--network", [&](const std::string& value) {
    request.network = value;
    const bool known = value == "default" || value == "host" || value == "none";
    return known ? "" : "a network is default, host or none";
  });
  if (!words.Parse({args.begin(), dashes})) return words.wrong_value() ? kFailed : kWrongUsage;
  if (words.help()) {
    out->append(kHelp);
    return 0;
  }
  if (words.words().size() != 1) {
    messages->Error("gen shell needs one place", "use gen shell STAGE or gen shell STAGE:LINE");
    return kWrongUsage;
  }
  if (dashes != args.end()) request.command.assign(dashes + 1, args.end());
  if (request.command.empty()) request.command = {"/bin/sh"};
  request.interactive = true;
  request.terminal = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
  if (!directory.empty()) directory += "/";
  const absl::StatusOr<int> code =
      RunShell(store, directory, words.words()[0], before, given, std::move(request));
  if (code.ok()) return *code;
  if (!code.status().message().empty()) messages->Error(code.status().message());
  return kFailed;
}

}  // namespace kasane
