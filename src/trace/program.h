// What program an executable is, told by its content: a path or a name proves nothing (soundness.md A4).
#ifndef KASANE_SRC_TRACE_PROGRAM_H_
#define KASANE_SRC_TRACE_PROGRAM_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

// A range of a file; shorter only at the file's end.
using RangeReader = std::function<absl::StatusOr<std::string>(uint64_t offset, uint64_t size)>;

// Strings that are looked for in executables. A string of a program ends with NUL; it also begins after one,
// unless the linker let it share the end of a longer string. "*text" is a string that ends in `text`, "text*"
// one that begins so.
class ProgramStrings {
 public:
  // The index of a string; the same for the same one.
  size_t Add(const std::string& text);
  size_t size() const { return texts_.size(); }
  // For each string, whether it is in `bytes`.
  std::vector<bool> Find(absl::string_view bytes) const;

 private:
  std::vector<std::string> texts_;
};

// The path of the main package of a program that Go made ("cmd/go"), from its section .go.buildinfo, in the
// form of Go 1.18 and later or in the older one with pointers. "" if it is another kind of file, or damaged.
// Reads the headers and what they name only. ELF, 32 and 64 bit, little-endian (big-endian programs are not
// recognised).
std::string GoMainPackage(uint64_t size, const RangeReader& read);

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_PROGRAM_H_
