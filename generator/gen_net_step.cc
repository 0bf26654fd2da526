#include "generator/gen_net_step.h"

#include <cstdio>
#include <memory>
#include <variant>

#include "absl/strings/str_cat.h"
#include "generator/step_trace.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/contract/record.h"
#include "src/contract/spec_file.h"
#include "src/contract/step.h"
#include "src/registry/access.h"
#include "src/registry/download.h"
#include "src/registry/fetch.h"
#include "src/registry/push.h"
#include "src/steps/common_report.h"
#include "src/steps/http.h"
#include "src/steps/http_auth.h"
#include "src/steps/pull.h"
#include "src/store/store.h"

namespace kasane {
namespace {

absl::StatusOr<StepOutcome> Pull(RegistryAccess* access, const PullSpec& spec, const StepContext& context) {
  // Another process may have been quicker.
  absl::optional<Record> record = FindPulled(*context.store, spec);
  const bool hit = record.has_value();
  if (!hit) {
    ASSIGN_OR_RETURN(record, PullLayer(access, context.store, spec));
    RETURN_IF_ERROR(PublishPulled(context.store, spec, *record));
  }
  RETURN_IF_ERROR(WriteRecord(context.args.out, *record).status());
  return StepOutcome{PullLine(hit ? "hit" : "ran", spec)};
}

absl::StatusOr<StepOutcome> Push(RegistryAccess* access, const PushSpec& spec, const StepContext& context) {
  if (context.args.source.size() != 1)
    return absl::InvalidArgumentError("a push needs the record of one image");
  if (spec.names.empty()) return absl::InvalidArgumentError("nothing to push to: name the image with --tag");
  ASSIGN_OR_RETURN(const Record image, ReadRecord(context.args.source[0]));
  StepOutcome outcome;
  for (const std::string& name : spec.names) {
    ASSIGN_OR_RETURN(const PushCounts counts,
                     PushImage(access, context.store, image.manifest, image.manifest_media_type, name));
    absl::StrAppend(&outcome.line, outcome.line.empty() ? "" : "\n", "pushed ", name, "@",
                    image.manifest.ToString(), " (", counts.sent, " blobs sent, ", counts.mounted,
                    " mounted, ", counts.present, " present)");
  }
  return outcome;
}

absl::StatusOr<StepOutcome> Http(RegistryAccess* access, const HttpSpec& spec, const StepContext& context) {
  const absl::optional<HttpFile> known = FindHttpFile(*context.store, spec);
  // Another process may have been quicker.
  if (!spec.checksum.empty() && known.has_value()) return FinishHttpStep(spec, context, *known, /*hit=*/true);
  ASSIGN_OR_RETURN(const BuildSecrets secrets, ReadBuildSecrets(context.args.dir));
  const absl::StatusOr<std::string> authorization = HttpAuthorization(secrets, spec.url);
  if (!authorization.ok()) return ReportStepError(context, authorization.status().message());
  absl::StatusOr<RemoteFile> remote = DownloadFile(&access->http, context.store, spec.url,
                                                   known.has_value() ? known->etag : "", *authorization);
  if (!remote.ok()) return ReportStepError(context, remote.status().message(), "", spec.url);
  if (remote->same && known.has_value()) return FinishHttpStep(spec, context, *known, /*hit=*/true);
  HttpFile file;
  file.content = remote->content;
  file.size = remote->size;
  file.etag = remote->etag;
  file.modified = remote->modified;
  file.mtime = ParseHttpDate(remote->modified);
  return FinishHttpStep(spec, context, file, /*hit=*/false);
}

absl::StatusOr<StepOutcome> RunStep(const std::vector<std::string>& words, Progress* progress) {
  StepContext context;
  ASSIGN_OR_RETURN(context.args, ParseStepArgs(words));
  const StepTrace trace(context);
  context.progress = *progress = Progress::FromEnvironment(context.args.out);  // gen step told of the start
  ASSIGN_OR_RETURN(const Spec spec, ReadSpec(JoinPath(context.args.dir, "specs"), context.args.spec));
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(Store::DefaultPath()));
  context.store = store.get();
  ASSIGN_OR_RETURN(const std::unique_ptr<RegistryAccess> access, RegistryAccess::FromEnvironment(""));
  absl::StatusOr<StepOutcome> outcome = absl::InvalidArgumentError(
      absl::StrCat("a step of kind ", std::string(SpecKind(spec)), " needs no network; run it by gen step"));
  if (const auto* pull = std::get_if<PullSpec>(&spec)) outcome = Pull(access.get(), *pull, context);
  if (const auto* push = std::get_if<PushSpec>(&spec)) outcome = Push(access.get(), *push, context);
  if (const auto* http = std::get_if<HttpSpec>(&spec)) outcome = Http(access.get(), *http, context);
  for (const std::string& warning : access->credentials.warnings()) {
    std::fprintf(stderr, "kasane: warning: %s\n", warning.c_str());
  }
  return outcome;
}

}  // namespace

int RunNetStepCommand(const std::vector<std::string>& args) {
  Progress progress;
  const auto outcome = RunStep(args, &progress);
  progress.End(outcome.ok() ? outcome->line : "", outcome.ok());
  if (!outcome.ok()) {
    const std::string message(outcome.status().message());
    if (!message.empty()) std::fprintf(stderr, "kasane: %s\n", message.c_str());
    return 1;
  }
  if (!progress.on()) std::printf("%s\n", outcome->line.c_str());
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace kasane
