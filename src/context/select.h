// Which entries of its source a COPY takes: the same answer for a scanned context (before anything runs, so
// that gen can list inputs) and for a tree (COPY --from).
#ifndef KASANE_SRC_CONTEXT_SELECT_H_
#define KASANE_SRC_CONTEXT_SELECT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/context/ignore.h"
#include "src/context/scan.h"
#include "src/contract/spec.h"
#include "src/tree/tree.h"

namespace kasane {

// Names in a tree, enough to follow links. A handle names one entry and stays valid as long as the view.
class PathView {
 public:
  using Handle = const void*;
  struct Info {
    EntryType type;
    absl::string_view link_target;
    int unreadable;  // an errno, or 0
  };
  virtual ~PathView() = default;
  virtual Handle Root() const = 0;
  virtual Info Get(Handle entry) const = 0;
  // `path` is the directory's own. Null if there is no such name.
  virtual Handle Child(Handle directory, absl::string_view path, absl::string_view name) const = 0;
};

// What COPY reads from.
class SourceView : public PathView {
 public:
  // In name order.
  virtual void List(Handle directory,
                    const std::function<void(absl::string_view name, Handle)>& visit) const = 0;
  // The same path, in memory that lives as long as the handle and the view.
  virtual absl::string_view Keep(Handle entry, absl::string_view path) const = 0;
};

class ScanView : public SourceView {
 public:
  explicit ScanView(const ContextScan& scan) : scan_(scan) {}
  static const ScanEntry& EntryOf(Handle handle) { return *static_cast<const ScanEntry*>(handle); }
  Handle Root() const override;
  Info Get(Handle entry) const override;
  Handle Child(Handle directory, absl::string_view path, absl::string_view name) const override;
  void List(Handle directory, const std::function<void(absl::string_view, Handle)>& visit) const override;
  absl::string_view Keep(Handle entry, absl::string_view path) const override;

 private:
  const ContextScan& scan_;
};

class TreeView : public SourceView {
 public:
  explicit TreeView(const Tree& tree) : tree_(tree) {}
  static const Node& NodeOf(Handle handle) { return *static_cast<const Node*>(handle); }
  Handle Root() const override;
  Info Get(Handle entry) const override;
  Handle Child(Handle directory, absl::string_view path, absl::string_view name) const override;
  void List(Handle directory, const std::function<void(absl::string_view, Handle)>& visit) const override;
  absl::string_view Keep(Handle entry, absl::string_view path) const override;
  bool met_gap() const { return met_gap_; }  // anything that was asked for is one (src/tree/gap.h)

 private:
  const Tree& tree_;
  mutable std::deque<std::string> kept_;
  mutable bool met_gap_ = false;
};

// One entry to copy.
struct SelectedEntry {
  absl::string_view path;  // in the source, no link in it; valid as long as the handle and the view
  PathView::Handle handle = nullptr;
  uint32_t relative = 0;  // where in `path` the part below the item begins; path.size() for the item itself
  // A directory that the patterns do not select, there for the sake of what is below it.
  bool parent_only = false;
};

// What one source word, or one match of its wildcards, gives.
struct SelectedItem {
  size_t source = 0;                   // index into CopySpec::sources
  std::string name;                    // what a file is called in a destination directory
  std::vector<SelectedEntry> entries;  // the item, then what is below it, directories before their entries
};

struct Selection {
  std::vector<SelectedItem> items;  // in the order in which they are copied
  std::vector<std::string> links;   // symlinks that were followed to get there, sorted, unique
};

struct SelectProblem {
  size_t source = 0;    // index into CopySpec::sources
  std::string message;  // "\"nope.go\" not found in the build context"
  std::string help;     // "did you mean \"main.go\"?", or empty
  std::string missing;  // the path that is not there, if that is the problem; it may be one that is ignored
};

// The rules (BuildKit, measured):
// - Words are cleaned against the root: neither "../" nor a symlink leads out of it.
// - A word with a wildcard matches whole paths below its literal prefix (glob.h) and may match nothing;
//   what it matches is not looked into for further matches. The prefix and words without a wildcard must
//   exist.
// - Symlinks in the word's path, at its end and as a wildcard's match are followed; symlinks inside a
//   directory are not.
// - A directory stands for what it holds.
// CopySpec::remotes are passed over.
// `source_name` is for messages: "the build context", "stage \"build\"". False: see `problem`.
bool SelectSources(const SourceView& view, const CopySpec& spec, absl::string_view source_name,
                   Selection* selection, SelectProblem* problem);

// The same for RUN --mount: each source is a path, '*' is a name like any other, and all below it is taken.
bool SelectPaths(const SourceView& view, const std::vector<std::string>& paths, absl::string_view source_name,
                 Selection* selection, SelectProblem* problem);

// If the problem is a path that is there under `root` but ignored, says so in its help. `ignore_file` is for
// the text.
void ExplainIgnored(const std::string& root, const IgnoreMatcher& ignore, absl::string_view ignore_file,
                    SelectProblem* problem);

// Where a path leads.
struct FollowedPath {
  std::string path;                   // relative, clean, no link in it; "" is the root
  PathView::Handle handle = nullptr;  // null: it is not there, and `path` holds the missing rest as it was
  std::string missing;                // up to the first missing component
};
// Follows all symlinks of `path` as if the view's root were "/". As BuildKit does, and unlike the kernel, a
// link's target is cleaned as text before it is followed. Fails on more than 255 links, on a non-directory in
// the middle and on a directory that may not be read. `links` (may be null) gets the links met.
absl::StatusOr<FollowedPath> FollowLinks(const PathView& view, absl::string_view path,
                                         std::vector<std::string>* links);

}  // namespace kasane

#endif  // KASANE_SRC_CONTEXT_SELECT_H_
