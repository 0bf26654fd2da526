// Variables as a compose.yaml has them in its texts, and the .env file that gives them values.
#ifndef KASANE_SRC_CONFIG_VARIABLES_H_
#define KASANE_SRC_CONFIG_VARIABLES_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace kasane {

using Variables = std::function<absl::optional<std::string>(const std::string& name)>;  // nullopt: unset

// $NAME, ${NAME}, ${NAME:-x}, ${NAME-x}, ${NAME:?x}, ${NAME?x}, ${NAME:+x}, ${NAME+x}, and $$ for a dollar;
// with a colon, empty is as unset. x may hold variables. Adds the names to `unset` that have neither a value
// nor a default: they count as empty. False: `error` says why.
bool ExpandVariables(absl::string_view text, const Variables& variables, std::string* out,
                     std::vector<std::string>* unset, std::string* error);

// Lines NAME=VALUE, with or without "export"; comments; 'VALUE' as it is, "VALUE" with \n, \r, \t, \" and \\;
// variables in all but the first, those above included. False: `error` begins with the line's number.
bool ParseEnvFile(absl::string_view text, const Variables& variables,
                  std::map<std::string, std::string>* values, std::string* error);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_VARIABLES_H_
