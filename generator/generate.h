// `gen` and `gen regenerate`: writes a build.
//
// In the build directory: build.ninja (the constant stub). In its .kasane, all by rename and only if changed:
//   image.ninja     the build
//   image.cmake     the same for CMake, with --emit=cmake; then there is no build.ninja
//   inputs/         what was read of standard input or a URL (build_source.h)
//   specs, context.json, steps.json    what steps read (src/contract)
//   stages.json     what stages would be as images (stage_configs.h)
//   base.json       what the image is like, for builds that are FROM it (src/oci/built_base.h)
//   resolved.json   what tags of base images mean (resolver.h)
//   remotes.json    what branches and tags of repositories mean (remotes.h)
//   arguments.json  {"version":2,"arguments":["--tag=...","--","."],"given":["network"],"defaults":["",""]}:
//   the
//                   options of the last gen typed by hand, with paths as seen from the build directory; words
//                   for ParseWithDefaults; names of all options that were given; where defaults are
//   stamp, stamp.d  what ninja regenerates by; the stamp is touched last of all
//   .gitignore
#ifndef KASANE_GENERATOR_GENERATE_H_
#define KASANE_GENERATOR_GENERATE_H_

#include <string>

#include "generator/build_source.h"
#include "generator/compile.h"
#include "generator/options.h"

namespace kasane {

// Both return an exit code; what there is to be said is in `messages`. On failure nothing has been changed.
int Generate(const Options& options, const Programs& programs, Messages* messages);
// `state`: the state directory as ninja names it, "PREFIX.kasane". Changes the working directory to the
// build's. `noted`: it is not ninja that runs this, so ninja's log has to be told.
int Regenerate(const std::string& state, bool noted, const Programs& programs, Messages* messages);

// `gen dump graph`: the JSON; writes nothing but a store, if there is none. False: told.
bool DumpGraph(const Options& options, const Programs& programs, std::string* json, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_GENERATE_H_
