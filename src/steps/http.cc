#include "src/steps/http.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/contract/http_state.h"
#include "src/contract/record.h"
#include "src/steps/common_gen_net.h"
#include "src/steps/common_report.h"
#include "src/store/tree_store.h"
#include "src/tree/delta.h"

namespace kasane {
namespace {

constexpr int kKeyVersion = 1;
constexpr uint32_t kMode = 0600;

Digest ResultKey(const HttpSpec& spec) {
  std::string key = "http";
  PutVarint(&key, kKeyVersion);
  if (spec.checksum.empty()) {
    PutBytes(&key, spec.url);
  } else {
    PutBytes(&key, spec.checksum.bytes());
  }
  return Sha256Of(key);
}

absl::StatusOr<Delta> MakeDelta(const HttpSpec& spec, const HttpFile& file) {
  std::vector<DeltaEntry> entries(1);
  entries[0].path = spec.name;
  Entry& entry = entries[0].entry;
  entry.mode = kMode;
  entry.size = static_cast<uint64_t>(file.size);
  entry.content = file.content;
  entry.mtime.seconds = file.mtime;
  return Delta::FromEntries(std::move(entries));
}

}  // namespace

absl::StatusOr<StepOutcome> RunHttpStep(const HttpSpec& spec, const StepContext& context) {
  if (!spec.checksum.empty()) {
    const absl::optional<HttpFile> file = FindHttpFile(*context.store, spec);
    if (file.has_value()) return FinishHttpStep(spec, context, *file, /*hit=*/true);
  }
  return ExecGenNet(context);
}

absl::optional<HttpFile> FindHttpFile(const Store& store, const HttpSpec& spec) {
  const absl::StatusOr<std::string> text = store.GetResult(ResultKey(spec));
  if (!text.ok()) return absl::nullopt;
  const absl::StatusOr<Json> json = ParseJson(*text, "a file's result");
  if (!json.ok()) return absl::nullopt;
  const absl::StatusOr<Digest> content = Digest::Parse(JsonString(*json, "content"));
  if (!content.ok() || !store.HasBlob(*content)) return absl::nullopt;
  HttpFile file;
  file.content = *content;
  file.size = JsonInt(*json, "size");
  file.etag = JsonString(*json, "etag");
  file.modified = JsonString(*json, "modified");
  file.mtime = JsonInt(*json, "mtime");
  return file;
}

absl::StatusOr<StepOutcome> FinishHttpStep(const HttpSpec& spec, const StepContext& context,
                                           const HttpFile& file, bool hit) {
  if (!spec.checksum.empty() && spec.checksum != file.content) {
    return ReportStepError(context,
                           absl::StrCat("the content is not the one of --checksum or kasane.lock: it is ",
                                        file.content.ToString()));
  }
  ASSIGN_OR_RETURN(const Delta delta, MakeDelta(spec, file));
  Record record;
  record.kind = "http";
  ASSIGN_OR_RETURN(record.delta, SaveDelta(context.store, delta));
  const Json result = {{"content", file.content.ToString()},
                       {"delta", record.delta.ToString()},
                       {"size", file.size},
                       {"etag", file.etag},
                       {"modified", file.modified},
                       {"mtime", file.mtime}};
  RETURN_IF_ERROR(context.store->PutResult(ResultKey(spec), DumpJson(result)));
  // The state before the record: a record without its state would be one that gen knows nothing about.
  if (spec.checksum.empty()) {
    const HttpState state = {context.args.salt, file.etag, file.modified};
    RETURN_IF_ERROR(WriteFileIfChanged(HttpStatePath(context.args.out), EncodeHttpState(state)).status());
  }
  RETURN_IF_ERROR(WriteRecord(context.args.out, record).status());
  const double megabytes = static_cast<double>(file.size) / 1e6;
  return StepOutcome{
      absl::StrFormat("%s get %s %.*f MB", hit ? "hit" : "ran", spec.url, megabytes < 10 ? 1 : 0, megabytes)};
}

}  // namespace kasane
