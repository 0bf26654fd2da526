// toml++ without exceptions, and its errors as Diagnostics. Include this, never <toml++/toml.h>.
#ifndef KASANE_SRC_CONFIG_TOML_H_
#define KASANE_SRC_CONFIG_TOML_H_

#include <toml++/toml.h>

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/diagnostic.h"

namespace kasane {

// Nothing, and *error says where and why, if `text` is not TOML 1.0. `file` is the name for the diagnostic.
absl::optional<toml::table> ParseToml(absl::string_view text, const std::string& file, Diagnostic* error);

// The place of a node in its file.
SourceRange TomlRange(const toml::node& node);
SourceRange TomlRange(const toml::source_region& region);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_TOML_H_
