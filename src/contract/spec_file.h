// All specs of a build in one file, `.kasane/specs`, looked up by digest without reading the rest.
//
// Format 1: "KSNS" 0x01 0 0 0, count (8 bytes, little-endian), then per spec, sorted by digest: digest (32
// bytes), offset and size of its JSON (8 bytes each, little-endian, offset from the start of the file); then
// the JSON texts.
#ifndef KASANE_SRC_CONTRACT_SPEC_FILE_H_
#define KASANE_SRC_CONTRACT_SPEC_FILE_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/contract/spec.h"

namespace kasane {

// The file's bytes: from digest to canonical JSON.
std::string EncodeSpecFile(const std::map<Digest, std::string>& specs);
absl::StatusOr<Spec> ReadSpec(const std::string& path, const Digest& digest);

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_SPEC_FILE_H_
