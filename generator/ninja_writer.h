// The graph as ninja text.
#ifndef KASANE_GENERATOR_NINJA_WRITER_H_
#define KASANE_GENERATOR_NINJA_WRITER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "generator/graph.h"

namespace kasane {

// True if ninja (and samurai, n2, siso) can name this path: no control character, no '|'.
bool NinjaCanName(absl::string_view path);
// A path as it stands in a build line; `path` must be nameable.
void AppendNinjaPath(absl::string_view path, std::string* out);
// The right side of `name = value`. Control characters become '?'.
std::string NinjaValue(absl::string_view value);

// `.kasane/image.ninja`. Every path and every target's name begins with the variable `kasane`, which is empty
// or ends in a slash, so that a ninja file elsewhere can `subninja` it; there is no `default`, no `builddir`
// and no pool in it, and all names of rules and of variables to be set begin with "kasane". Uses no more of
// ninja's language than ninja 1.7, samurai, n2 and siso have in common. `dockerfile` is its name for people.
// Files that a target's name would hide must have been made absolute (IsTargetName).
std::string NinjaText(const Graph& graph, const CommandContext& context, absl::string_view dockerfile);

// A shell word, quoted if need be.
std::string ShellWord(absl::string_view word);

// True if a target of any graph may have this name, so that a file of the same path needs another spelling.
bool IsTargetName(absl::string_view path);

// The `build.ninja` beside it: the same for every build, so that regeneration never touches it.
absl::string_view NinjaStub();
// True if gen wrote this build.ninja, in this version or another.
bool IsNinjaStub(absl::string_view text);

// A depfile: `target: inputs...`. Inputs that a depfile cannot hold are left out.
std::string Depfile(absl::string_view target, const std::vector<std::string>& inputs);

}  // namespace kasane

#endif  // KASANE_GENERATOR_NINJA_WRITER_H_
