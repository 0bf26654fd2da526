// kasane.toml: the images of a workspace, and what every build wants (generator/defaults.h). Without images
// it is no more than the latter.
//
//   [variables]                       # ${VERSION} in any string below; $${ is "${"
//   VERSION = "1.0"
//   [defaults]                        # for every image
//   network = "host"
//   [template.service]                # for those that inherit it; no image itself
//   args = { USER = "app" }
//   [image.app]
//   inherits = ["service"]            # templates and images; what comes later counts, tables are joined
//   context = "app"                   # paths as seen from the file's directory
//   dockerfile = "app/Dockerfile"     # or dockerfile_inline: its text
//   target = "final"
//   tags = ["app:${VERSION}"]
//   args = { A = "1" }                # labels the same
//   contexts = { bin = "out", base = "image:base" }   # image: another image of this file
//   generated = ["out/server"]
//   platforms = ["linux/amd64"]
//   secrets = ["id=token,env=TOKEN"]
//   options = ["--no-warm"]           # any others of gen
//   [image.db]                        # an image for each combination; "db" is the group of them all
//   matrix = { version = ["8", "9"] }
//   name = "db-${version}"
//   [group]
//   services = ["app", "tool"]        # images and groups
#ifndef KASANE_SRC_CONFIG_WORKSPACE_FILE_H_
#define KASANE_SRC_CONFIG_WORKSPACE_FILE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/diagnostic.h"

namespace kasane {

// What an image or a group can be called.
bool IsImageName(absl::string_view name);
inline constexpr char kImageNameForm[] = "letters, digits, '.', '_' and '-'; `all-images` are all of them";

inline constexpr char kWorkspaceFile[] = "kasane.toml";

struct WorkspaceImage {
  // Another image that a named context stands for.
  struct Base {
    std::string context;
    std::string image;
    SourceRange range;
    std::string file = {};  // as WorkspaceImage::file
  };
  std::string name;
  std::string file;  // that the range lies in, if it is another than the workspace's
  SourceRange range;
  std::string context = ".";
  std::string dockerfile;                         // empty: the context's
  absl::optional<std::string> inline_dockerfile;  // its text, if it is no file
  std::vector<std::string> tags;                  // as written
  std::vector<std::string> words;  // all but its bases, for ParseOptions; the context is the last
  std::vector<Base> bases;
};

struct WorkspaceGroup {
  std::string name;
  std::vector<std::string> members;  // images, groups taken apart
};

struct Workspace {
  std::vector<WorkspaceImage> images;                        // by name
  std::vector<WorkspaceGroup> groups;                        // those of matrices, then by name
  const WorkspaceImage* Find(absl::string_view name) const;  // null: no image
};

// False: an error is among the diagnostics. `file` is the name for them.
bool ParseWorkspace(absl::string_view text, const std::string& file, Workspace* workspace,
                    std::vector<Diagnostic>* diagnostics);

// What [defaults] means to a build that is none of the file's images: words for ParseOptions, of args,
// labels, network, platforms, secrets and options; the others are about images. `nothing_else`: the file may
// hold only these, and [variables].
bool ParseDefaults(absl::string_view text, const std::string& file, bool nothing_else,
                   std::vector<std::string>* words, Diagnostic* error);

// Whether the file in the working directory is there, and is more than defaults; also if it is no TOML.
bool IsWorkspace();

// Sorts the images so that each comes after its bases. False: `error` shows the circle.
bool SortByBases(const std::string& file, Workspace* workspace, Diagnostic* error);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_WORKSPACE_FILE_H_
