// From an image to a process.
#ifndef KASANE_SRC_CONTAINERS_RUN_CONTAINER_H_
#define KASANE_SRC_CONTAINERS_RUN_CONTAINER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/digest.h"
#include "src/base/json.h"
#include "src/containers/container.h"
#include "src/sandbox/launch_plan.h"
#include "src/sandbox/mounts.h"
#include "src/store/built_images.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

// What a container is made of: an image, or the state that a step has left.
struct ContainerSource {
  std::string name;  // as people know it
  Digest manifest;   // empty: it is no image
  Digest base;       // as BuiltImage has them
  std::vector<Digest> deltas;
  std::vector<std::string> hidden;  // paths of the tree that are not to be there
  Json config;                      // an image's, as much of it as is known
};
absl::StatusOr<ContainerSource> SourceOf(const Store& store, const BuiltImage& image);
absl::StatusOr<Tree> TreeOf(Store* store, const ContainerSource& source);

struct ContainerRequest {
  std::string name;                  // taken (TakeContainerName)
  std::vector<std::string> command;  // instead of the image's; empty: that
  absl::optional<std::vector<std::string>>
      entrypoint;                      // instead of the image's, whose command does not count then
  std::vector<std::string> env;        // "NAME=value"
  std::string user, workdir;           // "": the image's
  std::string network = "default";     // default, host, none
  std::vector<std::string> add_hosts;  // "name:address"
  std::vector<PortForward> ports;
  std::vector<SandboxMount> mounts;
  bool interactive = false;  // it reads our standard input
  bool terminal = false;     // it has a terminal of its own, ours at its other end
  int log = -1;              // where its output goes, instead of to ours
};

// What the process is: the config's words (OCI image spec, "config"), the request's, and "PATH", "HOSTNAME"
// and "TERM" where nobody sets them. kInvalidArgument if there is nothing to execute.
struct ProcessWords {
  std::vector<std::string> argv, env;
  std::string user, workdir;
  int stop_signal = 15;
};
absl::StatusOr<ProcessWords> WordsOf(const Json& config, const ContainerRequest& request);

// "8080:80", "127.0.0.1:8080:80", "80", each with "/tcp" or "/udp" or without. kInvalidArgument.
absl::StatusOr<PortForward> ParsePort(absl::string_view text);
std::string ShownPort(const PortForward& port);  // "0.0.0.0:8080->80/tcp"

// "/here:/there", "/here:/there:ro". The path on this machine must be there and absolute, "." and what begins
// with
// "./" or "../" excepted. kInvalidArgument.
absl::StatusOr<SandboxMount> ParseVolume(absl::string_view text);

// Runs a process there to its end; its exit code, 127 if it could not be started. What it writes into
// its root is lost. `on_running` is called when the container has a state. kAborted: a message for people.
absl::StatusOr<int> RunContainer(Store* store, const ContainerSource& source, const ContainerRequest& request,
                                 const std::function<void(const Container&)>& on_running);

// Another program in a container that runs, with its environment and user; its exit code.
absl::StatusOr<int> RunInContainer(const Container& container, const ContainerRequest& request);

}  // namespace kasane

#endif  // KASANE_SRC_CONTAINERS_RUN_CONTAINER_H_
