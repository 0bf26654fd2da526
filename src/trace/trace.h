// The trace of one execution of a RUN: what it asked of each tree that it saw, who asked first, and how
// precisely this is known. For explanations; whether a result is found again depends on the path sets alone.
#ifndef KASANE_SRC_TRACE_TRACE_H_
#define KASANE_SRC_TRACE_TRACE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"

namespace kasane {

// A program that a RUN executed. Arguments are not kept: they may hold secrets.
struct TracedProcess {
  std::string executable;  // absolute path in the RUN's root; "" if it could not be told
  std::string name;        // the base name of argv[0]: which applet of busybox
  std::string profile;     // by which it was read; "": strictly
  uint32_t parent = 0;     // index + 1; 0: none that is known
};

struct TracedRoot {
  std::string name;  // "" for the root file system, else where a bind mount lies: "/src"
  Digest path_set;   // a blob: PathSet
  // Per observation of the path set, the process that asked first: index + 1; 0: the kernel, or what was
  // derived from the RUN's changes.
  std::vector<uint32_t> askers;
};

// How it was observed.
enum class TracePrecision : uint8_t {
  kFiles = 1,  // lowerfs: every path
  kTree = 2,   // one observation for each whole tree
};

// Encoded form, a blob in the store: "KSNT" is taken by trees, so "KSNW" 0x01; precision (varint); number of
// processes, per process executable, name, profile (bytes), parent (varint); number of roots, per root name
// (bytes), path set (32 bytes), number of askers, askers (varints).
struct Trace {
  TracePrecision precision = TracePrecision::kFiles;
  std::vector<TracedProcess> processes;
  std::vector<TracedRoot> roots;  // "" first, then sorted by name

  std::string Encode() const;
  static absl::StatusOr<Trace> Decode(absl::string_view bytes);

  // "sh > make > cc1": a process (index + 1) and its parents, outermost first; "" for 0.
  std::string ProcessChain(uint32_t process) const;
};

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_TRACE_H_
