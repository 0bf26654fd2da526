// What COPY and the mounts of a RUN read of contexts: gen lists it as inputs, the step reads it.
#ifndef KASANE_SRC_CONTRACT_MOUNT_SOURCES_H_
#define KASANE_SRC_CONTRACT_MOUNT_SOURCES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/contract/spec.h"

namespace kasane {

// The words of a COPY that name something of its context: no remote sources.
std::vector<std::string> LocalWords(const CopySpec& spec);

// Of one context.
struct MountSources {
  std::vector<size_t> mounts;        // indices into RunSpec::mounts, ascending
  std::vector<std::string> sources;  // of each: a path in the context, "." for all of it
};

// By the context's name; "" is the main one.
std::map<std::string, MountSources> ContextMountSources(const RunSpec& spec);

// The record whose state file (InputStatePath) says what was read of this context: the RUN's own for the main
// context, and for others a name of their own beside it.
std::string MountStateRecord(absl::string_view record, absl::string_view context);

// One salt for the command out of those of all contexts that a RUN reads.
std::string JoinSalts(const std::vector<std::string>& salts);

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_MOUNT_SOURCES_H_
