// Where the files of a build are.
#ifndef KASANE_GENERATOR_LAYOUT_H_
#define KASANE_GENERATOR_LAYOUT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "generator/options.h"
#include "src/base/diagnostic.h"
#include "src/base/real_path.h"

namespace kasane {

inline constexpr char kStateName[] = ".kasane";
inline constexpr char kInputsName[] = "inputs";  // in the state directory
inline constexpr char kStubName[] = "build.ninja";

// All paths are absolute, and hold no symlink in their directories: so that ".." in a path from one to the
// other means what it says.
struct Layout {
  std::string context;           // a directory; empty: the context is none
  std::string dockerfile;        // a file that exists, or kept_dockerfile()
  std::string build_dir;         // need not exist yet
  std::string shown_dockerfile;  // as the user would name it: for diagnostics

  std::string state() const { return build_dir + "/" + kStateName; }
  std::string stub() const { return build_dir + "/" + kStubName; }
  // What gen read that was no file or directory of this machine (build_source.h).
  std::string inputs() const { return state() + "/" + kInputsName; }
  // A Dockerfile from standard input or out of a context that is no directory, as gen keeps it.
  std::string kept_dockerfile() const { return inputs() + "/Dockerfile"; }
  // As commands in the build directory see `path`: relative, unless that leads through the root.
  std::string FromBuildDir(const std::string& path) const;
};

// False: `error` says what is missing.
bool FindLayout(const Options& options, Layout* layout, Diagnostic* error);

// The paths, relative to a context, that gen itself, ninja, or an earlier gen with another build directory
// has written there, and that are therefore no part of it: ContextBinding::exclude. `outputs`: files that
// edges write (absolute).
std::vector<std::string> OwnFilesInContext(const Layout& layout, const std::string& context,
                                           const std::vector<std::string>& outputs);

// The options with every path as seen from the build directory: what is remembered.
Options AsSeenFromBuildDir(const Options& options, const Layout& layout);

}  // namespace kasane

#endif  // KASANE_GENERATOR_LAYOUT_H_
