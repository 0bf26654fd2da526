// One RUN: its process on top of a tree, and what it changed.
#ifndef KASANE_SRC_SANDBOX_SANDBOX_H_
#define KASANE_SRC_SANDBOX_SANDBOX_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/sandbox/ask_ahead.h"
#include "src/sandbox/frequent_files.h"
#include "src/sandbox/launch_plan.h"
#include "src/sandbox/mounts.h"
#include "src/sandbox/observer.h"
#include "src/store/store.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

// Stands in the key of every RUN: what a RUN sees or may do has changed when this has.
inline constexpr int kSandboxPolicy = 3;

struct SandboxOptions {
  std::vector<std::string> argv;  // [0] is looked up in the PATH of `env` unless it has a '/'
  std::vector<std::string> env;   // exactly what the process gets
  std::string workdir = "/";      // absolute
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::vector<uint32_t> groups = {0};
  Network network = Network::kHost;
  std::string hostname = "buildkitsandbox";
  std::vector<std::pair<std::string, std::string>> add_hosts;  // (name, address)
  std::vector<ResourceLimit> limits;
  int64_t shm_size = 0;  // bytes; 0: 64 MiB
  std::vector<std::pair<std::string, std::string>> inline_files;
  absl::optional<int64_t> epoch;
  std::vector<SandboxMount> mounts;  // in any order
  bool insecure = false;             // see LaunchPlan
  std::vector<DeviceNode> devices;
  bool no_xattrs = false;  // see LowerFs::Options
  bool copied = false;     // the RUN works on a copy (plain_root.h): WhyNoLayers() says why
  Delta also_shown;        // on top of the tree; changes are told relative to both
  // Directories that lie below all that lowerfs shows, the first on top, each as overlayfs left it in an
  // upper directory. Nobody is told what is asked of what they hold. Not with `copied`.
  std::vector<std::string> lower_layers;
  ProcessIo io;
  std::vector<PortForward> ports;  // network kIsolated only
  bool keeps_nothing = false;      // what the process changed is not looked at
  Observer* observer = nullptr;
  std::function<bool(const SeenNode& directory, const Node& child)> expected;  // see LowerFs::Options
  const FrequentFiles* frequent = nullptr;  // of the tree; may be null; needs an observer. Not with `copied`
  AskedAhead ahead;                         // while the process starts. Not with `copied`
  // Called once, before anything is asked, with the places where the upper directory may be, as this process
  // sees them: one of them is it, the others are empty or missing. May be null.
  std::function<void(const std::vector<std::string>& uppers)> on_start;
  // Called when the program has been started, with its id in this process's pid namespace. May be null.
  std::function<void(pid_t process)> on_running;
  // Called after the end of a process that succeeded, with the upper directory, before anybody looks into it:
  // whole directories may be taken out of it. It may lie on another file system than the store. May be null.
  std::function<void(const std::string& upper)> on_success;
  // Called after the end of a process that succeeded, with what it changed: the last moment at which the
  // observer's nodes are there. Its failure is the sandbox's. May be null.
  std::function<absl::Status(const Delta& delta)> on_end;
  // Called with the output as it comes. May be null.
  std::function<void(absl::string_view)> output;
  // Called at most once, with something that the user should know: "network: ... the host's is used". May be
  // null.
  std::function<void(absl::string_view)> notice;
};

struct SandboxResult {
  int exit_code = 0;               // 128 + n if signal n ended it
  std::string start_error;         // not empty: the program could not be started; exit_code is 127
  Delta delta;                     // if exit_code is 0
  std::vector<uint64_t> requests;  // that lowerfs served, by FUSE opcode
};

// The tree that a RUN is shown instead of `below`: with what must be there to be mounted on.
struct ShownTree {
  Tree tree;
  Digest stubs;  // of what was added, and of where mounts go: part of the key of a RUN's results
};
absl::StatusOr<ShownTree> ShowTree(const Tree& below, const SandboxOptions& options);

// Runs the process to its end. A Status that is not OK means that the sandbox failed, not the process. Must
// be called while the calling process has one thread only.
absl::StatusOr<SandboxResult> RunInSandbox(Store* store, const Tree& below, const SandboxOptions& options);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_SANDBOX_H_
