// The part of YAML in which people and tools write descriptions of devices, without a library for all of it.
#ifndef KASANE_SRC_CONFIG_SMALL_YAML_H_
#define KASANE_SRC_CONFIG_SMALL_YAML_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/json.h"

namespace kasane {

// One document of block mappings, block sequences, plain and quoted scalars of one line, and flow sequences
// of scalars. Every scalar becomes a string: the schema says what it is. null, ~ and nothing become null.
// kUnimplemented: other YAML (anchors, tags, block scalars, flow mappings, several documents).
// kInvalidArgument: no YAML. Messages say the line.
absl::StatusOr<Json> ParseSmallYaml(absl::string_view text);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_SMALL_YAML_H_
