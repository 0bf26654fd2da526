#include "generator/step_trace.h"

#include "absl/strings/strip.h"
#include "src/base/file.h"

namespace kasane {

StepTrace::StepTrace(const StepContext& context) : file_(ReadTraceNote(context.args.dir)) {
  if (file_.empty()) return;
  StartTimeline();
  const std::string records = JoinPath(context.args.dir, "records/");
  name_ = std::string(absl::StripSuffix(absl::StripPrefix(context.args.out, records), ".json"));
  const std::string text = context.origin().text;
  whole_.emplace(text.empty() ? name_ : text);
}

StepTrace::~StepTrace() {
  if (file_.empty()) return;
  whole_.reset();
  AppendToTrace(file_, name_).IgnoreError();  // a trace that cannot be written stops no build
}

}  // namespace kasane
