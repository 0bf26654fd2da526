// What a person and a project want of every build, unless the command line says otherwise.
//
// A person's file is $KASANE_CONFIG (empty: none), else $XDG_CONFIG_HOME/kasane/config.toml, else
// ~/.config/kasane/config.toml; a project's is the kasane.toml where gen is typed. Their [defaults] are words
// before those of the command line (src/config/workspace_file.h, ParseDefaults); a project's come after a
// person's. An option that is given for one image replaces a default of that name; values that have names
// (arguments, labels, secrets, ..) are joined.
#ifndef KASANE_GENERATOR_DEFAULTS_H_
#define KASANE_GENERATOR_DEFAULTS_H_

#include <set>
#include <string>
#include <vector>

#include "generator/options.h"
#include "src/base/diagnostic.h"

namespace kasane {

// Absolute paths of the person's file ("" if there can be none) and of the project's, whether they exist or
// not; then of all that change when one of them appears or changes, that do exist.
std::string PersonsDefaults(Environment environment);
std::string ProjectsDefaults();
std::vector<std::string> DependsOfDefaults(const DefaultFiles& files);

// ParseOptions of the defaults and `words`. Options::defaults and Options::typed are set. `given`: names of
// options that the words do not show any more, but that were typed. `note`: what the person's file adds, as
// words; "" if nothing.
bool ParseWithDefaults(const DefaultFiles& files, const std::vector<std::string>& words,
                       const std::set<std::string>& given, Environment environment, Options* options,
                       std::string* note, Diagnostic* error);

}  // namespace kasane

#endif  // KASANE_GENERATOR_DEFAULTS_H_
