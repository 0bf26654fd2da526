// .dockerignore files: which names of a context COPY never sees.
//
// The rules are those of github.com/moby/patternmatcher and of the walker that BuildKit uses it in: the last
// pattern that matches wins, a pattern that matches a directory matches all below it, '!' takes names back.
#ifndef KASANE_SRC_CONTEXT_IGNORE_H_
#define KASANE_SRC_CONTEXT_IGNORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/diagnostic.h"

namespace re2 {
class RE2;
}

namespace kasane {

// An ignore file as it was read.
struct IgnoreFile {
  std::string path;  // empty: there is none
  std::string text;
  std::vector<std::string>
      patterns;                     // cleaned, comments and blank lines left out, '!' in front where it stood
  std::vector<SourceRange> ranges;  // of each pattern in `text`
  // Every path that was looked for, in order: what a change of the answer depends on.
  std::vector<std::string> looked_for;
};

// The patterns of an ignore file's text.
void ParseIgnoreFile(absl::string_view text, IgnoreFile* out);

// Reads "<dockerfile>.dockerignore" or, if that is missing, "<context>/.dockerignore"; neither is fine.
// `dockerfile` is empty if the Dockerfile came from standard input.
absl::StatusOr<IgnoreFile> ReadIgnoreFile(const std::string& dockerfile, const std::string& context);

// What is wrong with the first bad pattern, if there is one.
absl::optional<Diagnostic> CheckIgnoreFile(const IgnoreFile& file);

// A list of patterns, ready to match. Also serves COPY --exclude and --parents. Thread safe.
class IgnoreMatcher {
 public:
  IgnoreMatcher();  // no patterns: nothing matches
  IgnoreMatcher(IgnoreMatcher&&) noexcept;
  IgnoreMatcher& operator=(IgnoreMatcher&&) noexcept;
  ~IgnoreMatcher();

  // kInvalidArgument names the pattern.
  static absl::StatusOr<IgnoreMatcher> Compile(const std::vector<std::string>& patterns);

  // Which patterns match a directory or one of its ancestors: handed down from each directory to its entries.
  // Empty for the root.
  using State = std::vector<bool>;

  bool empty() const { return patterns_.empty(); }
  // `path` is relative to the root, clean. `parent` is the state of its directory. `state` (may be null) gets
  // its own.
  bool Match(absl::string_view path, const State& parent, State* state) const;
  // The same for a path of which nothing else is known.
  bool MatchPath(absl::string_view path) const;
  // For a directory that matched: no name below it can be taken back by a '!' pattern.
  bool CanPrune(absl::string_view directory) const;

 private:
  struct Pattern;
  std::vector<Pattern> patterns_;
  bool has_exceptions_ = false;
  bool exceptions_are_plain_ =
      true;  // no '!' pattern holds a wildcard but for a last component of '*' or '**'
};

}  // namespace kasane

#endif  // KASANE_SRC_CONTEXT_IGNORE_H_
