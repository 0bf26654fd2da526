// COPY and ADD of a stage.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "src/base/file.h"
#include "src/contract/mode_change.h"
#include "src/contract/owner.h"
#include "src/dockerfile/heredoc.h"
#include "src/plan/check.h"
#include "src/plan/remote_ref.h"
#include "src/plan/stage_evaluator.h"
#include "src/plan/words.h"

namespace kasane {

bool StageEvaluator::Copy(const StageInstruction& stage_instruction) {
  const Instruction& in = *stage_instruction.instruction;
  const bool add = in.kind == InstructionKind::kAdd;
  CopySpec spec;
  if (stage_instruction.source >= 0) spec.from = "stage";
  spec.epoch = context_.epoch;
  std::string sources, inline_files, destination;
  if (!CopyOptions(in, &spec)) return false;
  if (!CopySources(in, &spec, &sources)) return false;
  if (!CheckChecksum(in, spec)) return false;
  if (!ExpandWord(in.args.back(), &destination)) return false;
  if (!InlineFiles(in, &spec, &inline_files)) return false;
  spec.destination = Destination(destination);

  std::string message(InstructionName(in.kind));
  if (spec.parents) absl::StrAppend(&message, " --parents");
  if (!spec.chown.empty()) absl::StrAppend(&message, " --chown=", spec.chown);
  if (!spec.chmod.empty()) absl::StrAppend(&message, " --chmod=", spec.chmod);
  absl::StrAppend(&message, sources, inline_files, " ", destination, kFileStepSuffix);
  // BuildKit cannot change modes of a layer that it links: such a copy is a plain one.
  if (!spec.chmod.empty()) spec.link = false;
  if (add) {
    const Flag* unpack = FindFlag(in, "unpack");
    spec.unpack = unpack == nullptr || BoolFlag(in, "unpack");
  }
  AddStep(in, std::move(spec), std::move(message), stage_instruction.source);
  return true;
}

bool StageEvaluator::CopyOptions(const Instruction& in, CopySpec* spec) {
  Report* report = context_.report;
  spec->link = BoolFlag(in, "link");
  spec->parents = BoolFlag(in, "parents");
  for (const Flag& flag : in.flags) {
    if (flag.name == "exclude") spec->excludes.push_back(flag.value);
  }
  const Flag* chown = FindFlag(in, "chown");
  const Flag* chmod = FindFlag(in, "chmod");
  if (chown != nullptr && !ExpandText(chown->value, chown->range, &spec->chown)) return false;
  if (chmod != nullptr && !ExpandText(chmod->value, chmod->range, &spec->chmod)) return false;

  const bool nobody_below = state_.steps == 0 && !state_.has_base;
  if (!spec->chown.empty() && OwnerHasName(spec->chown) && (spec->link || nobody_below)) {
    return report->Error(chown->range,
                         absl::StrCat("--chown=", spec->chown, ": user and group names cannot be looked up ",
                                      spec->link ? "with --link" : "in an empty stage"),
                         "use numbers: --chown=UID:GID");
  }
  if (!ModeChange::Parse(spec->chmod).ok()) {
    return report->Error(chmod->range, absl::StrCat("invalid mode \"", spec->chmod, "\" of --chmod"),
                         "it is an octal number from 0 to 07777, or like u=rwX,go=rX");
  }
  return true;
}

bool StageEvaluator::CopySources(const Instruction& in, CopySpec* spec, std::string* shown) {
  for (size_t i = 0; i + 1 < in.args.size(); ++i) {
    const Word& word = in.args[i];
    Heredoc heredoc;
    if (ParseHeredocWord(word.text, &heredoc)) continue;
    std::string source;
    if (!ExpandWord(word, &source)) return false;
    absl::StrAppend(shown, " ", source);
    GitRef git;
    std::string error;
    const RemoteKind kind = ParseRemote(source, &git, &error);
    if (kind == RemoteKind::kBad) return context_.report->Error(word.range, error);
    if (kind == RemoteKind::kFile || (kind == RemoteKind::kGit && !git.like_a_path)) {
      if (in.kind == InstructionKind::kAdd) {
        return context_.report->Error(word.range, "ADD of URLs and repositories is not supported yet");
      }
      return context_.report->Error(word.range, "COPY does not fetch from the network", "ADD takes URLs");
    }
    if (spec->parents) {
      spec->sources.push_back(std::move(source));  // "/./" has a meaning
    } else {
      const std::string clean = CleanPath(absl::StrCat("/", source));
      spec->sources.push_back(clean == "/" ? "." : clean.substr(1));
    }
  }
  return true;
}

bool StageEvaluator::CheckChecksum(const Instruction& in, const CopySpec& spec) {
  const Flag* flag = FindFlag(in, "checksum");
  std::string checksum;
  if (flag == nullptr) return true;
  if (!ExpandText(flag->value, flag->range, &checksum)) return false;
  if (checksum.empty()) return true;
  if (spec.sources.size() != 1) {
    return context_.report->Error(flag->range, "--checksum is for one source, no more and no less");
  }
  return context_.report->Error(flag->range, "--checksum is for URLs and repositories of git");
}

bool StageEvaluator::InlineFiles(const Instruction& in, CopySpec* spec, std::string* shown) {
  for (size_t i = 0; i + 1 < in.args.size(); ++i) {
    Heredoc heredoc;
    if (!ParseHeredocWord(in.args[i].text, &heredoc)) continue;
    // The last body of a name serves all words of that name.
    for (const Heredoc& h : in.heredocs) {
      if (h.name != heredoc.name) continue;
      heredoc.body = h.body;
      heredoc.body_range = h.body_range;
    }
    if (heredoc.strip_tabs) heredoc.body = StripLeadingTabs(heredoc.body);
    if (heredoc.expand) {
      if (!ExpandBody(&heredoc)) return false;
    }
    absl::StrAppend(shown, " <<", heredoc.name);
    spec->inline_files.emplace_back(heredoc.name, std::move(heredoc.body));
  }
  return true;
}

bool StageEvaluator::ExpandBody(Heredoc* heredoc) {
  ExpandOptions options;  // always the backslash here
  options.plain_quotes = true;
  Expansion expansion;
  ExpandError error;
  const auto lookup = [this](absl::string_view name) { return state_.env.Get(name); };
  if (Expand(heredoc->body, lookup, options, &expansion, &error)) {
    heredoc->body = std::move(expansion.text);
    return true;
  }
  // Columns are those of the file, unless tabs were stripped.
  const absl::string_view before = absl::string_view(heredoc->body).substr(0, error.offset);
  SourceRange at = heredoc->body_range;
  at.line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  at.column = static_cast<int>(before.size() - (before.rfind('\n') + 1)) + 1;
  at.end_line = at.line;
  at.end_column = at.column + 1;
  return context_.report->Error(at, absl::StrReplaceAll(error.message, {{"\n", "\\n"}}));
}

}  // namespace kasane
