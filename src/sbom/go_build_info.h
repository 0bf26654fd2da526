// What the Go linker writes into each program: its modules, with their versions.
#ifndef KASANE_SRC_SBOM_GO_BUILD_INFO_H_
#define KASANE_SRC_SBOM_GO_BUILD_INFO_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "src/sbom/package.h"

namespace kasane {

// Bytes of a file from an offset on; fewer than asked for at its end, none on failure.
using ReadAt = absl::FunctionRef<std::string(uint64_t offset, uint64_t size)>;

// The modules of an ELF program, Go's own library ("stdlib") among them; none if it is no Go program, or one
// of a Go before 1.18, which keeps its strings elsewhere. A module that was replaced is the one that replaced
// it.
std::vector<Package> ReadGoBuildInfo(ReadAt read);

}  // namespace kasane

#endif  // KASANE_SRC_SBOM_GO_BUILD_INFO_H_
