// What --generated says: files and directories in contexts that other rules of the build make
// (src/context/generated.h).
#ifndef KASANE_GENERATOR_GENERATED_FILES_H_
#define KASANE_GENERATOR_GENERATED_FILES_H_

#include <string>
#include <vector>

#include "generator/layout.h"
#include "generator/options.h"
#include "src/base/diagnostic.h"

namespace kasane {

// The path as Layout has paths, not followed if it is a link itself; a '/' at the end of the word stays.
std::string GeneratedPath(const std::string& word);

// Those that lie in the context directory `root` (as Layout has paths), relative to it; sorted.
std::vector<std::string> GeneratedIn(const Options& options, const std::string& root);

// False: `error` is about one that lies in no context of the build, or that no rule could be made to wait
// for.
bool CheckGenerated(const Options& options, const Layout& layout, Diagnostic* error);

}  // namespace kasane

#endif  // KASANE_GENERATOR_GENERATED_FILES_H_
