// Tool profiles: what a stat and a listing mean to a program that is known. Files of rules/profiles and of
// the project, TOML; an unknown program gets the strictest reading (a stat is everything that stat shows, a
// listing is all names).
#ifndef KASANE_SRC_TRACE_PROFILE_H_
#define KASANE_SRC_TRACE_PROFILE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/digest.h"
#include "src/trace/list_filter.h"
#include "src/trace/profile_rule.h"
#include "src/tree/tree.h"

namespace kasane {

// The program that asks.
struct Asker {
  std::string executable;      // absolute path in the RUN's root, as /proc/<pid>/exe says
  const Node* file = nullptr;  // that file in the tree below, if the executable is it: neither made by the
                               // RUN nor mounted; null: unknown, so no profile applies
  std::vector<std::string> argv;
  // As /proc/<pid>/environ says; not known: no profile applies.
  absl::optional<std::vector<std::string>> environment;
  // The file that the process would find under an absolute path: kNotFound if there is none; any other error:
  // it cannot be told (it was made by the RUN, mounted, reached through a link), so a profile that has to
  // know does not apply.
  std::function<absl::StatusOr<std::string>(const std::string& path)> read_file;
};

// What a profile's [profile.warm] says (profile_rule.h).
struct WarmTool {
  std::string name;
  std::vector<std::vector<std::string>> caches;
  std::vector<std::string> children;
  std::vector<std::string> companions;
  std::vector<std::string> sources;  // ends of the names of what it compiles
};

struct ProfileSet;

// One profile, as it applies to one process. Thread safe.
class Profile {
 public:
  Profile(std::shared_ptr<const ProfileSet> set, size_t index,
          std::function<absl::StatusOr<std::string>(const Node&, uint64_t, uint64_t)> read);

  const std::string& name() const;
  // The warm tool that the program belongs to; "": none.
  const std::string& warm_tool() const;
  // `directories`: the file's directory, then its ancestors up to the root of the tree that it is in.
  StatMeaning Stat(const Node& file, const std::vector<const Node*>& directories) const;

  // Whether the program reads no more of that file than what GoHeader gives, if it opens it.
  bool ReadsGoHeader(const Node& file, const std::vector<const Node*>& directories) const;

  // The names that the RUN itself has made in directories[i], at present (overlayfs's upper directory).
  using MadeNames = std::function<absl::StatusOr<std::vector<std::string>>(size_t i)>;
  // Null: all names count. `directories`: the one that is listed, then its ancestors. A profile may say that
  // a directory is not narrowed because of what lies in it or above it (C3: //go:embed), in the tree or among
  // what the RUN has made: a file of the latter that could say so is taken to do so.
  const ListFilter* Listing(const std::vector<const Node*>& directories, const MadeNames& made) const;

 private:
  bool InScope(const std::vector<const Node*>& directories) const;
  bool HoldsText(const Node& directory) const;

  const std::shared_ptr<const ProfileSet> set_;
  const ProfileRule& rule_;
  const std::function<absl::StatusOr<std::string>(const Node&, uint64_t, uint64_t)> read_;
};

class Profiles {
 public:
  // Reads `size` bytes of a file of the tree below, fewer only at its end.
  using Reader = std::function<absl::StatusOr<std::string>(const Node& file, uint64_t offset, uint64_t size)>;
  // Keeps what was found out about executables, as small JSON, from one RUN to the next. Both may be null.
  struct Memory {
    std::function<absl::StatusOr<std::string>(const Digest& key)> get;
    std::function<void(const Digest& key, absl::string_view json)> put;
  };

  Profiles();  // none: everything is strict
  // All *.toml of each directory, in the order of their names, then those of the project's text, a later
  // directory's (or the project's) profile of the same name replacing an earlier one's. kInvalidArgument with
  // file, line and column for what is wrong in one.
  static absl::StatusOr<Profiles> Load(const std::vector<std::string>& directories,
                                       absl::string_view project = "");
  // The profiles of `rules`, of one directory.
  static Profiles Of(std::vector<ProfileRule> rules);

  // The same profiles, but no stat means less than that level: 2 adds the size to level 1, 3 is no profile at
  // all.
  Profiles WithLeastLevel(int level) const;

  // Whether there may be a program for which ReadsGoHeader is true: a cheap question before Find.
  bool MayReadGoHeader(absl::string_view name) const;

  // In the order of their names.
  std::vector<WarmTool> warm_tools() const;
  // Profile::warm_tool of the profile of that name; "" if there is none.
  std::string WarmToolOf(absl::string_view profile) const;

  // Of all that a profile says: part of the key of every RUN's results.
  Digest digest() const;
  // Null: none applies. Thread safe; what is read of executables and sources is remembered by content digest.
  std::shared_ptr<const Profile> Find(const Asker& asker, const Reader& read,
                                      const Memory& memory = Memory()) const;

 private:
  std::shared_ptr<const ProfileSet> set_;
};

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_PROFILE_H_
