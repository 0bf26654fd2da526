// The graph as data for rules/bazel: the file image.bzl.
#ifndef KASANE_GENERATOR_BAZEL_WRITER_H_
#define KASANE_GENERATOR_BAZEL_WRITER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "generator/graph.h"
#include "src/contract/step.h"

namespace kasane {

// What image.bzl holds beside the graph, so that nothing but it and the sources is needed: a description of
// the state directory, as JSON (bazel_state.h).
struct BazelImage {
  std::string command;  // what wrote it, for people
  std::string state;
};

// A string of Starlark. Bytes stay as they are, as Bazel takes them.
std::string StarlarkString(absl::string_view text);

// What native.glob must be asked for so that it lists all that these words of COPY can name.
std::vector<std::string> GlobPatterns(const std::vector<std::string>& words);

// It holds no path of this machine, no store and no salt: it may be checked in.
std::string BazelText(const Graph& graph, const BazelImage& image);

}  // namespace kasane

#endif  // KASANE_GENERATOR_BAZEL_WRITER_H_
