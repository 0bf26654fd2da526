// Tool profiles: what a stat and a listing mean to a program that is known. Files of rules/profiles and of the project,
// TOML; an unknown program gets the strictest reading (a stat is everything that stat shows, a listing is all names).
#ifndef KASANE_SRC_TRACE_PROFILE_H_
#define KASANE_SRC_TRACE_PROFILE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/digest.h"
#include "src/trace/list_filter.h"
#include "src/tree/tree.h"

namespace kasane {

// The program that asks.
struct Asker {
  std::string executable;      // absolute path in the RUN's root, as /proc/<pid>/exe says
  const Node* file = nullptr;  // that file in the tree below, if the executable is it: neither made by the RUN nor
                               // mounted; null: unknown, so no profile applies
  std::vector<std::string> argv;
};

// What a stat of something that is no directory means to a program. (A directory's is always its type, mode, owner.)
enum class StatMeaning {
  kType,     // that it is there, and its type
  kMode,     // level 1: also mode, owner, capabilities, link target
  kSize,     // level 2: also the size
  kTime,     // level 3: all that stat shows, mtime and link count too
  kContent,  // level 1, and the content: the program may have learnt of it from elsewhere (soundness.md A1, C5)
};

// One profile, as it applies to one process.
class Profile {
 public:
  const std::string& name() const;
  StatMeaning Stat(absl::string_view file_name) const;
  // Null: all names count. `directory` and its ancestors up to the root, the directory first: a profile may say that a
  // directory is not narrowed because of what lies in it or above it (C3: //go:embed).
  const ListFilter* Listing(const std::vector<const Node*>& directory_and_ancestors) const;
};

class Profiles {
 public:
  // Reads a file of the tree below, whole or its first part.
  using Reader = std::function<absl::StatusOr<std::string>(const Node& file)>;

  Profiles();  // none: everything is strict
  // All *.toml of each directory, a later directory's profile of the same name replacing an earlier one's.
  // kInvalidArgument with file, line and column for what is wrong in one.
  static absl::StatusOr<Profiles> Load(const std::vector<std::string>& directories);

  // Of all that a profile says: part of the key of every RUN's results.
  Digest digest() const;
  // Null: none applies. Thread safe; what is read of executables and sources is remembered by content digest.
  std::shared_ptr<const Profile> Find(const Asker& asker, const Reader& read) const;
};

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_PROFILE_H_
