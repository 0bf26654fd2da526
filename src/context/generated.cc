#include "src/context/generated.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/context/glob.h"
#include "src/tree/delta.h"

namespace kasane {
namespace {

constexpr uint32_t kDirectoryMode = 0755;
constexpr uint32_t kFileMode = 0644;

// As COPY understands it: against the root.
std::string CleanWord(absl::string_view word) { return CleanPath(absl::StrCat("/", word)).substr(1); }

// A word up to its first component with a wildcard.
std::string LiteralPart(absl::string_view word) {
  std::vector<std::string> components = absl::StrSplit(CleanWord(word), '/', absl::SkipEmpty());
  components.erase(std::find_if(components.begin(), components.end(), HasWildcard), components.end());
  return absl::StrJoin(components, "/");
}

bool IsDirectory(absl::string_view generated) { return absl::EndsWith(generated, "/"); }

// `directory` ends in '/'.
bool LiesIn(absl::string_view path, absl::string_view directory) {
  return absl::StartsWith(path, directory) || path == absl::StripSuffix(directory, "/");
}

ScanEntry EntryAt(const std::string& root, const std::string& path, EntryType type) {
  ScanEntry entry;
  entry.path = path;
  struct stat st;
  if (lstat(JoinPath(root, path).c_str(), &st) == 0) {
    FillScanEntry(st, &entry);
    // A link is followed by who has the whole scan.
    if (entry.type == EntryType::kFile || entry.type == EntryType::kDirectory) return entry;
  }
  entry = ScanEntry();
  entry.path = path;
  entry.type = type;
  entry.mode = type == EntryType::kDirectory ? kDirectoryMode : kFileMode;
  entry.absent = true;
  return entry;
}

}  // namespace

std::vector<std::string> ExpectedPaths(const std::vector<std::string>& generated,
                                       const std::vector<std::string>& words) {
  std::vector<std::string> paths = generated;
  for (const std::string& word : words) {
    std::string path = LiteralPart(word);
    const bool is_pattern = path != CleanWord(word);
    for (const std::string& directory : generated) {
      if (!IsDirectory(directory) || !absl::StartsWith(path, directory)) continue;
      paths.push_back(absl::StrCat(path, is_pattern ? "/" : ""));
      break;
    }
  }
  return paths;
}

void AddGenerated(const std::string& root, const IgnoreMatcher& ignore, const std::vector<std::string>& paths,
                  ContextScan* scan) {
  std::vector<ScanEntry> missing;
  for (absl::string_view path : paths) {
    EntryType type = absl::ConsumeSuffix(&path, "/") ? EntryType::kDirectory : EntryType::kFile;
    if (ignore.MatchPath(path)) continue;
    while (!path.empty() && scan->Find(path) == nullptr) {
      missing.push_back(EntryAt(root, std::string(path), type));
      type = EntryType::kDirectory;
      path = Dirname(path);
    }
  }
  scan->Add(std::move(missing));
}

absl::optional<ContextScan> ScanGenerated(const std::string& root, const IgnoreMatcher& ignore,
                                          const std::vector<std::string>& generated,
                                          const std::vector<std::string>& words) {
  std::vector<std::string> paths;
  for (const std::string& word : words) {
    paths.push_back(CleanWord(word));
    const bool known = std::find(generated.begin(), generated.end(), paths.back()) != generated.end();
    if (!known || HasWildcard(word)) return absl::nullopt;
  }
  ContextScan scan;
  scan.Add({EntryAt(root, "", EntryType::kDirectory)});
  AddGenerated(root, ignore, paths, &scan);
  for (const std::string& path : paths) {
    const ScanEntry* entry = scan.Find(path);
    struct stat st;
    const bool is_other = lstat(JoinPath(root, path).c_str(), &st) == 0 && !S_ISREG(st.st_mode);
    if (entry == nullptr || is_other) return absl::nullopt;
  }
  return scan;
}

std::vector<std::string> DirectoriesBehind(const std::vector<std::string>& generated,
                                           const std::vector<std::string>& words,
                                           const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  for (const std::string& directory : generated) {
    if (!IsDirectory(directory)) continue;
    const auto lies_in = [&](const std::string& path) { return LiesIn(path, directory); };
    if (std::any_of(paths.begin(), paths.end(), lies_in) ||
        std::any_of(words.begin(), words.end(),
                    [&](const std::string& word) { return lies_in(LiteralPart(word)); })) {
      found.emplace_back(absl::StripSuffix(directory, "/"));
    }
  }
  return found;
}

absl::StatusOr<ContextScan> ScanAll(const std::string& root, const IgnoreMatcher& ignore,
                                    const std::vector<std::string>& exclude,
                                    const std::vector<std::string>& generated) {
  if (generated.empty() || PathExists(root)) return ScanContext(root, ignore, exclude);
  ContextScan scan;
  scan.Add({EntryAt(root, "", EntryType::kDirectory)});
  return scan;
}

absl::StatusOr<ContextScan> ScanBoundContext(const ContextBinding& binding, const IgnoreMatcher& ignore,
                                             const std::vector<std::string>& words) {
  absl::optional<ContextScan> files = ScanGenerated(binding.root, ignore, binding.generated, words);
  if (files.has_value()) return *std::move(files);
  ASSIGN_OR_RETURN(ContextScan scan, ScanAll(binding.root, ignore, binding.exclude, binding.generated));
  AddGenerated(binding.root, ignore, ExpectedPaths(binding.generated, words), &scan);
  return scan;
}

}  // namespace kasane
