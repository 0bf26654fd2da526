#include "src/context/select.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "src/base/diagnostic.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/context/glob.h"
#include "src/tree/gap.h"

namespace kasane {
namespace {

constexpr int kMaxLinks = 255;  // BuildKit's limit

std::string Join(absl::string_view directory, absl::string_view name) {
  return directory.empty() ? std::string(name) : absl::StrCat(directory, "/", name);
}

// Against the root: "../x", "/x" and "./x" are all "x".
std::string CleanWord(absl::string_view word) { return CleanPath(absl::StrCat("/", word)).substr(1); }

std::vector<std::string> Components(absl::string_view path) {
  return absl::StrSplit(path, '/', absl::SkipEmpty());
}

// Selects the items of one COPY.
class Selector {
 public:
  Selector(const SourceView& view, const CopySpec& spec, absl::string_view source_name, bool wildcards,
           Selection* selection, SelectProblem* problem)
      : view_(view),
        spec_(spec),
        source_name_(source_name),
        wildcards_(wildcards),
        selection_(*selection),
        problem_(*problem) {}

  bool Run() {
    absl::StatusOr<IgnoreMatcher> exclude = IgnoreMatcher::Compile(spec_.excludes);
    if (!exclude.ok()) return Fail(exclude.status().message());
    exclude_ = *std::move(exclude);
    for (source_ = 0; source_ < spec_.sources.size(); ++source_) {
      const int index = static_cast<int>(source_);
      if (std::binary_search(spec_.remotes.begin(), spec_.remotes.end(), index)) continue;
      if (!Select(spec_.sources[source_])) return false;
    }
    std::sort(selection_.links.begin(), selection_.links.end());
    selection_.links.erase(std::unique(selection_.links.begin(), selection_.links.end()),
                           selection_.links.end());
    return true;
  }

 private:
  bool Fail(absl::string_view message, absl::string_view help = "") {
    problem_.source = source_;
    problem_.message = std::string(message);
    problem_.help = std::string(help);
    return false;
  }

  bool Select(absl::string_view word) {
    include_ = IgnoreMatcher();
    if (!spec_.parents) return SelectWord(word);
    // COPY --parents: the word, or what stands after its "/./", is a pattern of what to take, not what to
    // take.
    const size_t pivot = word.find("/./");
    const absl::string_view base = pivot == absl::string_view::npos ? "/" : word.substr(0, pivot);
    const absl::string_view below = pivot == absl::string_view::npos ? word : word.substr(pivot + 3);
    const std::string pattern = CleanWord(below);
    if (!HasWildcard(base) && !HasWildcard(pattern) && !RequireNoLink(Join(CleanWord(base), pattern))) {
      return false;
    }
    absl::StatusOr<IgnoreMatcher> include = IgnoreMatcher::Compile({pattern});
    if (!include.ok()) return Fail(include.status().message());
    include_ = *std::move(include);
    return SelectWord(base);
  }

  bool SelectWord(absl::string_view word) {
    const std::string clean = CleanWord(word);
    const std::vector<std::string> components = Components(clean);
    const auto wild =
        wildcards_ ? std::find_if(components.begin(), components.end(), HasWildcard) : components.end();
    if (wild == components.end()) return SelectPath(clean);

    const std::string pattern = absl::StrJoin(wild, components.end(), "/");
    if (MatchGlob(pattern, "") == GlobResult::kBadPattern) {
      return Fail(absl::StrCat("bad pattern \"", word, "\": syntax error in pattern"));
    }
    FollowedPath base;
    if (!Require(absl::StrJoin(components.begin(), wild, "/"), &base)) return false;
    if (view_.Get(base.handle).type != EntryType::kDirectory) return true;
    // A class may match a '/', so as many levels as there are '/' and '[' may hold a match.
    const auto levels =
        1 + std::count_if(pattern.begin(), pattern.end(), [](char c) { return c == '/' || c == '['; });
    std::vector<std::string> matches;
    if (!FindMatches(base.path, base.handle, "", pattern, static_cast<int>(levels), &matches)) return false;
    return std::all_of(matches.begin(), matches.end(),
                       [this](const std::string& path) { return SelectPath(path); });
  }

  bool FindMatches(const std::string& base, PathView::Handle directory, const std::string& relative,
                   const std::string& pattern, int levels, std::vector<std::string>* matches) {
    if (!Readable(Join(base, relative), directory)) return false;
    bool ok = true;
    view_.List(directory, [&](absl::string_view name, PathView::Handle child) {
      if (!ok) return;
      const std::string path = Join(relative, name);
      if (MatchGlob(pattern, path) == GlobResult::kMatch) {
        matches->push_back(Join(base, path));
      } else if (levels > 1 && view_.Get(child).type == EntryType::kDirectory) {
        ok = FindMatches(base, child, path, pattern, levels - 1, matches);
      }
    });
    return ok;
  }

  bool SelectPath(const std::string& path) {
    FollowedPath at;
    if (!Require(path, &at)) return false;
    SelectedItem item;
    item.source = source_;
    item.name = std::string(Basename(path));
    item.entries.push_back(
        {view_.Keep(at.handle, at.path), at.handle, static_cast<uint32_t>(at.path.size())});
    if (!Readable(at.path, at.handle)) return false;
    if (view_.Get(at.handle).type == EntryType::kDirectory) {
      std::vector<SelectedEntry> waiting;
      if (!Expand(at.path, at.path.empty() ? 0 : at.path.size() + 1, at.handle, {}, {}, &waiting,
                  &item.entries)) {
        return false;
      }
    }
    selection_.items.push_back(std::move(item));
    return true;
  }

  // Adds what is below a directory. `waiting`: the directories from the item down to here that are not added
  // yet, because the patterns do not select them themselves.
  bool Expand(const std::string& directory, size_t relative, PathView::Handle handle,
              const IgnoreMatcher::State& include_parent, const IgnoreMatcher::State& exclude_parent,
              std::vector<SelectedEntry>* waiting, std::vector<SelectedEntry>* out) {
    bool ok = true;
    view_.List(handle, [&](absl::string_view name, PathView::Handle child) {
      if (!ok) return;
      const std::string path = Join(directory, name);
      const absl::string_view below = absl::string_view(path).substr(relative);
      IgnoreMatcher::State include_state, exclude_state;
      bool included = include_.empty() || include_.Match(below, include_parent, &include_state);
      const bool excluded = !exclude_.empty() && exclude_.Match(below, exclude_parent, &exclude_state);
      if (excluded) included = false;
      const bool is_directory = view_.Get(child).type == EntryType::kDirectory;
      if (!included && (!is_directory || (excluded && exclude_.CanPrune(below)))) return;
      if (!Readable(path, child)) {
        ok = false;
        return;
      }
      SelectedEntry entry{view_.Keep(child, path), child, static_cast<uint32_t>(relative)};
      if (included) {
        out->insert(out->end(), waiting->begin(), waiting->end());
        waiting->clear();
        out->push_back(entry);
      } else {
        entry.parent_only = true;
        waiting->push_back(entry);
      }
      if (is_directory) {
        ok = Expand(path, relative, child, include_state, exclude_state, waiting, out);
        if (!included && !waiting->empty()) waiting->pop_back();
      }
    });
    return ok;
  }

  bool Readable(const std::string& path, PathView::Handle handle) {
    const int error = view_.Get(handle).unreadable;
    if (error == 0) return true;
    return Fail(absl::StrCat("cannot read \"", path.empty() ? "." : path, "\" in ", source_name_, ": ",
                             strerror(error)));
  }

  // Follows the path to something that is there.
  bool Require(const std::string& path, FollowedPath* at) {
    absl::StatusOr<FollowedPath> followed = FollowLinks(view_, path, &selection_.links);
    if (!followed.ok()) {
      return Fail(
          absl::StrCat("cannot read \"", path, "\" in ", source_name_, ": ", followed.status().message()));
    }
    *at = *std::move(followed);
    if (at->handle != nullptr) return true;
    problem_.missing = at->path;
    const std::string message = absl::StrCat("\"", path, "\" not found in ", source_name_);
    if (at->path != path)
      return Fail(message, absl::StrCat("it is, or lies behind, a symlink to \"", at->path, "\""));
    return Fail(message, Suggestion(*at));
  }

  // A path that is there, with no link on the way to it: what --parents asks for.
  bool RequireNoLink(const std::string& path) {
    PathView::Handle at = view_.Root();
    std::string so_far;
    for (const std::string& name : Components(path)) {
      const EntryType type = view_.Get(at).type;
      if (type == EntryType::kSymlink) {
        return Fail(absl::StrCat("\"", path, "\" not found in ", source_name_),
                    absl::StrCat("\"", so_far, "\" is a symlink: --parents follows none"));
      }
      at = type == EntryType::kDirectory ? view_.Child(at, so_far, name) : nullptr;
      so_far = Join(so_far, name);
      if (at != nullptr) continue;
      FollowedPath missing;
      return Require(path, &missing);  // says so
    }
    return true;
  }

  // The path with its first missing component replaced by the closest name beside it.
  std::string Suggestion(const FollowedPath& at) {
    const absl::string_view directory = Dirname(at.missing);
    absl::StatusOr<FollowedPath> parent = FollowLinks(view_, directory, nullptr);
    if (!parent.ok() || parent->handle == nullptr) return "";
    std::vector<std::string> names;
    view_.List(parent->handle, [&](absl::string_view name, PathView::Handle) { names.emplace_back(name); });
    const std::string name = ClosestMatch(Basename(at.missing), names);
    if (name.empty()) return "";
    return absl::StrCat("did you mean \"", Join(directory, name), at.path.substr(at.missing.size()), "\"?");
  }

  const SourceView& view_;
  const CopySpec& spec_;
  const absl::string_view source_name_;
  const bool wildcards_;
  Selection& selection_;
  SelectProblem& problem_;
  size_t source_ = 0;
  IgnoreMatcher include_;  // --parents
  IgnoreMatcher exclude_;
};

}  // namespace

bool SelectSources(const SourceView& view, const CopySpec& spec, absl::string_view source_name,
                   Selection* selection, SelectProblem* problem) {
  *selection = Selection();
  *problem = SelectProblem();
  return Selector(view, spec, source_name, true, selection, problem).Run();
}

bool SelectPaths(const SourceView& view, const std::vector<std::string>& paths, absl::string_view source_name,
                 Selection* selection, SelectProblem* problem) {
  *selection = Selection();
  *problem = SelectProblem();
  CopySpec spec;
  spec.sources = paths;
  return Selector(view, spec, source_name, false, selection, problem).Run();
}

void ExplainIgnored(const std::string& root, const IgnoreMatcher& ignore, absl::string_view ignore_file,
                    SelectProblem* problem) {
  if (problem->missing.empty() || !ignore.MatchPath(problem->missing)) return;
  struct stat st;
  if (lstat(JoinPath(root, problem->missing).c_str(), &st) != 0) return;
  problem->help = absl::StrCat("it is there, but ", ignore_file, " leaves it out");
}

absl::StatusOr<FollowedPath> FollowLinks(const PathView& view, absl::string_view path,
                                         std::vector<std::string>* links) {
  std::vector<std::string> components = Components(CleanWord(path));
  int followed = 0;
  FollowedPath at;
  at.handle = view.Root();
  for (size_t i = 0; i < components.size(); ++i) {
    const PathView::Handle directory = at.handle;
    if (directory != nullptr) {
      const PathView::Info info = view.Get(directory);
      if (info.type != EntryType::kDirectory) {
        return absl::FailedPreconditionError(absl::StrCat("\"", at.path, "\" is not a directory"));
      }
      if (info.unreadable != 0)
        return ErrnoStatus(info.unreadable, absl::StrCat("directory \"", at.path, "\""));
      at.handle = view.Child(directory, at.path, components[i]);
      if (at.handle == nullptr) at.missing = Join(at.path, components[i]);
    }
    const std::string parent = at.path;
    at.path = Join(at.path, components[i]);
    if (at.handle == nullptr) continue;
    const PathView::Info info = view.Get(at.handle);
    if (info.type != EntryType::kSymlink) continue;

    if (++followed > kMaxLinks) return absl::FailedPreconditionError("too many symbolic links");
    if (links != nullptr) links->push_back(at.path);
    const bool absolute = absl::StartsWith(info.link_target, "/");
    std::vector<std::string> target =
        Components(CleanWord(absolute ? std::string(info.link_target) : Join(parent, info.link_target)));
    target.insert(target.end(), components.begin() + static_cast<std::ptrdiff_t>(i) + 1, components.end());
    components = std::move(target);
    at = FollowedPath();
    at.handle = view.Root();
    i = static_cast<size_t>(-1);  // start again
  }
  return at;
}

PathView::Handle ScanView::Root() const { return &scan_.entries()[0]; }

PathView::Info ScanView::Get(Handle entry) const {
  const ScanEntry& e = EntryOf(entry);
  return {e.type, e.target(), e.unreadable};
}

PathView::Handle ScanView::Child(Handle, absl::string_view path, absl::string_view name) const {
  return scan_.Find(Join(path, name));
}

void ScanView::List(Handle directory, const std::function<void(absl::string_view, Handle)>& visit) const {
  const ScanEntry& self = EntryOf(directory);
  const std::vector<ScanEntry>& entries = scan_.entries();
  for (size_t i = static_cast<size_t>(&self - entries.data()) + 1; i < self.end; i = entries[i].end) {
    visit(Basename(entries[i].path), &entries[i]);
  }
}

absl::string_view ScanView::Keep(Handle entry, absl::string_view) const { return EntryOf(entry).path; }

PathView::Handle TreeView::Root() const { return &tree_.root(); }

PathView::Info TreeView::Get(Handle entry) const {
  const Entry& e = NodeOf(entry).entry;
  return {e.type, e.link_target, 0};
}

PathView::Handle TreeView::Child(Handle directory, absl::string_view, absl::string_view name) const {
  const Node* child = NodeOf(directory).Child(name);
  if (child != nullptr && IsGap(child->entry)) met_gap_ = true;
  return child;
}

void TreeView::List(Handle directory, const std::function<void(absl::string_view, Handle)>& visit) const {
  for (const Node& child : NodeOf(directory).children()) {
    if (IsGap(child.entry)) met_gap_ = true;
    visit(child.name, &child);
  }
}

absl::string_view TreeView::Keep(Handle, absl::string_view path) const { return kept_.emplace_back(path); }

}  // namespace kasane
