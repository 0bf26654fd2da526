// The edge contract: chain files. A stage that others are FROM, or copy from, may consist of many records,
// and each step of each of these others would have to name them all. Instead the stage gets an edge of its
// own, which leaves one small file that names them, and the others read that. It changes whenever one of the
// records does, so ninja runs what it would run if it knew of them all.
//   {"version":1,"kind":"chain","below":[{"record":".kasane/records/0/1-copy.json","digest":"sha256:.."}..]}
// record: relative to the build directory, bottom first; the first may be a chain file itself.
#ifndef KASANE_SRC_CONTRACT_CHAIN_FILE_H_
#define KASANE_SRC_CONTRACT_CHAIN_FILE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

// By its name alone: "chain.json" of a whole stage, "40-chain.json" of its first steps.
bool IsChainFile(absl::string_view path);
// In the build directory. Leaves the file alone if it already says so.
absl::Status WriteChainFile(const std::string& out, const std::vector<std::string>& records);
// The same records with each chain file replaced by those that it stands for. `directory`: the build
// directory,
// "" or with a slash at its end.
absl::StatusOr<std::vector<std::string>> ExpandChains(const std::string& directory,
                                                      const std::vector<std::string>& records);

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_CHAIN_FILE_H_
