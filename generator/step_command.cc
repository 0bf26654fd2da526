#include "generator/step_command.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "generator/step_trace.h"
#include "src/base/dead_temporaries.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/contract/chain_file.h"
#include "src/contract/spec_file.h"
#include "src/steps/archive.h"
#include "src/steps/base.h"
#include "src/steps/common_gaps.h"
#include "src/steps/copy.h"
#include "src/steps/git.h"
#include "src/steps/http.h"
#include "src/steps/image.h"
#include "src/steps/layer.h"
#include "src/steps/provenance.h"
#include "src/steps/pull.h"
#include "src/steps/push.h"
#include "src/steps/run.h"
#include "src/steps/run_gaps.h"
#include "src/steps/sbom.h"
#include "src/steps/workdir.h"
#include "src/store/store.h"

namespace kasane {
namespace {

struct Dispatch {
  const StepContext& context;
  absl::StatusOr<StepOutcome> operator()(const PullSpec& spec) const { return RunPullStep(spec, context); }
  absl::StatusOr<StepOutcome> operator()(const BaseSpec& spec) const { return RunBaseStep(spec, context); }
  absl::StatusOr<StepOutcome> operator()(const CopySpec& spec) const { return RunCopyStep(spec, context); }
  absl::StatusOr<StepOutcome> operator()(const WorkdirSpec& spec) const {
    return RunWorkdirStep(spec, context);
  }
  absl::StatusOr<StepOutcome> operator()(const RunSpec& spec) const { return RunRunStep(spec, context); }
  absl::StatusOr<StepOutcome> operator()(const LayerSpec& spec) const { return RunLayerStep(spec, context); }
  absl::StatusOr<StepOutcome> operator()(const ImageSpec& spec) const { return RunImageStep(spec, context); }
  absl::StatusOr<StepOutcome> operator()(const IndexSpec& spec) const { return RunIndexStep(spec, context); }
  absl::StatusOr<StepOutcome> operator()(const ArchiveSpec& spec) const {
    return RunArchiveStep(spec, context);
  }
  absl::StatusOr<StepOutcome> operator()(const PushSpec& spec) const { return RunPushStep(spec, context); }
  absl::StatusOr<StepOutcome> operator()(const HttpSpec& spec) const { return RunHttpStep(spec, context); }
  absl::StatusOr<StepOutcome> operator()(const SbomSpec& spec) const { return RunSbomStep(spec, context); }
  absl::StatusOr<StepOutcome> operator()(const ProvenanceSpec& spec) const {
    return RunProvenanceStep(spec, context);
  }
  absl::StatusOr<StepOutcome> operator()(const GitSpec& spec) const { return RunGitStep(spec, context); }
};

// The store that gen saw may have been deleted, or KASANE_STORE may differ: then the records name blobs that
// are not there, and every later step would fail in its own words.
absl::Status CheckStore(const Store& store, absl::string_view identity) {
  auto id = [](absl::string_view text) { return text.substr(0, text.find('.')); };
  std::string present = store.identity();
  if (identity.empty() || id(identity) == id(present)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the store ", store.directory(), " is not the one that gen saw; run gen again"));
}

absl::StatusOr<StepOutcome> RunStep(const std::vector<std::string>& words, Progress* progress) {
  StepContext context;
  ASSIGN_OR_RETURN(context.args, ParseStepArgs(words));
  const std::string directory = context.directory = TakeBuildDirectory(&context.args);
  if (!directory.empty() && chdir(directory.c_str()) != 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot enter ", directory));
  }
  ASSIGN_OR_RETURN(context.args.below, ExpandChains("", context.args.below));
  ASSIGN_OR_RETURN(context.args.source, ExpandChains("", context.args.source));
  const StepTrace trace(context);
  context.progress = *progress = Progress::FromEnvironment(absl::StrCat(directory, context.args.out));
  context.progress.Start(context.origin().text);
  ASSIGN_OR_RETURN(Spec spec, ReadSpec(JoinPath(context.args.dir, "specs"), context.args.spec));
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(Store::DefaultPath()));
  RETURN_IF_ERROR(CheckStore(*store, context.args.store_identity));
  context.store = store.get();
  RemoveDeadTemporaries(context.args.out + ".");
  RemoveDeadTemporaries(context.args.dest.empty() ? JoinPath(context.args.dir, "out/")
                                                  : context.args.dest + ".");
  absl::StatusOr<StepOutcome> outcome = std::visit(Dispatch{context}, spec);
  if (IsGapMet(outcome.status())) {
    RETURN_IF_ERROR(FillGaps(spec, context));
    outcome = std::visit(Dispatch{context}, spec);
  }
  if (outcome.ok() && context.args.touch && utimensat(AT_FDCWD, context.args.out.c_str(), nullptr, 0) != 0 &&
      errno != ENOENT) {  // a push leaves none
    return ErrnoStatus(errno, absl::StrCat("cannot touch ", context.args.out));
  }
  return outcome;
}

}  // namespace

bool DieWithParent() {
  pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent;
}

std::string TakeBuildDirectory(StepArgs* args) {
  size_t slash = args->dir.rfind('/');
  if (slash == std::string::npos) return "";
  std::string directory = args->dir.substr(0, slash + 1);
  auto take = [&](std::string* path) {
    if (absl::StartsWith(*path, directory)) path->erase(0, directory.size());
  };
  take(&args->dir);
  take(&args->out);
  take(&args->log);
  take(&args->dest);
  for (std::string& record : args->below) take(&record);
  for (std::string& record : args->source) {
    if (!absl::StartsWith(record, directory)) record = AbsolutePath(record);  // another build's
    take(&record);
  }
  return directory;
}

int RunChainCommand(const std::vector<std::string>& args) {
  if (!DieWithParent()) return 1;
  if (args.size() < 3) {
    std::fputs("kasane: gen chain needs the state directory, a file and records\n", stderr);
    return 2;
  }
  StepArgs paths;
  paths.dir = args[0];
  paths.out = args[1];
  paths.below.assign(args.begin() + 2, args.end());
  const std::string directory = TakeBuildDirectory(&paths);
  absl::Status status = directory.empty() || chdir(directory.c_str()) == 0
                            ? absl::OkStatus()
                            : ErrnoStatus(errno, absl::StrCat("cannot enter ", directory));
  if (status.ok()) {
    RemoveDeadTemporaries(paths.out + ".");
    status = WriteChainFile(paths.out, paths.below);
  }
  if (status.ok()) return 0;
  std::fputs(absl::StrCat("kasane: ", status.message(), "\n").c_str(), stderr);
  return 1;
}

int RunStepCommand(const std::vector<std::string>& args) {
  if (!DieWithParent()) return 1;
  Progress progress;
  absl::StatusOr<StepOutcome> outcome = RunStep(args, &progress);
  progress.End(outcome.ok() ? outcome->line : "", outcome.ok());
  if (!outcome.ok()) {
    if (!outcome.status().message().empty()) {
      std::string message = absl::StrCat("kasane: ", outcome.status().message(), "\n");
      std::fputs(message.c_str(), stderr);
    }
    return 1;
  }
  // A listener has been told.
  if (!outcome->line.empty() && !progress.on()) std::printf("%s\n", outcome->line.c_str());
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace kasane
