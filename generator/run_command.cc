#include "generator/run_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "generator/command_words.h"
#include "generator/layout.h"
#include "generator/stage_configs.h"
#include "generator/step_state.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/containers/container.h"
#include "src/containers/image_source.h"
#include "src/containers/run_container.h"
#include "src/oci/reference.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

constexpr char kRunHelp[] =
    "gen run: runs an image that a build has made, straight from the store.\n"
    "\n"
    "  gen run [OPTION]... [IMAGE [COMMAND...]]\n"
    "  gen run [OPTION]... -- COMMAND...\n"
    "\n"
    "  -C, --build-dir DIR      the build whose image it is, if no IMAGE is named (default: the one here)\n"
    "  -d, --detach             in the background; prints the container's name\n"
    "      --name NAME          of the container (default: the image's, with a number)\n"
    "      --rm                 nothing is left of the container when it has ended\n"
    "  -p, --publish [[ADDRESS:]PORT:]PORT[/udp]\n"
    "                           a port of this machine leads to one of the container; may be repeated\n"
    "  -e, --env NAME[=VALUE]   an environment variable; without a value ours; may be repeated\n"
    "  -v, --volume HERE:THERE[:ro]\n"
    "                           a file or directory of this machine; may be repeated\n"
    "  -i, --interactive        it reads our standard input\n"
    "  -t, --tty                it has a terminal\n"
    "      --target STAGE       a stage of the build, as its last step has left it and as an image of\n"
    "                           its own, with its ENV, USER, WORKDIR, ENTRYPOINT and CMD\n"
    "  -u, --user USER          instead of the image's\n"
    "  -w, --workdir DIR        instead of the image's\n"
    "      --entrypoint PROGRAM instead of the image's; \"\": none\n"
    "      --network MODE       default (a network of its own with a way out), host or none\n"
    "      --add-host NAME:ADDRESS a line in its /etc/hosts; may be repeated\n"
    "\n"
    "COMMAND is what the image's entrypoint is given instead of the image's CMD. IMAGE is a name or the "
    "beginning of a\n"
    "digest, as `gen images` shows them. Nothing is unpacked: the container's files are read from the store, "
    "and what it\n"
    "writes into them is gone when it ends. Its exit code is ours. Signals are passed on. See also gen ps, "
    "exec, logs, stop,\n"
    "rm.\n";

constexpr char kExecHelp[] =
    "gen exec: runs another program in a container that runs.\n"
    "\n"
    "  gen exec [-i] [-t] [-e NAME[=VALUE]]... [-u UID[:GID]] [-w DIR] NAME COMMAND...\n"
    "\n"
    "It has the container's environment, and its user and working directory if no others are named. Its exit "
    "code is ours.\n";

int Failed(const absl::Status& status, Messages* messages, absl::string_view help = "") {
  messages->Error(status.message(), help);
  return kFailed;
}

// Takes "NAME=value", or "NAME" for the value that we have; a name that we do not have is left out.
std::string AddVariable(const std::string& word, std::vector<std::string>* env) {
  if (word.empty() || word[0] == '=') return "a variable needs a name";
  if (absl::StrContains(word, '=')) {
    env->push_back(word);
  } else if (const char* value = std::getenv(word.c_str()); value != nullptr) {
    env->push_back(absl::StrCat(word, "=", value));
  }
  return "";
}

// The image's name without registry, folders and tag.
std::string StemOf(const BuiltImage& image) {
  const absl::StatusOr<Reference> reference =
      image.names.empty() ? absl::NotFoundError("") : ParseReference(image.names[0]);
  return reference.ok() ? std::string(Basename(reference->path)) : "image";
}

struct RunOptions {
  ContainerRequest request;
  std::string image, directory, target, store;
  bool detach = false, remove = false;
};

// Here, to its end.
absl::StatusOr<int> RunHere(const RunOptions& options, Store* store, const ContainerSource& source,
                            const std::function<void(const Container&)>& on_running) {
  absl::StatusOr<int> code = RunContainer(store, source, options.request, on_running);
  if (!code.ok() || options.remove) RemoveContainer(*store, options.request.name).IgnoreError();
  return code;
}

// In a process of its own, which is nobody's; OK as soon as the container runs.
absl::Status RunElsewhere(const RunOptions& options, const ContainerSource& source,
                          const std::string& log_path) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  UniqueFd answer(fds[0]), answer_end(fds[1]);
  const pid_t child = fork();
  if (child < 0) return ErrnoStatus(errno, "cannot fork");
  if (child == 0) {
    setsid();
    const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    for (int fd = 0; fd < 3; ++fd) dup2(null.get(), fd);
    const auto tell = [&](absl::string_view text) {
      if (answer_end.valid()) WriteAll(answer_end.get(), text, "a pipe").IgnoreError();
      answer_end.reset();
    };
    const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options.store);
    absl::StatusOr<UniqueFd> log = OpenFile(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    absl::Status status = store.ok() ? log.status() : store.status();
    if (status.ok()) {
      RunOptions mine = options;
      mine.request.log = log->get();
      status = RunHere(mine, store->get(), source, [&](const Container&) { tell("1"); }).status();
    }
    tell(absl::StrCat("0", status.message()));
    _exit(status.ok() ? 0 : kFailed);
  }
  answer_end.reset();
  const absl::StatusOr<std::string> text = ReadAllFrom(answer.get(), "a pipe");
  RETURN_IF_ERROR(text.status());
  if (absl::StartsWith(*text, "1")) return absl::OkStatus();
  return absl::AbortedError(text->size() > 1 ? text->substr(1) : "the container ended before it began");
}

// What the container is to be made of, and the beginning of a name for it.
absl::StatusOr<ContainerSource> FindSource(const Store& store, const RunOptions& options, std::string* stem) {
  if (!options.target.empty()) {
    const std::string directory = options.directory.empty() ? "" : options.directory + "/";
    ASSIGN_OR_RETURN(StepState state, FindStepState(store, directory, options.target, /*before=*/false));
    if (!state.note.empty()) return absl::FailedPreconditionError(state.note);
    // Of a step within a stage no image is known.
    absl::StatusOr<Json> config = ReadStageConfig(JoinPath(directory, kStateName), options.target);
    if (config.ok()) {
      state.source.config = *std::move(config);
    } else if (!absl::StrContains(options.target, ':')) {
      return config.status();
    }
    *stem = "stage";
    return std::move(state.source);
  }
  ASSIGN_OR_RETURN(const BuiltImage image, FindBuiltImage(store, options.image, options.directory));
  *stem = StemOf(image);
  return SourceOf(store, image);
}

// The other process may have been killed before there was a container.
void ForgetUnborn(const RunOptions& options) {
  const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options.store);
  if (store.ok() && !LoadContainer(**store, options.request.name).ok())
    RemoveContainer(**store, options.request.name).IgnoreError();
}

std::string CheckedNetwork(const RunOptions& options) {
  const std::string& network = options.request.network;
  if (network != "default" && network != "host" && network != "none")
    return "a network is default, host or none";
  if (network == "default" || options.request.ports.empty()) return "";
  return network == "none" ? "without a network no port can be published"
                           : "on the host's network no port needs to be published";
}

bool ParseRun(const std::vector<std::string>& args, CommandWords* words, RunOptions* options,
              Messages* messages) {
  ContainerRequest& request = options->request;
  std::vector<std::string> before = args, after;
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i] != "--") continue;
    before.assign(args.begin(), args.begin() + static_cast<std::ptrdiff_t>(i));
    after.assign(args.begin() + static_cast<std::ptrdiff_t>(i) + 1, args.end());
    break;
  }
  words->Option("-C|--build-dir", &options->directory);
  words->Flag("-d|--detach", &options->detach);
  words->Flag("--rm", &options->remove);
  words->Flag("-i|--interactive", &request.interactive);
  words->Flag("-t|--tty", &request.terminal);
  words->Option("--target", &options->target);
  words->Option("-u|--user", &request.user);
  words->Option("-w|--workdir", &request.workdir);
  words->Option("--network", &request.network);
  words->Option("--name", [&](const std::string& value) {
    request.name = value;
    return IsContainerName(value)
               ? ""
               : absl::StrCat("\"", value, "\" is no name: use letters, digits, '_', '.', '-'");
  });
  words->Option("-p|--publish", [&](const std::string& value) {
    const absl::StatusOr<PortForward> port = ParsePort(value);
    if (port.ok()) request.ports.push_back(*port);
    return std::string(port.status().message());
  });
  words->Option("-v|--volume", [&](const std::string& value) {
    const absl::StatusOr<SandboxMount> mount = ParseVolume(value);
    if (mount.ok()) request.mounts.push_back(*mount);
    return std::string(mount.status().message());
  });
  words->Option("-e|--env", [&](const std::string& value) { return AddVariable(value, &request.env); });
  words->Option("--add-host", [&](const std::string& value) {
    request.add_hosts.push_back(value);
    return absl::StrContains(value, ':') ? "" : absl::StrCat("\"", value, "\" is no NAME:ADDRESS");
  });
  words->Option("--entrypoint", [&](const std::string& value) {
    request.entrypoint.emplace();
    if (!value.empty()) request.entrypoint->push_back(value);
    return std::string();
  });
  if (!words->Parse(before, /*first_ends=*/true)) return false;
  if (words->help()) return true;
  if (!words->words().empty()) options->image = words->words()[0];
  if (!options->image.empty() && !options->target.empty()) {
    messages->Error(absl::StrCat("--target runs a stage, and \"", options->image, "\" is an image"),
                    "a command for the stage stands behind --, as in `gen run --target build -- sh`");
    return false;
  }
  // Behind the image all is the command, with a -- before it or not.
  if (words->words().size() > 1) {
    request.command.assign(words->words().begin() + 1, words->words().end());
    if (before.size() < args.size()) request.command.emplace_back("--");
  }
  request.command.insert(request.command.end(), after.begin(), after.end());
  std::string wrong = CheckedNetwork(*options);
  if (wrong.empty() && options->detach && (request.terminal || request.interactive))
    wrong = "in the background nobody is there for -i or -t";
  if (!wrong.empty()) messages->Error(wrong);
  return wrong.empty();
}

}  // namespace

int RunCommand(const std::vector<std::string>& args, const std::string& store_path, std::string* out,
               Messages* messages) {
  RunOptions options;
  options.store = store_path;
  CommandWords words("gen run", messages);
  if (!ParseRun(args, &words, &options, messages)) return words.wrong_value() ? kFailed : kWrongUsage;
  if (words.help()) {
    out->append(kRunHelp);
    return 0;
  }
  absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(store_path);
  if (!store.ok()) return Failed(store.status(), messages);
  std::string stem;
  const absl::StatusOr<ContainerSource> source = FindSource(**store, options, &stem);
  if (!source.ok())
    return Failed(source.status(), messages,
                  options.target.empty() ? "`gen images` lists what there is" : "");
  if (options.request.name.empty()) {
    absl::StatusOr<std::string> name = TakeFreeContainerName(**store, stem);
    if (!name.ok()) return Failed(name.status(), messages);
    options.request.name = *std::move(name);
  } else {
    const absl::Status taken = TakeContainerName(**store, options.request.name);
    if (!taken.ok())
      return Failed(taken, messages, absl::StrCat("`gen rm ", options.request.name, "` removes it"));
  }
  if (options.detach) {
    const std::string log = ContainerLog(**store, options.request.name);
    store->reset();  // the other process has its own
    const absl::Status status = RunElsewhere(options, *source, log);
    if (!status.ok()) {
      ForgetUnborn(options);
      return Failed(status, messages);
    }
    absl::StrAppend(out, options.request.name, "\n");
    return 0;
  }
  const absl::StatusOr<int> code = RunHere(options, store->get(), *source, nullptr);
  return code.ok() ? *code : Failed(code.status(), messages);
}

int ExecCommand(const std::vector<std::string>& args, const std::string& store_path, std::string* out,
                Messages* messages) {
  ContainerRequest request;
  CommandWords words("gen exec", messages);
  words.Flag("-i|--interactive", &request.interactive);
  words.Flag("-t|--tty", &request.terminal);
  words.Option("-u|--user", &request.user);
  words.Option("-w|--workdir", &request.workdir);
  words.Option("-e|--env", [&](const std::string& value) { return AddVariable(value, &request.env); });
  if (!words.Parse(args, /*first_ends=*/true)) return words.wrong_value() ? kFailed : kWrongUsage;
  if (words.help()) {
    out->append(kExecHelp);
    return 0;
  }
  request.command.assign(words.words().begin() + (words.words().empty() ? 0 : 1), words.words().end());
  if (!request.command.empty() && request.command[0] == "--") request.command.erase(request.command.begin());
  if (request.command.empty()) {
    messages->Error("gen exec needs a container and a command", "`gen ps` lists what runs");
    return kWrongUsage;
  }
  absl::StatusOr<Container> container = absl::NotFoundError("");
  {
    const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(store_path);
    if (!store.ok()) return Failed(store.status(), messages);
    container = LoadContainer(**store, words.words()[0]);
  }
  if (!container.ok()) return Failed(container.status(), messages, "`gen ps` lists what runs");
  if (!container->runs()) {
    messages->Error(absl::StrCat("container ", container->name, " does not run"), "`gen ps` lists what does");
    return kFailed;
  }
  const absl::StatusOr<int> code = RunInContainer(*container, request);
  return code.ok() ? *code : Failed(code.status(), messages);
}

}  // namespace kasane
