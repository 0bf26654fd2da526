#include "src/steps/run.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/contract/record.h"
#include "src/sandbox/sandbox.h"
#include "src/steps/common_report.h"
#include "src/steps/common_time.h"
#include "src/steps/run_log.h"
#include "src/steps/run_mounts.h"
#include "src/steps/run_request.h"
#include "src/steps/run_resources.h"
#include "src/steps/run_results.h"
#include "src/steps/run_times.h"
#include "src/steps/run_trace.h"
#include "src/steps/run_why.h"
#include "src/steps/run_xattrs.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

constexpr size_t kShownText = 100;

Digest KeyDigest(const RunSpec& spec, const Digest& digest) {
  if (spec.proxy_env.empty() && spec.mounts.empty()) return digest;
  return SpecDigest(KeySpec(spec));
}

// Everything that a RUN's result depends on but the trees that it sees.
Digest WeakKey(const RunSpec& spec, const Digest& spec_digest, const SandboxOptions& options,
               const RunMounts& mounts, const ShownTree& shown, const Profiles& profiles) {
  std::string key;
  PutBytes(&key, "run weak");
  PutVarint(&key, kSpecFormat);
  PutVarint(&key, kSandboxPolicy);
  PutBytes(&key, KeyDigest(spec, spec_digest).bytes());
  PutBytes(&key, mounts.Key(spec));
  PutBytes(&key, shown.stubs.bytes());
  PutBytes(&key, profiles.digest().bytes());
  // What the tree below says of the user is read by us, so it is in no trace (soundness.md A11).
  PutVarint(&key, options.uid);
  PutVarint(&key, options.gid);
  for (uint32_t group : options.groups) PutVarint(&key, group);
  for (const std::string& variable : options.env) {
    if (absl::StartsWith(variable, "HOME=")) PutBytes(&key, variable);
  }
  return Sha256Of(key);
}

// Names a result, for what is noted about the caches that it was made with.
Digest CachesKey(const Digest& weak, const Record& record) {
  std::string key;
  PutBytes(&key, weak.bytes());
  PutBytes(&key, record.delta.bytes());
  return Sha256Of(key);
}

// The key of a mark which says that this delta was made by a RUN under this epoch.
Digest MadeKey(const Digest& delta, const Epoch& epoch) {
  std::string key;
  PutBytes(&key, "run made");
  PutVarint(&key, epoch.has_value() ? 1 : 0);
  PutSigned(&key, epoch.value_or(0));
  PutBytes(&key, delta.bytes());
  return Sha256Of(key);
}

// The record that an earlier execution left, if its delta differs from `delta` in times alone: keeping it
// keeps everything downstream (soundness.md T2). Times made under another epoch are not kept.
absl::StatusOr<Record> FindEqualRecord(const Store& store, const std::string& path, const Delta& delta,
                                       const Epoch& epoch) {
  ASSIGN_OR_RETURN(Record record, ReadRecord(path));
  if (record.kind != "run") return absl::NotFoundError("another kind of record");
  RETURN_IF_ERROR(store.GetResult(MadeKey(record.delta, epoch)).status());
  ASSIGN_OR_RETURN(Delta old, LoadWholeDelta(store, record.delta));
  if (old.TimelessDigest() != delta.TimelessDigest()) return absl::NotFoundError("another delta");
  return record;
}

absl::StatusOr<Record> MakeRecord(const RunSpec& spec, const StepContext& context, const std::string& started,
                                  const Delta& delta, RunLog* log) {
  Store* store = context.store;
  absl::StatusOr<Record> record = FindEqualRecord(*store, context.args.out, delta, spec.epoch);
  if (record.ok()) return record;
  Record fresh;
  fresh.kind = "run";
  ASSIGN_OR_RETURN(fresh.delta, SaveDelta(store, delta));
  ASSIGN_OR_RETURN(fresh.log, log->Save(store));
  fresh.created = FormatTime(StepTime(spec.epoch));
  fresh.started = started;
  RETURN_IF_ERROR(store->PutResult(MadeKey(fresh.delta, spec.epoch), "{}"));
  return fresh;
}

std::string ShownText(const RunSpec& spec, const StepContext& context) {
  std::string text = context.origin().text;
  if (text.empty()) text = absl::StrCat("RUN ", absl::StrJoin(spec.argv, " "));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  if (text.size() <= kShownText) return text;
  size_t end = kShownText - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not within a character
  return absl::StrCat(text.substr(0, end), "...");
}

absl::Status ReportFailure(const StepContext& context, const SandboxResult& result, const RunLog& log) {
  const StepArgs& args = context.args;
  if (!args.console) {
    ASSIGN_OR_RETURN(std::string tail, log.Tail());
    fwrite(tail.data(), 1, tail.size(), stderr);
  }
  std::string message = result.start_error;
  if (message.empty()) {
    message = result.exit_code > 128 && result.exit_code <= 128 + 64
                  ? absl::StrCat("the command was killed by signal ", result.exit_code - 128, " (exit code ",
                                 result.exit_code, ")")
                  : absl::StrCat("the command failed with exit code ", result.exit_code);
  }
  return ReportStepError(context, message,
                         args.log.empty() ? "" : absl::StrCat("its whole output is in ", args.log));
}

bool IsForUser(const absl::Status& status) {
  return absl::IsUnimplemented(status) || absl::IsInvalidArgument(status) || absl::IsNotFound(status);
}

}  // namespace

absl::StatusOr<StepOutcome> RunRunStep(const RunSpec& spec, const StepContext& context) {
  const StepArgs& args = context.args;
  Store* store = context.store;
  ASSIGN_OR_RETURN(Chain chain, ReadChain(args.below));
  ASSIGN_OR_RETURN(Tree below, ComposeTree(store, chain.base_tree, chain.deltas));
  const absl::StatusOr<RunMounts> mounts = ReadRunMounts(spec, context);
  if (!mounts.ok()) unlink(args.out.c_str());
  RETURN_IF_ERROR(mounts.status());
  absl::StatusOr<SandboxOptions> options = MakeSandboxOptions(spec, *store, below);
  if (!options.ok() && IsForUser(options.status())) {
    unlink(args.out.c_str());
    return ReportStepError(context, options.status().message());
  }
  RETURN_IF_ERROR(options.status());
  ASSIGN_OR_RETURN(bool xattrs, MayHaveXattrs(store, chain));
  options->no_xattrs = !xattrs;
  RETURN_IF_ERROR(AddRunMounts(spec, *mounts, context, &*options));
  SortMounts(&options->mounts).IgnoreError();  // told of by the sandbox
  absl::StatusOr<ShownTree> shown_or = ShowTree(below, *options);
  if (absl::IsAborted(shown_or.status())) {
    unlink(args.out.c_str());
    return ReportStepError(context, shown_or.status().message());
  }
  ASSIGN_OR_RETURN(ShownTree shown, std::move(shown_or));
  ASSIGN_OR_RETURN(Profiles profiles, Profiles::Load(ProfileDirectories()));

  RunQuestion question;
  question.weak = WeakKey(spec, args.spec, *options, *mounts, shown, profiles);
  question.roots.push_back({"", {shown.tree, xattrs}});
  for (const SandboxMount& mount : options->mounts) {
    if (mount.kind == SandboxMount::Kind::kTree) question.roots.push_back({mount.target, {mount.tree, true}});
  }
  RunWhy why;
  why.weak = question.weak;
  why.below = args.below;
  RunMiss miss;
  bool void_for_caches = false;
  if (args.fresh.empty()) {
    absl::StatusOr<RunResult> found = FindRunResult(store, question, &miss);
    if (found.ok() && !CachesHold(*store, CachesKey(question.weak, found->record), spec, *mounts)) {
      found = absl::NotFoundError("");
      void_for_caches = true;
    }
    if (found.ok()) {
      RETURN_IF_ERROR(WriteRecord(args.out, found->record).status());
      why.outcome = "hit", why.why = found->why, why.trace = found->trace;
      RETURN_IF_ERROR(WriteRunWhy(store, args.out, why, question, miss));
      return StepOutcome{absl::StrCat("hit ", ShownText(spec, context), ": ", why.why)};
    }
  }

  const absl::StatusOr<RunResources> resources = TakeRunResources(spec, *mounts, context, &*options);
  if (IsForUser(resources.status())) {
    unlink(args.out.c_str());
    return ReportStepError(context, resources.status().message());
  }
  RETURN_IF_ERROR(resources.status());
  ASSIGN_OR_RETURN(RunLog log, RunLog::Open(args.log, args.console));
  options->output = [&log](absl::string_view text) { log.Append(text); };
  options->notice = [](absl::string_view text) {
    fprintf(stderr, "kasane: %s\n", std::string(text).c_str());
  };
  absl::optional<Tree> base;
  if (!chain.base_tree.empty()) {
    ASSIGN_OR_RETURN(base, LoadTree(*store, chain.base_tree));
  }
  // Under an epoch all times are one.
  Tree shown_below = below;
  if (!spec.epoch.has_value()) {
    ASSIGN_OR_RETURN(Chain as_shown, ChainAsShown(store, args.below));
    ASSIGN_OR_RETURN(shown_below, ComposeTree(store, as_shown.base_tree, as_shown.deltas));
  }
  RunTracer tracer(store, &profiles, shown.tree, std::move(base), &*options);
  tracer.Expect(miss.paths, &*options);
  const std::string started = FormatTime(StepTime(spec.epoch));
  const auto start = std::chrono::steady_clock::now();
  absl::StatusOr<SandboxResult> result = RunInSandbox(store, shown_below, *options);
  why.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  why.outcome = "ran", why.why = args.fresh.empty() ? WhyItRan(miss) : "asked for";
  if (void_for_caches) why.why = "a cache that later RUNs count on was emptied";
  if (!result.ok() || result->exit_code != 0) unlink(args.out.c_str());
  RETURN_IF_ERROR(result.status());
  if (result->exit_code != 0) return ReportFailure(context, *result, log);

  ASSIGN_OR_RETURN(Record record, MakeRecord(spec, context, started, result->delta, &log));
  RETURN_IF_ERROR(RememberCaches(store, CachesKey(question.weak, record), resources->caches));
  ASSIGN_OR_RETURN(why.trace, SaveRunResult(store, question, tracer.trace(), record));
  RETURN_IF_ERROR(WriteRecord(args.out, record).status());
  RETURN_IF_ERROR(WriteRunWhy(store, args.out, why, question, miss));
  return StepOutcome{
      absl::StrCat("ran ", ShownText(spec, context), absl::StrFormat(" %.1f s: ", why.seconds), why.why)};
}

}  // namespace kasane
