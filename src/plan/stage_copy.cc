// COPY and ADD of a stage.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "src/base/file.h"
#include "src/base/utf8.h"
#include "src/contract/mode_change.h"
#include "src/contract/owner.h"
#include "src/dockerfile/heredoc.h"
#include "src/plan/check.h"
#include "src/plan/git_remote.h"
#include "src/plan/stage_evaluator.h"
#include "src/plan/words.h"

namespace kasane {
namespace {

// Columns are those of the file, unless tabs were stripped.
SourceRange PlaceInBody(const Heredoc& heredoc, size_t offset, size_t size) {
  const absl::string_view before = absl::string_view(heredoc.body).substr(0, offset);
  SourceRange at = heredoc.body_range;
  at.line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  at.column = static_cast<int>(before.size() - (before.rfind('\n') + 1)) + 1;
  at.end_line = at.line;
  at.end_column = at.column + static_cast<int>(size);
  return at;
}

}  // namespace

bool StageEvaluator::Copy(const StageInstruction& stage_instruction) {
  const Instruction& in = *stage_instruction.instruction;
  const bool add = in.kind == InstructionKind::kAdd;
  CopySpec spec;
  int source = stage_instruction.source;
  if (!stage_instruction.context.empty()) spec.from = absl::StrCat("context:", stage_instruction.context);
  if (source >= 0) spec.from = "stage";
  spec.epoch = context_.epoch;
  std::string sources, inline_files, destination;
  if (!CopyOptions(in, &spec)) return false;
  std::vector<PlanRemote> remotes;
  if (!CopySources(in, &spec, &remotes, &sources)) return false;
  if (source >= 0 && spec.sources.size() == spec.remotes.size()) {  // nothing is taken from it
    source = -1;
    spec.from = CopySpec().from;
  }
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
    spec.unpack_remotes = unpack != nullptr && spec.unpack && !remotes.empty();
  }
  if (!AddStep(in, std::move(spec), std::move(message), source)) return false;
  steps_->back().remotes = std::move(remotes);
  for (size_t i = 0; i + 1 < in.args.size(); ++i) {
    Heredoc heredoc;
    if (!ParseHeredocWord(in.args[i].text, &heredoc))
      steps_->back().source_ranges.push_back(in.args[i].range);
  }
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

// What flags say of sources on the network. Queries of repositories say the same, for themselves and all that
// follow (as in BuildKit).
struct StageEvaluator::RemoteOptions {
  const Flag* checksum_flag = nullptr;
  std::string checksum;
  absl::optional<bool> keep_git_dir;
};

bool StageEvaluator::ReadRemoteOptions(const Instruction& in, RemoteOptions* options) {
  if (FindFlag(in, "keep-git-dir") != nullptr) options->keep_git_dir = BoolFlag(in, "keep-git-dir");
  const Flag* flag = FindFlag(in, "checksum");
  if (flag == nullptr) return true;
  if (!ExpandText(flag->value, flag->range, &options->checksum)) return false;
  if (options->checksum.empty()) return true;
  options->checksum_flag = flag;
  size_t sources = 0;
  for (size_t i = 0; i + 1 < in.args.size(); ++i) {
    Heredoc heredoc;
    if (!ParseHeredocWord(in.args[i].text, &heredoc)) ++sources;
  }
  if (sources == 1) return true;
  return context_.report->Error(flag->range, "--checksum is for one source, no more and no less");
}

bool StageEvaluator::CopySources(const Instruction& in, CopySpec* spec, std::vector<PlanRemote>* remotes,
                                 std::string* shown) {
  RemoteOptions options;
  if (!ReadRemoteOptions(in, &options)) return false;
  for (size_t i = 0; i + 1 < in.args.size(); ++i) {
    const Word& word = in.args[i];
    Heredoc heredoc;
    if (ParseHeredocWord(word.text, &heredoc)) continue;
    std::string source;
    if (!ExpandWord(word, &source)) return false;
    absl::StrAppend(shown, " ", source);
    GitRef git;
    std::string error;
    RemoteKind kind = ParseRemote(source, &git, &error);
    if (kind == RemoteKind::kBad) return context_.report->Error(word.range, error);
    if (kind == RemoteKind::kGit && git.like_a_path) kind = RemoteKind::kNone;
    if (kind != RemoteKind::kNone) {
      if (in.kind != InstructionKind::kAdd) {
        return context_.report->Error(word.range, "COPY does not fetch from the network", "ADD takes URLs");
      }
      const bool ok = kind == RemoteKind::kFile ? AddFile(word, source, options, spec, remotes)
                                                : AddRepository(word, git, &options, spec, remotes);
      if (!ok) return false;
      continue;
    }
    if (options.checksum_flag != nullptr) {
      return context_.report->Error(options.checksum_flag->range,
                                    "--checksum is for URLs and repositories of git");
    }
    if (spec->from == "context") lint_.Source(source, word.range, *context_.options);
    if (spec->parents) {
      spec->sources.push_back(std::move(source));  // "/./" has a meaning
    } else {
      const std::string clean = CleanPath(absl::StrCat("/", source));
      spec->sources.push_back(clean == "/" ? "." : clean.substr(1));
    }
  }
  return true;
}

bool StageEvaluator::AddFile(const Word& word, const std::string& url, const RemoteOptions& options,
                             CopySpec* spec, std::vector<PlanRemote>* remotes) {
  HttpSpec http;
  http.url = url;
  http.name = FileNameOfUrl(url);
  if (options.checksum_flag != nullptr) {
    const absl::StatusOr<Digest> checksum = Digest::Parse(options.checksum);
    if (!checksum.ok()) {
      return context_.report->Error(options.checksum_flag->range,
                                    absl::StrCat("invalid checksum \"", options.checksum, "\""),
                                    "of a file it is sha256: and 64 hexadecimal digits");
    }
    if (checksum->empty()) {  // all zeros: what stands for "none" elsewhere
      return context_.report->Error(options.checksum_flag->range,
                                    "no content is known to have this checksum");
    }
    http.checksum = *checksum;
  }
  spec->remotes.push_back(static_cast<int>(spec->sources.size()));
  spec->sources.push_back(http.name);
  remotes->push_back({std::move(http), "", word.range, ""});
  return true;
}

bool StageEvaluator::AddRepository(const Word& word, const GitRef& git, RemoteOptions* options,
                                   CopySpec* spec, std::vector<PlanRemote>* remotes) {
  Report* report = context_.report;
  if (git.keep_git_dir.has_value()) {
    if (options->keep_git_dir.value_or(*git.keep_git_dir) != *git.keep_git_dir) {
      return report->Error(word.range, "this and what was said before of keep-git-dir are not the same");
    }
    options->keep_git_dir = git.keep_git_dir;
  }
  if (!git.checksum.empty()) {
    if (!options->checksum.empty() && options->checksum != git.checksum) {
      return report->Error(word.range,
                           absl::StrCat("two checksums: ", options->checksum, " and ", git.checksum));
    }
    options->checksum = git.checksum;
  }
  const SourceRange& range = options->checksum_flag != nullptr ? options->checksum_flag->range : word.range;
  GitRef wanted = git;
  wanted.checksum = options->checksum;
  wanted.keep_git_dir = options->keep_git_dir;
  PlanRemote remote;
  std::string error, help;
  if (!MakeGitRemote(wanted, &remote, &error, &help)) return report->Error(range, error, help);
  remote.range = word.range;
  spec->remotes.push_back(static_cast<int>(spec->sources.size()));
  spec->sources.emplace_back();
  remotes->push_back(std::move(remote));
  return true;
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
    lint_.Undefined(expansion, state_.env, state_.args, [&](absl::string_view name) {
      return PlaceInBody(*heredoc, heredoc->body.find(std::string(name)), name.size());
    });
    heredoc->body = ReplaceStrayBytes(expansion.text);
    return true;
  }
  return context_.report->Error(PlaceInBody(*heredoc, error.offset, 1),
                                absl::StrReplaceAll(error.message, {{"\n", "\\n"}}));
}

}  // namespace kasane
