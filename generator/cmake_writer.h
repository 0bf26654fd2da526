// The graph as CMake text: one custom command for each edge, in any generator of CMake 3.20.
#ifndef KASANE_GENERATOR_CMAKE_WRITER_H_
#define KASANE_GENERATOR_CMAKE_WRITER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "generator/graph.h"

namespace kasane {

// True if a path can stand in the lists of a custom command, for Ninja and Makefiles.
bool CMakeCanName(absl::string_view path);
// A quoted argument. Control characters become '?'.
std::string CMakeWord(absl::string_view word);

// "<record>.command", an input of the edge: changes with its command, which make alone would not notice.
std::string CommandFile(const std::string& record);

// `.kasane/image.cmake`, which rules/cmake includes. `directory`: the build directory, absolute; `depends`:
// absolute paths that make another graph when they change. It sets for who includes it
//   kasane_image_outputs    what the target `image` stands for; kasane_archive_outputs: the same of `archive`
//   kasane_push_command     a command line
//   kasane_configure_depends
// and asks of it kasane_step_options: words for every command (--touch, for generators without restat).
std::string CMakeText(const Graph& graph, const CommandContext& context, const std::string& directory,
                      const std::vector<std::string>& depends, absl::string_view dockerfile);

}  // namespace kasane

#endif  // KASANE_GENERATOR_CMAKE_WRITER_H_
