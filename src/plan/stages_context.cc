// Contexts in the place of stages and images.
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/heredoc.h"
#include "src/oci/reference.h"
#include "src/plan/check.h"
#include "src/plan/stages.h"

namespace kasane {
namespace {

// COPY and ADD with a source that is not a heredoc. Sources on the network may be among them: that is known
// only after expansion.
bool MayReadContext(const Instruction& in) {
  if (in.kind != InstructionKind::kCopy && in.kind != InstructionKind::kAdd) return false;
  for (size_t i = 0; i + 1 < in.args.size(); ++i) {
    Heredoc heredoc;
    if (!ParseHeredocWord(in.args[i].text, &heredoc)) return true;
  }
  return false;
}

}  // namespace

const PlanContext* StageTable::FindContext(const Platform& platform, std::string* name) const {
  if (absl::EqualsIgnoreCase(*name, "scratch") || absl::EqualsIgnoreCase(*name, "context")) return nullptr;
  const absl::StatusOr<Reference> reference = ParseReference(*name);
  if (!reference.ok()) return nullptr;
  auto found = options_.contexts.find(ContextKey(reference->ShortName(), platform));
  if (found == options_.contexts.end()) found = options_.contexts.find(reference->ShortName());
  if (found == options_.contexts.end()) return nullptr;
  *name = found->first;
  return &found->second;
}

bool StageTable::FindStage(absl::string_view name, int* index) const {
  const auto named = by_name_.find(absl::AsciiStrToLower(name));
  if (named != by_name_.end()) {
    *index = named->second;
    return true;
  }
  return absl::SimpleAtoi(name, index) && *index >= 0 && *index < static_cast<int>(stages_.size()) &&
         !stages_[static_cast<size_t>(*index)].implicit;
}

int StageTable::ContextStage(const std::string& name, const PlanContext& context, const SourceRange& range) {
  const auto [known, is_new] = by_context_.emplace(name, static_cast<int>(stages_.size()));
  if (!is_new) return known->second;
  Stage stage;
  stage.index = known->second;
  stage.range = range;
  stage.base.range = range;
  stage.implicit = stage.scratch = true;
  stage.context = &context;
  stage.context_name = name;
  stages_.push_back(std::move(stage));
  return known->second;
}

bool StageTable::SetBase(Stage* stage) {
  const std::string& name = stage->context_name;
  const PlanContext* context = &options_.contexts.at(name);
  stage->parent = -1;
  stage->scratch = false;
  switch (context->kind) {
    case PlanContext::Kind::kImage:
      stage->base.text = context->value;
      stage->scratch = context->value == "scratch";
      return true;
    case PlanContext::Kind::kStage:
      if (FindStage(context->value, &stage->parent) && stage->parent < stage->index) return true;
      return report_->Error(stage->base.range,
                            absl::StrCat("the context ", name, " is to be the stage \"", context->value,
                                         "\", but no stage above has this name"));
    case PlanContext::Kind::kDirectory:
    case PlanContext::Kind::kFiles:
      break;
  }
  stage->parent = ContextStage(name, *context, stage->base.range);
  return true;
}

bool StageTable::FindContextSource(const SourceRange& range, std::string name, StageInstruction* in,
                                   bool* found) {
  const PlanContext* context = FindContext(options_.target_platform, &name);
  *found = context != nullptr;
  if (context == nullptr) return true;
  switch (context->kind) {
    case PlanContext::Kind::kImage:
      in->source = ImageStage(context->value, name, range);
      return true;
    case PlanContext::Kind::kStage:
      if (FindStage(context->value, &in->source)) return true;
      return report_->Error(range, absl::StrCat("the context ", name, " is to be the stage \"",
                                                context->value, "\", but there is none such"));
    case PlanContext::Kind::kDirectory:
      in->context = name;
      return true;
    case PlanContext::Kind::kFiles:
      break;
  }
  in->source = ContextStage(name, *context, range);
  return true;
}

void StageTable::FindMainContext(StageInstruction* in) {
  const auto main = options_.contexts.find("");
  if (main == options_.contexts.end() || !MayReadContext(*in->instruction)) return;
  in->source = ContextStage("", main->second, in->instruction->range);
}

}  // namespace kasane
