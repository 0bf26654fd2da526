#include "src/steps/run.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/shorten.h"
#include "src/base/status.h"
#include "src/base/timeline.h"
#include "src/contract/build_secrets.h"
#include "src/contract/record.h"
#include "src/sandbox/plain_root.h"
#include "src/sandbox/sandbox.h"
#include "src/steps/common_gaps.h"
#include "src/steps/common_report.h"
#include "src/steps/common_time.h"
#include "src/steps/run_clock.h"
#include "src/steps/run_harvest.h"
#include "src/steps/run_log.h"
#include "src/steps/run_mounts.h"
#include "src/steps/run_request.h"
#include "src/steps/run_resources.h"
#include "src/steps/run_results.h"
#include "src/steps/run_times.h"
#include "src/steps/run_trace.h"
#include "src/steps/run_warm.h"
#include "src/steps/run_why.h"
#include "src/steps/run_xattrs.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

constexpr size_t kShownText = 100;

// Everything that a RUN's result depends on but the trees that it sees.
Digest WeakKey(const RunSpec& spec, const SandboxOptions& options, const RunMounts& mounts,
               const ShownTree& shown, const Profiles& profiles) {
  std::string key;
  PutBytes(&key, "run weak");
  PutVarint(&key, kSpecFormat);
  PutVarint(&key, kSandboxPolicy);
  PutBytes(&key, SpecDigest(KeySpec(spec)).bytes());
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

Digest WarmKey(const Digest& weak, const WarmOffer& offer) {
  std::string key;
  PutBytes(&key, "run warm");
  PutBytes(&key, weak.bytes());
  PutBytes(&key, offer.key);
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
                                  const Delta& delta, std::vector<std::string> gaps, RunLog* log) {
  Store* store = context.store;
  absl::StatusOr<Record> record = FindEqualRecord(*store, context.args.out, delta, spec.epoch);
  if (record.ok() && record->gaps == gaps) return record;
  Record fresh;
  fresh.kind = "run";
  ASSIGN_OR_RETURN(fresh.delta, SaveDelta(store, delta));
  ASSIGN_OR_RETURN(fresh.log, log->Save(store));
  fresh.created = FormatTime(StepTime(spec.epoch));
  fresh.started = started;
  if (!gaps.empty()) fresh.warm = context.args.spec;
  fresh.gaps = std::move(gaps);
  RETURN_IF_ERROR(store->PutResult(MadeKey(fresh.delta, spec.epoch), "{}"));
  return fresh;
}

std::string ShownText(const RunSpec& spec, const StepContext& context) {
  std::string text = context.origin().text;
  if (text.empty()) text = absl::StrCat("RUN ", absl::StrJoin(spec.argv, " "));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return Shorten(text, kShownText);
}

absl::Status ReportFailure(const StepContext& context, const SandboxResult& result, const RunLog& log) {
  const StepArgs& args = context.args;
  if (!args.console || context.progress.on()) {
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

// One run of the step.
class Run {
 public:
  Run(const RunSpec& spec, const StepContext& context)
      : spec_(spec), context_(context), args_(context.args), store_(context.store) {}

  absl::StatusOr<StepOutcome> Go(bool cold) {
    RETURN_IF_ERROR(Prepare());
    options_.copied = !WhyNoLayers().empty();
    // Who looks where is not seen then.
    if (options_.copied && !gaps_.empty()) return GapMet(gaps_[0]);
    if (spec_.warm && !options_.copied && args_.fresh.empty()) {
      ASSIGN_OR_RETURN(offer_,
                       OfferWarmCaches(spec_, context_, profiles_, options_, below_, chain_.base_tree));
      if (cold && !IsRefused(context_, offer_)) RefuseWarmCaches(context_, offer_);
      if (cold || IsRefused(context_, offer_)) offer_ = WarmOffer();
    }
    if (args_.fresh.empty()) {
      ASSIGN_OR_RETURN(const bool found, Find());
      if (found) return StepOutcome{absl::StrCat("hit ", ShownText(spec_, context_), ": ", why_.why)};
    }
    RETURN_IF_ERROR(ShowWarmCaches(store_, below_, &offer_));
    RETURN_IF_ERROR(TakeResources());
    RETURN_IF_ERROR(Execute());
    std::string warm;
    for (const WarmCaches& caches : offer_.tools) {
      absl::StrAppend(&warm, offer_.shows() ? ", warm " : ", keeps what is new of ", caches.tool.name);
    }
    return StepOutcome{
        absl::StrCat("ran ", ShownText(spec_, context_),
                     absl::StrFormat(" %.1f s%s: ", why_.seconds, gaps_made_.empty() ? "" : warm), why_.why)};
  }

 private:
  // A failure that the user is to mend; what was made here before is not up to date.
  absl::Status Fail(const absl::Status& status) {
    unlink(args_.out.c_str());
    return ReportStepError(context_, status.message());
  }

  // Reads all that the result can depend on.
  absl::Status Prepare() {
    Span span("read what is below");
    ASSIGN_OR_RETURN(chain_, ReadChain(args_.below));
    ASSIGN_OR_RETURN(below_, ComposeTree(store_, chain_.base_tree, chain_.deltas));
    ASSIGN_OR_RETURN(gaps_, GapsOf(args_.below));
    absl::StatusOr<RunMounts> mounts = ReadRunMounts(spec_, context_);
    if (!mounts.ok()) unlink(args_.out.c_str());
    RETURN_IF_ERROR(mounts.status());
    mounts_ = *std::move(mounts);
    absl::StatusOr<SandboxOptions> options = MakeSandboxOptions(spec_, *store_, below_);
    if (!options.ok() && IsForUser(options.status())) return Fail(options.status());
    RETURN_IF_ERROR(options.status());
    options_ = *std::move(options);
    ASSIGN_OR_RETURN(xattrs_, MayHaveXattrs(store_, chain_));
    options_.no_xattrs = !xattrs_;
    if (!spec_.mounts.empty()) {
      ASSIGN_OR_RETURN(secrets_, ReadBuildSecrets(args_.dir));
    }
    RETURN_IF_ERROR(AddRunMounts(spec_, mounts_, secrets_, &options_));
    SortMounts(&options_.mounts).IgnoreError();  // told of by the sandbox
    // What the launcher itself looks for is asked of nobody.
    for (const std::string& gap : gaps_) {
      if (IsAtOrBelow(absl::string_view(options_.workdir).substr(1), gap)) return GapMet(gap);
      for (const SandboxMount& mount : options_.mounts) {
        if (IsAtOrBelow(absl::string_view(mount.target).substr(1), gap)) return GapMet(gap);
      }
    }
    absl::StatusOr<ShownTree> shown = ShowTree(below_, options_);
    if (absl::IsAborted(shown.status())) return Fail(shown.status());
    RETURN_IF_ERROR(shown.status());
    shown_ = *std::move(shown);
    ASSIGN_OR_RETURN(profiles_, Profiles::Load(ProfileDirectories(), spec_.profiles));
    profiles_ = profiles_.WithLeastLevel(static_cast<int>(spec_.stat_level));
    question_.weak = WeakKey(spec_, options_, mounts_, shown_, profiles_);
    question_.roots.push_back({"", {shown_.tree, xattrs_}});
    for (const SandboxMount& mount : options_.mounts) {
      if (mount.kind == SandboxMount::Kind::kTree)
        question_.roots.push_back({mount.target, {mount.tree, true}});
    }
    return absl::OkStatus();
  }

  // The same question of a RUN that is offered warm caches.
  RunQuestion WarmQuestion() const {
    RunQuestion question = question_;
    if (!offer_.tools.empty()) question.weak = WarmKey(question.weak, offer_);
    return question;
  }

  // True: there is a result, and its record is written.
  absl::StatusOr<bool> Find() {
    Span span("look for a result");
    RunQuestion question = WarmQuestion();
    absl::StatusOr<RunResult> found = FindRunResult(store_, question, &miss_);
    if (!found.ok() && !offer_.tools.empty()) {
      RunMiss miss;
      found = FindRunResult(store_, question_, &miss);
      if (found.ok() || !miss_.executed_before) miss_ = std::move(miss), question = question_;
    }
    if (found.ok() && !CachesHold(*store_, CachesKey(question.weak, found->record), spec_, mounts_)) {
      found = absl::NotFoundError("");
      void_for_caches_ = true;
    }
    if (!found.ok()) return false;
    if (!found->record.warm.empty())
      found->record.warm = args_.spec;  // it may have been found by another Dockerfile
    RETURN_IF_ERROR(WriteRecord(args_.out, found->record).status());
    why_.outcome = "hit", why_.why = found->why, why_.trace = found->trace;
    why_.seconds = SecondsOfLastRun(args_.out);
    RETURN_IF_ERROR(WriteWhy(question));
    return true;
  }

  absl::Status WriteWhy(const RunQuestion& question) {
    why_.weak = question.weak;
    why_.below = args_.below;
    return WriteRunWhy(store_, args_.out, why_, question, miss_);
  }

  absl::Status TakeResources() {
    absl::StatusOr<RunResources> resources = TakeRunResources(spec_, mounts_, secrets_, store_, &options_);
    if (IsForUser(resources.status())) return Fail(resources.status());
    RETURN_IF_ERROR(resources.status());
    resources_ = *std::move(resources);
    if (!chain_.base_tree.empty()) {
      ASSIGN_OR_RETURN(base_, LoadTree(*store_, chain_.base_tree));
    }
    // Under an epoch all times are one.
    as_shown_ = below_;
    Chain as_shown = chain_;
    if (!spec_.epoch.has_value()) {
      ASSIGN_OR_RETURN(as_shown, ChainAsShown(store_, args_.below));
      if (as_shown.deltas != chain_.deltas) {  // else there would be two of it in memory
        ASSIGN_OR_RETURN(as_shown_, ComposeTree(store_, as_shown.base_tree, as_shown.deltas));
      }
    }
    RETURN_IF_ERROR(ShowClockTimes(store_, resources_.caches, as_shown, &as_shown_, &options_.mounts));
    why_.outcome = "ran", why_.why = args_.fresh.empty() ? WhyItRan(miss_) : "asked for";
    if (void_for_caches_) why_.why = "a cache that later RUNs count on was emptied";
    return absl::OkStatus();
  }

  // With warm caches first, and again without them if they could have made a difference.
  absl::Status Execute() {
    if (!offer_.tools.empty()) {
      absl::Status status = ExecuteOnce();
      if (!absl::IsCancelled(status)) return status;
      fprintf(stderr, "kasane: %s: runs again without warm caches: %s\n", ShownText(spec_, context_).c_str(),
              std::string(status.message()).c_str());
      offer_ = WarmOffer();
    }
    return ExecuteOnce();
  }

  // kCancelled: not with warm caches; the message says why.
  absl::Status ExecuteOnce() {
    ASSIGN_OR_RETURN(RunLog log, RunLog::Open(args_.log, args_.console, context_.progress));
    SandboxOptions options = options_;
    options.output = [&log](absl::string_view text) { log.Append(text); };
    options.notice = [](absl::string_view text) {
      fprintf(stderr, "kasane: %s\n", std::string(text).c_str());
    };
    options.also_shown = offer_.shown;
    options.lower_layers = offer_.layers;
    std::vector<WarmWatch::Place> places = offer_.places();
    for (const std::string& gap : gaps_) {
      const auto at_gap = [&](const WarmWatch::Place& place) { return place.path == gap; };
      if (std::none_of(places.begin(), places.end(), at_gap)) places.push_back({gap, ""});
    }
    const bool watches = !places.empty();
    WarmWatch watch(std::move(places), !offer_.tools.empty());
    RunTracer tracer(store_, &profiles_, shown_.tree, base_, watches ? &watch : nullptr, &options);
    tracer.Expect(miss_.paths.get(), &options);
    const std::string started = FormatTime(StepTime(spec_.epoch));
    const absl::Time began = absl::Now();
    options.on_success = [&](const std::string& upper) {
      if (watch.trespass().has_value()) return;
      TakeWarmCaches(store_, profiles_, tracer.processes(), upper,
                     spec_.epoch.has_value() ? absl::optional<absl::Time>() : began, &offer_);
    };
    const auto start = std::chrono::steady_clock::now();
    absl::StatusOr<SandboxResult> result = RunInSandbox(store_, as_shown_, options);
    why_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!result.ok() || result->exit_code != 0) unlink(args_.out.c_str());
    if (!result.ok() && offer_.shows()) {  // the store may lack something of the caches
      DropWarmCaches(context_, offer_);
      if (!gaps_.empty()) return GapMet(gaps_[0]);
      return absl::CancelledError(result.status().message());
    }
    RETURN_IF_ERROR(result.status());

    const absl::optional<WarmWatch::Trespass> trespass = watch.trespass();
    const bool failed = result->exit_code != 0;
    if (failed && offer_.shows()) {
      if (!gaps_.empty()) return GapMet(gaps_[0]);
      return absl::CancelledError(absl::StrCat("it failed with exit code ", result->exit_code));
    }
    if (trespass.has_value()) {
      const WarmWatch::Place& place = watch.places()[trespass->place];
      if (!gaps_.empty()) return GapMet(place.path);
      if (!failed) RefuseWarmCaches(context_, offer_);
      if (offer_.shows()) {
        return absl::CancelledError(
            absl::StrCat("/", place.path, " is looked at by ", NameOf(tracer.trace(), trespass->process)));
      }
      offer_ = WarmOffer();  // nothing was there to make a difference
    }
    if (failed) return ReportFailure(context_, *result, log);
    if (!offer_.tools.empty()) {
      Span span("harvest warm caches");
      absl::Status harvested = HarvestWarmCaches(store_, shown_.tree, &offer_, &result->delta, &gaps_made_);
      if (!absl::IsCancelled(harvested)) RETURN_IF_ERROR(harvested);
      if (!harvested.ok()) {
        RefuseWarmCaches(context_, offer_);
        if (!gaps_.empty()) return GapMet(gaps_[0]);
        if (offer_.shows() || offer_.has_taken()) return harvested;
        offer_ = WarmOffer();
      }
    }
    return Publish(*result, tracer.trace(), started, &log);
  }

  static std::string NameOf(const Trace& trace, uint32_t process) {
    const std::string chain = trace.ProcessChain(process);
    return chain.empty() ? "another program" : chain;
  }

  absl::Status Publish(const SandboxResult& result, const Trace& trace, const std::string& started,
                       RunLog* log) {
    Span span("publish");
    const RunQuestion question = WarmQuestion();
    ASSIGN_OR_RETURN(const Record record,
                     MakeRecord(spec_, context_, started, result.delta, gaps_made_, log));
    RETURN_IF_ERROR(RememberCaches(store_, CachesKey(question.weak, record), resources_.caches));
    ASSIGN_OR_RETURN(why_.trace, SaveRunResult(store_, question, trace, record));
    RETURN_IF_ERROR(WriteRecord(args_.out, record).status());
    return WriteWhy(question);
  }

  const RunSpec& spec_;
  const StepContext& context_;
  const StepArgs& args_;
  Store* const store_;
  Chain chain_;
  Tree below_;
  std::vector<std::string> gaps_;  // in it
  RunMounts mounts_;
  BuildSecrets secrets_;
  SandboxOptions options_;
  bool xattrs_ = true;
  ShownTree shown_;
  Profiles profiles_;
  RunQuestion question_;  // without warm caches
  WarmOffer offer_;
  RunMiss miss_;
  bool void_for_caches_ = false;
  RunResources resources_;
  absl::optional<Tree> base_;
  Tree as_shown_;
  std::vector<std::string> gaps_made_;
  RunWhy why_;
};

}  // namespace

absl::StatusOr<StepOutcome> RunRunStep(const RunSpec& spec, const StepContext& context) {
  return Run(spec, context).Go(/*cold=*/false);
}

absl::StatusOr<StepOutcome> RunRunStepCold(const RunSpec& spec, const StepContext& context) {
  return Run(spec, context).Go(/*cold=*/true);
}

}  // namespace kasane
