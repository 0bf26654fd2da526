// A container: a process of an image that `gen run` has started, or had.
//
// Under the store's directory: containers/<name>/, mode 0700, with
//   state.json
//   {"version":1,"name":..,"image":..,"manifest":"sha256:..","command":[..],"env":[..],"workdir":..,
//               "user":[uid,gid,groups..],"ports":["0.0.0.0:8080->80/tcp"],"stop_signal":15,"created":..,
//               "supervisor":[pid,ticks],"process":[pid,ticks],"ended":..,"exit_code":..}
//   log         what it has written, if nobody was there to read it
//   taken       {"by":[pid,ticks]}: who took the name
//   uses        what gen gc keeps as long as it runs (src/store/gc.h)
// Times are seconds since 1970. A process is named by its id and by when the kernel started it, for ids come
// again. The directory is made by whoever takes the name; state.json comes when the process runs. Where that
// never came, and who took the name is gone, the name is free.
#ifndef KASANE_SRC_CONTAINERS_CONTAINER_H_
#define KASANE_SRC_CONTAINERS_CONTAINER_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/store/store.h"

namespace kasane {

struct ProcessName {
  pid_t pid = 0;
  int64_t ticks = 0;  // since boot, as /proc/<pid>/stat has it
};
ProcessName NameProcess(pid_t pid);  // ticks 0: there is none
bool IsAlive(const ProcessName& process);

struct Container {
  std::string name;
  std::string image;  // as people know it
  Digest manifest;
  std::vector<std::string> command;
  std::vector<std::string> env;
  std::string workdir;
  uint32_t uid = 0, gid = 0;
  std::vector<uint32_t> groups;
  std::vector<std::string> ports;
  int stop_signal = 15;
  int64_t created = 0;
  ProcessName supervisor;  // the `gen run` that serves its files
  ProcessName process;     // the container's first
  int64_t ended = 0;       // 0: not known to have
  int exit_code = 0;

  bool runs() const { return ended == 0 && IsAlive(process); }
};

// Letters, digits, '_', '.' and '-', the first of them a letter or digit: as Docker's.
bool IsContainerName(absl::string_view name);

// Makes the container's directory. kAlreadyExists: another container has that name.
absl::Status TakeContainerName(const Store& store, absl::string_view name);
// "STEM-1", or the first number that is free.
absl::StatusOr<std::string> TakeFreeContainerName(const Store& store, absl::string_view stem);
// Whether a name is taken by one who was killed before there was a container.
bool IsLeftOver(const Store& store, absl::string_view name);
std::string ContainerDirectory(const Store& store, absl::string_view name);
std::string ContainerLog(const Store& store, absl::string_view name);

absl::Status SaveContainer(const Store& store, const Container& container);
absl::StatusOr<Container> LoadContainer(const Store& store, absl::string_view name);  // kNotFound
std::vector<Container> ListContainers(const Store& store);                            // the newest first
absl::Status RemoveContainer(const Store& store, absl::string_view name);

}  // namespace kasane

#endif  // KASANE_SRC_CONTAINERS_CONTAINER_H_
