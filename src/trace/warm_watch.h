// Who looks where in a RUN with warm tools. The caches of a tool hold more, or less, than a clean build's
// would, so only the tool itself may look; and nobody may look where a cache was left out of the tree
// (src/tree/gap.h). What is asked in these places is no observation.
#ifndef KASANE_SRC_TRACE_WARM_WATCH_H_
#define KASANE_SRC_TRACE_WARM_WATCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "src/sandbox/observer.h"
#include "src/trace/process_table.h"

namespace kasane {

// Thread safe.
class WarmWatch {
 public:
  struct Place {
    std::string path;  // relative; with all below it
    // Whose caches lie there; "": it is a gap that nothing is shown in.
    std::string tool;
  };
  struct Trespass {
    size_t place = 0;
    uint32_t process = 0;  // index + 1 in ProcessTable::processes()
  };

  // `times`: programs of the tools are shown times by content (ShownTime).
  WarmWatch(std::vector<Place> places, bool times);

  const std::vector<Place>& places() const { return places_; }
  bool times() const { return times_; }
  // The place that the node lies in or is.
  absl::optional<size_t> PlaceOf(const SeenNode& node) const;
  bool IsPlace(const SeenNode& node) const;  // itself
  // A name of this directory is one, or leads to one in which something is shown: overlayfs lists its names
  // in another order then.
  absl::optional<size_t> PlaceIn(const SeenNode& directory) const;
  bool Covers(absl::string_view path) const;  // PlaceOf for a path

  // Somebody asks about something in a place. A listing of a directory above tells of it too: nobody's.
  void Enter(uint32_t pid, size_t place, ProcessTable* processes);
  void Listed(uint32_t pid, size_t place, ProcessTable* processes);
  absl::optional<Trespass> trespass() const;

  // What a file shows a tool for its time, so that a cache that goes by size and time sees another content
  // (soundness.md A2-T4): a function of the content, long ago.
  static Timestamp TimeOf(const Entry& entry);

 private:
  void Note(size_t place, uint32_t process);

  const std::vector<Place> places_;
  std::vector<std::vector<std::string>> components_;  // of the places' paths
  const bool times_;
  mutable absl::Mutex mutex_;
  absl::optional<Trespass> trespass_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_WARM_WATCH_H_
