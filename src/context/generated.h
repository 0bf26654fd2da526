// Files of a context that other rules of the build make (`gen --generated`): they count as there before they
// are, so that the graph is the same before and after.
#ifndef KASANE_SRC_CONTEXT_GENERATED_H_
#define KASANE_SRC_CONTEXT_GENERATED_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "src/context/ignore.h"
#include "src/context/scan.h"
#include "src/contract/step.h"

namespace kasane {

// In all of this `generated` are paths relative to the context's root, clean; with a '/' at its end one is a
// directory. `words` are those of a COPY, or the paths of mounts.

// What a scan must be given (AddGenerated) for these words: the generated paths, and what a word names below
// a generated directory.
std::vector<std::string> ExpectedPaths(const std::vector<std::string>& generated,
                                       const std::vector<std::string>& words);

// Adds what the scan lacks of `paths` and of the directories on the way to them: as it is on the disk, else
// ScanEntry::absent. What `ignore` ignores is left out.
void AddGenerated(const std::string& root, const IgnoreMatcher& ignore, const std::vector<std::string>& paths,
                  ContextScan* scan);

// A scan of generated files alone, if the words name nothing else: then no directory is read, and those that
// a compiler works in may be large and always changing. None if one of them is no regular file, or ignored.
absl::optional<ContextScan> ScanGenerated(const std::string& root, const IgnoreMatcher& ignore,
                                          const std::vector<std::string>& generated,
                                          const std::vector<std::string>& words);

// The generated directories (without the '/') that the words lead into, or that `paths` (selected) lie in or
// are: what must have been made before the words mean anything.
std::vector<std::string> DirectoriesBehind(const std::vector<std::string>& generated,
                                           const std::vector<std::string>& words,
                                           const std::vector<std::string>& paths);

// ScanContext, which it is if nothing is generated; a root that is not there yet is an empty one.
absl::StatusOr<ContextScan> ScanAll(const std::string& root, const IgnoreMatcher& ignore,
                                    const std::vector<std::string>& exclude,
                                    const std::vector<std::string>& generated);

// The context as a step that reads these words of it must see it.
absl::StatusOr<ContextScan> ScanBoundContext(const ContextBinding& binding, const IgnoreMatcher& ignore,
                                             const std::vector<std::string>& words);

}  // namespace kasane

#endif  // KASANE_SRC_CONTEXT_GENERATED_H_
