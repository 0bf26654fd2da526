// The tool profiles that a project brings along (rules/profiles/README.md): the file of --profiles, else
// kasane-profiles.toml in the context. They go into the spec of every RUN, which adds them to our own.
#ifndef KASANE_GENERATOR_PROJECT_PROFILES_H_
#define KASANE_GENERATOR_PROJECT_PROFILES_H_

#include <string>

#include "generator/compile.h"
#include "generator/layout.h"
#include "generator/options.h"

namespace kasane {

// "" if there is none.
std::string ProjectProfilesPath(const Options& options, const Layout& layout);

// The file's text; "" if there is none. False: told what is wrong.
bool ReadProjectProfiles(const Options& options, const Layout& layout, std::string* text, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_PROJECT_PROFILES_H_
