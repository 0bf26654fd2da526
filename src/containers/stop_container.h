// Ends containers.
#ifndef KASANE_SRC_CONTAINERS_STOP_CONTAINER_H_
#define KASANE_SRC_CONTAINERS_STOP_CONTAINER_H_

#include "absl/status/status.h"
#include "src/base/file.h"
#include "src/containers/container.h"

namespace kasane {

inline constexpr int kStopPatience = 10;  // seconds that a process has to end

// A descriptor of the process that is readable once it has ended; not valid if it has.
UniqueFd WatchProcess(const ProcessName& process);

// Asks the container to end by its signal, kills it after `patience` seconds, and waits for its supervisor.
absl::Status StopContainer(const Container& container, int patience);

}  // namespace kasane

#endif  // KASANE_SRC_CONTAINERS_STOP_CONTAINER_H_
