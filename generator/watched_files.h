// What builds read of this machine, watched: Dockerfiles, ignore files, the directories of contexts.
#ifndef KASANE_GENERATOR_WATCHED_FILES_H_
#define KASANE_GENERATOR_WATCHED_FILES_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/base/file.h"
#include "src/context/ignore.h"

namespace kasane {

class WatchedFiles {
 public:
  absl::Status Open();
  // Takes in what the builds in these state directories read, as gen has left word of it, and these files.
  // True: a directory is watched that was not before, so that something may have changed unseen.
  absl::StatusOr<bool> Follow(const std::vector<std::string>& states, const std::vector<std::string>& files);
  // Readable when something has happened, which need be nothing that counts.
  int fd() const { return inotify_.get(); }
  // Adds the paths, relative to the working directory, of what has changed and counts: what no ignore file
  // leaves out. New directories are watched at once, so that gen's next look comes later than the watch.
  absl::Status Take(std::set<std::string>* changed);

 private:
  struct Context {
    std::string root;  // absolute
    IgnoreMatcher matcher;
    std::vector<std::string> exclude;  // relative
  };
  // Whether a change of this absolute path is of interest.
  bool Counts(const std::string& path, bool is_directory) const;
  absl::StatusOr<bool> Watch(const std::string& directory);  // true: it is new
  absl::StatusOr<bool> WatchBelow(const std::string& directory);

  UniqueFd inotify_;
  std::map<int, std::string> directories_;  // by watch
  std::set<std::string> watched_;           // their paths
  std::set<std::string> files_;             // absolute
  std::vector<Context> contexts_;
};

// The paths behind the colon of a depfile that gen has written.
std::vector<std::string> DepfileInputs(absl::string_view text);

}  // namespace kasane

#endif  // KASANE_GENERATOR_WATCHED_FILES_H_
