#include "src/plan/stages.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/parser.h"
#include "src/oci/built_base.h"
#include "src/plan/check.h"
#include "src/plan/image_config.h"
#include "src/plan/words.h"

namespace kasane {
namespace {

constexpr char kScratch[] = "scratch";

// Moves an instruction, whole, to one place of the file.
void SetRanges(const SourceRange& range, Instruction* in) {
  in->range = in->keyword.range = range;
  for (Flag& flag : in->flags) flag.range = range;
  for (Word& word : in->args) word.range = range;
  for (KeyValue& pair : in->pairs) pair.range = pair.key.range = pair.value.range = range;
  for (Heredoc& heredoc : in->heredocs) heredoc.range = heredoc.body_range = range;
  for (Instruction& trigger : in->trigger) SetRanges(range, &trigger);
}

std::string DidYouMeanStage(absl::string_view name, const std::vector<std::string>& names) {
  const std::string guess = ClosestMatch(name, names);
  return guess.empty() ? "" : absl::StrCat("did you mean the stage ", guess, "?");
}

}  // namespace

std::string OnbuildText(const Instruction& onbuild) {
  const Instruction& trigger = onbuild.trigger[0];
  std::string out = trigger.line;
  for (const Heredoc& heredoc : trigger.heredocs) absl::StrAppend(&out, "\n", heredoc.body, heredoc.name);
  return out;
}

std::vector<std::string> StageTable::StageNames() const {
  std::vector<std::string> names;
  for (const Stage& stage : stages_) {
    if (!stage.name.empty()) names.push_back(stage.name);
  }
  return names;
}

bool StageTable::Build() {
  for (const Instruction& in : ast_.instructions) {
    if (in.kind == InstructionKind::kFrom) {
      if (!AddStage(in)) return false;
    } else if (!stages_.empty()) {
      stages_.back().body.push_back({&in, -1, "", {}});
    }
  }
  const size_t own = stages_.size();
  for (size_t i = 0; i < own; ++i) {
    if (!stages_[i].context_name.empty() && !SetBase(&stages_[i])) return false;
  }
  for (size_t i = 0; i < own; ++i) {
    for (StageInstruction& in : stages_[i].body) {
      if (!FindSource(&in)) return false;
      if (in.source == static_cast<int>(i)) {
        return report_->Error(FindFlag(*in.instruction, "from")->range, "a stage cannot copy from itself",
                              "without --from, COPY reads the build context");
      }
      for (const MountSource& mount : in.mounts) {
        if (mount.stage != static_cast<int>(i)) continue;
        return report_->Error(mount.range, "a stage cannot mount itself",
                              "without from, the build context is mounted");
      }
    }
  }
  return true;
}

bool StageTable::AddStage(const Instruction& from) {
  ExpandOptions options;
  options.escape = ast_.escape;
  Stage stage;
  stage.index = static_cast<int>(stages_.size());
  stage.range = from.range;
  const Word& base = from.args[0];
  Expansion expanded;
  if (!ExpandAt(base.text, base.range, global_, options, report_, &expanded)) return false;
  if (expanded.text.empty()) {
    std::string help = "give the variable a default with ARG before the first FROM";
    std::vector<std::string> names;
    for (const auto& [name, value] : global_.entries()) names.push_back(name);
    if (!expanded.undefined.empty()) {
      const std::string guess = ClosestMatch(expanded.undefined[0], names);
      if (!guess.empty()) help = absl::StrCat("did you mean the variable ", guess, "?");
    }
    return report_->Error(base.range, absl::StrCat("the base name ", base.text, " is blank after expansion"),
                          help);
  }
  stage.base = {expanded.text, base.range};
  const Flag* platform = FindFlag(from, "platform");
  if (platform != nullptr) {
    if (!ExpandAt(platform->value, platform->range, global_, options, report_, &expanded)) return false;
    if (expanded.text.empty()) {
      return report_->Error(platform->range,
                            absl::StrCat("the platform ", platform->value, " is blank after expansion"));
    }
    auto parsed = ParsePlatform(expanded.text);
    if (!parsed.ok()) return report_->Error(platform->range, std::string(parsed.status().message()));
    stage.platform = *parsed;
  }
  // Only stages above count: a later one of the same name is not this one's base.
  auto parent = by_name_.find(stage.base.text);
  if (parent != by_name_.end()) {
    stage.parent = parent->second;
  } else {
    stage.scratch = stage.base.text == kScratch;
  }
  if (from.args.size() == 3) {
    stage.name = absl::AsciiStrToLower(from.args[2].text);
    by_name_[stage.name] = stage.index;
  }
  // A context may take the place of the base, or of the whole stage; then its instructions mean nothing.
  std::string context = stage.name;
  // As in BuildKit a whole stage without --platform is looked up for the machine that builds.
  stage.replaced = FindContext(stage.platform.value_or(options_.build_platform), &context) != nullptr;
  if (!stage.replaced) context = stage.base.text;
  const Platform base_platform = stage.platform.value_or(options_.target_platform);
  if (stage.replaced || (stage.parent < 0 && FindContext(base_platform, &context) != nullptr)) {
    stage.context_name = context;
  }
  stages_.push_back(std::move(stage));
  return true;
}

bool StageTable::FindSource(StageInstruction* in) {
  if (in->instruction->kind == InstructionKind::kRun) return FindMountSources(in);
  const bool is_copy = in->instruction->kind == InstructionKind::kCopy;
  const Flag* from = is_copy ? FindFlag(*in->instruction, "from") : nullptr;
  if (from == nullptr || from->value.empty()) {
    FindMainContext(in);
    return true;
  }
  ExpandOptions options;
  options.escape = ast_.escape;
  Expansion expanded;
  if (!ExpandAt(from->value, from->range, EnvList(), options, report_, &expanded)) return false;
  if (expanded.text != from->value) {
    return report_->Error(from->range, "variables are not expanded in --from",
                          "name a stage: FROM $IMAGE AS name with a global ARG, then COPY --from=name");
  }
  int index = 0;
  if (absl::SimpleAtoi(from->value, &index)) {
    int own = 0;
    for (const Stage& stage : stages_) own += stage.implicit ? 0 : 1;
    if (index < 0 || index >= own) {
      return report_->Error(from->range, absl::StrCat("there is no stage ", index),
                            absl::StrCat("stages count from 0, the last one is ", own - 1));
    }
    in->source = index;
    return true;
  }
  return FindNamed(from->value, from->range, in);
}

bool StageTable::FindNamed(const std::string& name, const SourceRange& range, StageInstruction* in) {
  const auto named = by_name_.find(absl::AsciiStrToLower(name));
  if (named != by_name_.end()) {
    in->source = named->second;
    return true;
  }
  bool found = false;
  if (!FindContextSource(range, name, in, &found)) return false;
  if (!found) in->source = ImageStage(name, "", range);
  return true;
}

int StageTable::ImageStage(const std::string& image, const std::string& context, const SourceRange& range) {
  const auto [known, is_new] = by_image_.emplace(image, static_cast<int>(stages_.size()));
  if (!is_new) return known->second;
  Stage stage;
  stage.index = known->second;
  stage.range = range;
  stage.base = {image, range};
  stage.implicit = true;
  stage.scratch = image == kScratch;
  stage.context_name = context;
  stages_.push_back(std::move(stage));
  return known->second;
}

bool StageTable::FindTarget(int* index) {
  if (options_.target.empty()) {
    for (const Stage& stage : stages_) {
      if (!stage.implicit) *index = stage.index;
    }
    return true;
  }
  auto named = by_name_.find(absl::AsciiStrToLower(options_.target));
  if (named != by_name_.end()) {
    *index = named->second;
    return true;
  }
  int number = 0;
  if (absl::SimpleAtoi(options_.target, &number) && number >= 0 &&
      number < static_cast<int>(stages_.size()) && !stages_[static_cast<size_t>(number)].implicit) {
    *index = number;
    return true;
  }
  const std::vector<std::string> names = StageNames();
  std::string help = DidYouMeanStage(options_.target, names);
  if (help.empty() && !names.empty()) {
    help = "the stages are";
    for (const std::string& name : names) absl::StrAppend(&help, " ", name);
  }
  return report_->OptionError(
      absl::StrCat("there is no stage \"", options_.target, "\" to build as the target"), help);
}

bool StageTable::Resolve(int target, ImageResolver* resolver, absl::Status* status) {
  return Reach(target, resolver, status);
}

bool StageTable::ResolveAll(ImageResolver* resolver, absl::Status* status) {
  for (size_t i = 0; i < stages_.size(); ++i) {  // may grow
    if (!Reach(static_cast<int>(i), resolver, status)) return false;
  }
  return true;
}

bool StageTable::Reach(int index, ImageResolver* resolver, absl::Status* status) {
  Stage& stage = stages_[static_cast<size_t>(index)];
  if (stage.reached) return true;
  stage.reached = true;
  if (stage.parent >= 0) {
    if (!Reach(stage.parent, resolver, status)) return false;
  } else if (!stage.scratch && !ResolveImage(&stage, resolver, status)) {
    return false;
  }
  if (stage.replaced) stage.body.clear();
  if (!stage.implicit && !stage.replaced && !AddTriggers(&stage)) return false;
  for (const StageInstruction& in : stage.body) {
    if (in.source >= 0 && !Reach(in.source, resolver, status)) return false;
    for (const MountSource& mount : in.mounts) {
      if (mount.stage >= 0 && !Reach(mount.stage, resolver, status)) return false;
    }
  }
  return true;
}

bool StageTable::ResolveImage(Stage* stage, ImageResolver* resolver, absl::Status* status) {
  std::string help = DidYouMeanStage(stage->base.text, StageNames());
  if (by_name_.count(stage->base.text) > 0) help = "the stage of this name does not stand above this one";
  const Platform platform = stage->platform.value_or(options_.target_platform);
  const std::string& base = stage->base.text;  // no reference: from a context
  const bool local = absl::StartsWith(base, "oci-layout:/") || absl::StartsWith(base, kBuilt);
  auto reference = ParseReference(local ? ContextName(stage->context_name) : stage->base.text);
  if (!reference.ok())
    return report_->Error(stage->base.range, std::string(reference.status().message()), help);
  auto image =
      local ? resolver->ResolveLocal(stage->base.text, platform) : resolver->Resolve(*reference, platform);
  if (!image.ok()) {
    *status = image.status();
    if (help.empty() && stage->implicit) help = "no stage has this name, so it was looked up as an image";
    return report_->Error(stage->base.range, std::string(image.status().message()), help);
  }
  if (local) image->reference = *reference;
  stage->image = std::move(*image);
  return true;
}

bool StageTable::AddTriggers(Stage* stage) {
  std::vector<std::string> texts;
  if (stage->image.has_value()) {
    auto config = ParseImageConfig(stage->image->config, stage->base.text);
    if (!config.ok()) return report_->Error(stage->base.range, std::string(config.status().message()));
    texts = config->on_build;
  } else if (stage->parent >= 0) {
    for (const StageInstruction& in : stages_[static_cast<size_t>(stage->parent)].body) {
      if (in.instruction->kind == InstructionKind::kOnbuild) texts.push_back(OnbuildText(*in.instruction));
    }
  }
  std::vector<StageInstruction> triggers;
  for (const std::string& text : texts) {
    StageInstruction trigger;
    if (!ParseTrigger(text, stage->range, &trigger.instruction)) return false;
    if (!FindSource(&trigger)) return false;
    triggers.push_back(trigger);
  }
  stage->body.insert(stage->body.begin(), triggers.begin(), triggers.end());
  return true;
}

bool StageTable::ParseTrigger(absl::string_view text, const SourceRange& range,
                              const Instruction** instruction) {
  std::vector<Diagnostic> problems;
  auto ast = ParseDockerfile(ast_.file, text, &problems);
  if (!ast.has_value()) {
    return report_->Error(
        range,
        absl::StrCat("cannot read the base's ONBUILD trigger \"", text, "\": ", problems.back().message),
        problems.back().help);
  }
  if (ast->instructions.size() != 1 || ast->instructions[0].kind == InstructionKind::kFrom) {
    return report_->Error(range,
                          absl::StrCat("the base's ONBUILD trigger \"", text, "\" is not one instruction"));
  }
  trigger_asts_.push_back(std::move(*ast));
  Instruction* in = &trigger_asts_.back().instructions[0];
  SetRanges(range, in);
  *instruction = in;
  return CheckInstruction(*in, report_);
}

}  // namespace kasane
