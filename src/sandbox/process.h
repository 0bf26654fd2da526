// Small pieces of process handling that the launcher's parts share.
#ifndef KASANE_SRC_SANDBOX_PROCESS_H_
#define KASANE_SRC_SANDBOX_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace kasane {

// fork(2) with clone3's flags (CLONE_NEW*; signal handlers are reset in the child). Returns 0 in the child.
// `pidfd` gets a descriptor of the child. `cgroup`: a descriptor of the cgroup that the child starts in, or
// -1. The caller must be single-threaded, as the child goes on to allocate memory.
pid_t CloneProcess(uint64_t flags, int* pidfd, int cgroup = -1);

// Dies with its parent from now on; at once if the parent (of id `parent`) is dead already. `parent` 0: not
// checked.
void DieWithParent(pid_t parent);

// Waits for a child to end; its status as of waitpid(2).
int WaitForEnd(pid_t child);

// Closes every descriptor from `first` on.
void CloseFrom(int first);

// mount(2) with a Status. An empty string stands for a null pointer.
absl::Status Mount(const std::string& source, const std::string& target, const std::string& type,
                   unsigned long flags, const std::string& data = "");

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_PROCESS_H_
