#include "src/steps/git.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/password.h"
#include "src/base/status.h"
#include "src/context/ignore.h"
#include "src/context/scan.h"
#include "src/context/select.h"
#include "src/contract/build_secrets.h"
#include "src/contract/record.h"
#include "src/steps/common_report.h"
#include "src/steps/common_result.h"
#include "src/steps/common_time.h"
#include "src/steps/copy_context.h"
#include "src/steps/copy_place.h"
#include "src/steps/copy_target.h"
#include "src/steps/git_auth.h"
#include "src/steps/git_program.h"

namespace kasane {
namespace {

constexpr int kKeyVersion = 1;
constexpr size_t kSha256Digits = 64;

// One commit on its way: a bare repository, then a directory of files.
class Checkout {
 public:
  Checkout(const GitSpec& spec, const std::vector<std::string>& env, const std::string& scratch)
      : spec_(spec), env_(env), repository_(scratch + "/repository"), tree_(scratch + "/tree") {}

  absl::Status Run() {
    if (mkdir(tree_.c_str(), 0755) != 0 || chmod(tree_.c_str(), 0755) != 0) {
      return ErrnoStatus(errno, absl::StrCat("cannot make ", tree_));
    }
    RETURN_IF_ERROR(Fetch());
    RETURN_IF_ERROR(spec_.keep_git_dir && spec_.subdir.empty() ? CheckOutClone() : CheckOutFiles());
    if (!spec_.skip_submodules) {
      RETURN_IF_ERROR(Git({"submodule", "update", "--init", "--recursive", "--depth=1"}));
    }
    if (spec_.keep_git_dir && spec_.subdir.empty()) {
      // The stat data of the index goes.
      RETURN_IF_ERROR(Git({"read-tree", "--empty"}));
      RETURN_IF_ERROR(Git({"read-tree", "HEAD"}));
    }
    return absl::OkStatus();
  }

  // The directory that is wanted. No link may stand on the way to it.
  absl::StatusOr<std::string> Root() const {
    std::string path = tree_;
    for (absl::string_view name : absl::StrSplit(spec_.subdir, '/', absl::SkipEmpty())) {
      absl::StrAppend(&path, "/", name);
      struct stat st;
      if (lstat(path.c_str(), &st) != 0 || !S_ISDIR(st.st_mode)) {
        return absl::NotFoundError(absl::StrCat("the commit has no directory \"", spec_.subdir, "\""));
      }
    }
    return path;
  }

  absl::StatusOr<int64_t> CommitTime() const {
    ASSIGN_OR_RETURN(const std::string text, RunGit({"--git-dir", repository_, "log", "-1", "--format=%ct",
                                                     absl::StrCat(spec_.commit, "^{commit}")},
                                                    env_));
    int64_t seconds = 0;
    if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(text), &seconds)) {
      return absl::DataLossError("the commit has no time");
    }
    return seconds;
  }

 private:
  // git with the working tree and whichever repository belongs to it by now.
  absl::Status Git(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--work-tree", tree_, "--git-dir", git_dir_});
    return RunGit(words, env_, tree_).status();
  }
  absl::Status GitInRepository(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--git-dir", repository_});
    return RunGit(words, env_).status();
  }
  std::vector<std::string> Init() const {
    std::vector<std::string> words = {"-c", "init.defaultBranch=master", "init"};
    if (spec_.commit.size() == kSha256Digits) words.emplace_back("--object-format=sha256");
    return words;
  }
  bool HasCommit() const {
    return GitInRepository({"cat-file", "-e", absl::StrCat(spec_.commit, "^{commit}")}).ok();
  }

  absl::Status Fetch() {
    std::vector<std::string> init = Init();
    init.insert(init.end(), {"--bare", repository_});
    RETURN_IF_ERROR(RunGit(init, env_).status());
    RETURN_IF_ERROR(GitInRepository({"remote", "add", "origin", spec_.remote}));
    git_dir_ = repository_;
    // Most servers give a commit alone; the others give all there is.
    absl::Status alone = GitInRepository({"fetch", "--depth=1", "--no-tags", "origin", spec_.commit});
    if (alone.ok() && HasCommit()) return absl::OkStatus();
    absl::Status all = GitInRepository({"fetch", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"});
    if (!all.ok()) return all;
    if (HasCommit()) return absl::OkStatus();
    if (!alone.ok()) return alone;
    return absl::NotFoundError(absl::StrCat("the repository has no commit ", spec_.commit));
  }

  absl::Status CheckOutFiles() { return Git({"checkout", "--no-overlay", spec_.commit, "--", "."}); }

  // A repository of its own inside the tree, of this one commit, under the name that was asked for.
  absl::Status CheckOutClone() {
    git_dir_ = tree_ + "/.git";
    RETURN_IF_ERROR(Git(Init()));
    RETURN_IF_ERROR(Git({"remote", "add", "origin", absl::StrCat("file://", repository_)}));
    std::string source = "refs/kasane/commit";
    std::string name = spec_.ref;
    if (!name.empty() && name != spec_.commit) {
      source = absl::StrCat(absl::StartsWith(name, "refs/tags/") ? "" : "refs/tags/", name);
    }
    RETURN_IF_ERROR(GitInRepository({"update-ref", source, spec_.commit}));
    ASSIGN_OR_RETURN(const std::string type,
                     RunGit({"--git-dir", repository_, "cat-file", "-t", spec_.commit}, env_));
    if (source == "refs/kasane/commit") {
      name = source;
    } else if (absl::StartsWith(type, "tag")) {
      absl::StrAppend(&name, ":", source);
    } else {
      name += ":" + name;
    }
    RETURN_IF_ERROR(Git({"-c", "pack.threads=1", "fetch", "-u", "--depth=1", "--", "origin", name}));
    RETURN_IF_ERROR(Git({"checkout", "FETCH_HEAD"}));
    RETURN_IF_ERROR(Git({"remote", "set-url", "origin", WithoutPassword(spec_.remote)}));
    RETURN_IF_ERROR(Git({"reflog", "expire", "--all", "--expire=now"}));
    unlink((git_dir_ + "/FETCH_HEAD").c_str());
    return absl::OkStatus();
  }

  const GitSpec& spec_;
  const std::vector<std::string>& env_;
  const std::string repository_, tree_;
  std::string git_dir_;
};

// All files of a directory, as a delta on nothing.
absl::StatusOr<Delta> DeltaOf(Store* store, const std::string& root) {
  ASSIGN_OR_RETURN(ContextScan scan, ScanContext(root, IgnoreMatcher(), {}));
  CopySpec all;
  all.sources = {"."};
  Selection selection;
  SelectProblem problem;
  if (!SelectSources(ScanView(scan), all, "the checkout", &selection, &problem)) {
    return absl::InternalError(problem.message);
  }
  ASSIGN_OR_RETURN(IngestedContext ingested,
                   IngestContext(store, {root, std::move(scan), std::move(selection), "", ""}));
  CopyPlacement placement;
  placement.destination = "/";
  const Tree nothing;
  CopyTarget target(nothing);
  RETURN_IF_ERROR(PlaceCopies(std::move(ingested.items), placement, &target));
  return target.Finish();
}

absl::StatusOr<Delta> WithTime(const Delta& delta, int64_t seconds) {
  std::vector<DeltaEntry> entries = delta.entries();
  for (DeltaEntry& e : entries) e.entry.mtime = Timestamp{seconds, 0};
  return Delta::FromEntries(std::move(entries));
}

absl::StatusOr<Delta> FetchDelta(const GitSpec& spec, const StepContext& context) {
  ASSIGN_OR_RETURN(const BuildSecrets secrets, ReadBuildSecrets(context.args.dir));
  ASSIGN_OR_RETURN(const std::vector<std::string> env, GitAuthorization(secrets, spec.remote));
  Store* store = context.store;
  ASSIGN_OR_RETURN(const ScratchDir scratch, store->NewScratch());
  Checkout checkout(spec, env, scratch.path());
  RETURN_IF_ERROR(checkout.Run());
  ASSIGN_OR_RETURN(const std::string root, checkout.Root());
  ASSIGN_OR_RETURN(Delta delta, DeltaOf(store, root));
  if (!spec.commit_time) return delta;
  ASSIGN_OR_RETURN(const int64_t seconds, checkout.CommitTime());
  return WithTime(delta, seconds);
}

}  // namespace

absl::StatusOr<StepOutcome> RunGitStep(const GitSpec& spec, const StepContext& context) {
  std::string text = "git";
  PutVarint(&text, kKeyVersion);
  PutBytes(&text, context.args.spec.bytes());
  const Digest key = Sha256Of(text);
  absl::optional<Record> found = FindDeltaResult(*context.store, key);
  const bool hit = found.has_value();
  if (!hit) {
    const absl::StatusOr<Delta> delta = FetchDelta(spec, context);
    if (!delta.ok()) {
      return ReportStepError(context,
                             absl::StrCat(WithoutPassword(spec.remote), ": ", delta.status().message()));
    }
    Record record;
    record.kind = "git";
    record.created = FormatTime(StepTime(absl::nullopt));
    ASSIGN_OR_RETURN(found, PublishDeltaResult(context.store, context.args, absl::nullopt, key, *delta,
                                               std::move(record)));
  }
  RETURN_IF_ERROR(WriteRecord(context.args.out, *found).status());
  return StepOutcome{absl::StrCat(hit ? "hit" : "ran", " git ", WithoutPassword(spec.remote), " ",
                                  spec.commit.substr(0, 12))};
}

}  // namespace kasane
