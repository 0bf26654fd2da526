// The state directory of an image that Bazel builds. Nothing of it is there before: image.bzl holds its
// description, one action makes it.
//   {"version":1,"command":"gen bazel","sources":{"Dockerfile":"sha256:.."},"contexts":{"":{"ignore":[..],
//    "exclude":[..]}},"origins":"<steps.json>","secrets":"<secrets.json>","specs":["<spec>",..],"base":"<base.json>",
//    "bases":{"app":"sha256:.."}}
// `sources` are the files that the graph was made of, by their names in the package, with digests; `bases`
// the images of other targets that it is FROM, by their names, with the digests of their base.json.
#ifndef KASANE_GENERATOR_BAZEL_STATE_H_
#define KASANE_GENERATOR_BAZEL_STATE_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// `gen bazel OPTIONS`: writes image.bzl beside the Dockerfile. `words`: the options as typed. Returns an exit
// code.
int GenerateBazel(const Options& options, const std::vector<std::string>& words, const Programs& programs,
                  Messages* messages);

// `gen bazel-state DESCRIPTION DIRECTORY [--source FILE]... [--context NAME=DIRECTORY]...
// [--base NAME=BASE.JSON]...`, an action: writes specs, context.json, steps.json, secrets.json and base.json.
// The first source is the Dockerfile; where it really lies is the context. Fails if sources and bases are not
// those that the graph was made of. Returns an exit code.
int MakeBazelState(const std::vector<std::string>& words, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_BAZEL_STATE_H_
