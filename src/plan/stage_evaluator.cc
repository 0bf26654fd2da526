#include "src/plan/stage_evaluator.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/base/utf8.h"
#include "src/dockerfile/heredoc.h"
#include "src/dockerfile/quote.h"
#include "src/dockerfile/text.h"
#include "src/plan/check.h"
#include "src/plan/ports.h"
#include "src/plan/words.h"

namespace kasane {
namespace {

// "# kasane: layer NAME" among the comments above an instruction.
std::string LayerNameOf(const std::vector<Word>& comments) {
  for (const Word& comment : comments) {
    const std::vector<std::string> words = absl::StrSplit(comment.text, ' ', absl::SkipEmpty());
    if (words.size() == 3 && words[0] == "kasane:" && words[1] == "layer") return words[2];
  }
  return "";
}

constexpr char kHistoryComment[] = "buildkit.dockerfile.v0";

// WORKDIR's rule: an absolute path as it is, a relative one joined and cleaned, an empty one is the old one.
std::string JoinWorkdir(absl::string_view current, absl::string_view path) {
  std::string parent = current.empty() ? "/" : JoinPath("/", current);
  if (path.empty()) return parent;
  return absl::StartsWith(path, "/") ? std::string(path) : CleanPath(JoinPath(parent, path));
}

}  // namespace

bool StageEvaluator::Run(const Stage& stage, std::vector<PlanStep>* steps) {
  steps_ = steps;
  ImageConfig& image = state_.image;
  image.on_build.clear();
  state_.own_args.clear();
  state_.inherited_args.clear();
  if (!image.HasEnv("PATH")) image.SetEnv("PATH", kDefaultPath);
  // The image's variables come behind ARGs that the parent stage declared.
  for (const std::string& entry : image.env) {
    const size_t equals = entry.find('=');
    state_.env.Set(entry.substr(0, equals), equals == std::string::npos ? "" : entry.substr(equals + 1));
  }
  if (!image.working_dir.empty())
    image.working_dir = JoinWorkdir(image.working_dir, image.working_dir);  // twice, if relative
  for (const StageInstruction& in : stage.body) {
    if (!Evaluate(in)) return false;
  }
  return true;
}

bool StageEvaluator::Evaluate(const StageInstruction& stage_instruction) {
  const Instruction& in = *stage_instruction.instruction;
  ImageConfig& image = state_.image;
  lint_.Begin(in, image);
  switch (in.kind) {
    case InstructionKind::kArg:
      return Arg(in);
    case InstructionKind::kEnv:
      return Env(in);
    case InstructionKind::kLabel:
      return Label(in);
    case InstructionKind::kRun:
      return RunCommand(stage_instruction);
    case InstructionKind::kAdd:
    case InstructionKind::kCopy:
      return Copy(stage_instruction);
    case InstructionKind::kWorkdir:
      return Workdir(in);
    case InstructionKind::kExpose:
      return Expose(in);
    case InstructionKind::kUser:
      return User(in);
    case InstructionKind::kVolume:
      return Volume(in);
    case InstructionKind::kStopsignal:
      return StopSignal(in);
    case InstructionKind::kMaintainer:
      image.author = in.args[0].text;
      AddHistory(absl::StrCat("MAINTAINER ", image.author));
      return true;
    case InstructionKind::kCmd:
      image.cmd = CommandLine(in);
      image.args_escaped = true;
      cmd_set_ = true;
      AddHistory(absl::StrCat("CMD ", GoQuotedList(image.cmd)));
      return true;
    case InstructionKind::kEntrypoint:
      image.entrypoint = CommandLine(in);
      if (!cmd_set_) image.cmd.clear();  // an inherited CMD was meant for another entrypoint
      AddHistory(absl::StrCat("ENTRYPOINT ", GoQuotedList(image.entrypoint)));
      return true;
    case InstructionKind::kShell:
      image.shell = CommandLine(in);
      AddHistory(absl::StrCat("SHELL ", GoList(image.shell)));
      return true;
    case InstructionKind::kHealthcheck: {
      const Healthcheck h = ReadHealthcheck(in);
      image.healthcheck = h;
      AddHistory(absl::StrCat("HEALTHCHECK ", DescribeHealthcheck(h)));
      return true;
    }
    case InstructionKind::kOnbuild:
      image.on_build.push_back(OnbuildText(in));
      return true;
    case InstructionKind::kFrom:
      break;  // begins a stage: never in the body of one
  }
  return true;
}

bool StageEvaluator::ExpandText(absl::string_view text, const SourceRange& range, std::string* out) {
  ExpandOptions options;
  options.escape = context_.escape;
  Expansion expansion;
  if (!ExpandAt(text, range, state_.env, options, context_.report, &expansion)) return false;
  lint_.Undefined(expansion, state_.env, state_.args,
                  [&](absl::string_view name) { return PlaceOfVariable(text, range, name); });
  *out = std::move(expansion.text);
  return true;
}

bool StageEvaluator::ExpandPairs(const Instruction& in,
                                 std::vector<std::pair<std::string, std::string>>* out) {
  for (const KeyValue& pair : in.pairs) {
    out->emplace_back();
    if (!ExpandWord(pair.key, &out->back().first) || !ExpandWord(pair.value, &out->back().second))
      return false;
    lint_.Pair(pair, out->back().first);
  }
  return true;
}

std::vector<std::string> StageEvaluator::WithShell(std::string line) const {
  std::vector<std::string> argv = state_.image.shell;
  if (argv.empty()) argv = {"/bin/sh", "-c"};
  argv.push_back(std::move(line));
  return argv;
}

std::vector<std::string> StageEvaluator::CommandLine(const Instruction& in) const {
  if (!in.json) return WithShell(in.args.empty() ? "" : in.args[0].text);
  std::vector<std::string> argv;
  for (const Word& word : in.args) argv.push_back(word.text);
  return argv;
}

void StageEvaluator::AddHistory(std::string created_by) {
  ImageSpec::History entry;
  entry.created_by = std::move(created_by);
  entry.comment = kHistoryComment;
  state_.history.push_back(std::move(entry));
}

bool StageEvaluator::AddStep(const Instruction& in, Spec spec, std::string created_by, int source) {
  AddHistory(std::move(created_by));
  state_.history.back().step = state_.steps++;
  PlanStep step;
  step.spec = std::move(spec);
  step.range = in.range;
  step.text = in.text;
  step.source_stage = source;
  step.comments = in.comments;
  step.layer = LayerNameOf(in.comments);
  const auto is_same = [&step](const PlanStep& before) { return before.layer == step.layer; };
  if (!step.layer.empty() && !steps_->empty() && !is_same(steps_->back()) &&
      std::any_of(steps_->begin(), steps_->end(), is_same)) {
    return context_.report->Error(in.keyword.range, absl::StrCat("layer ", step.layer, " has ended above"),
                                  "the instructions of a layer stand one after another");
  }
  steps_->push_back(std::move(step));
  return true;
}

// One after the other: a default may use the ARG before it. The name is not expanded.
bool StageEvaluator::Arg(const Instruction& in) {
  std::string message = "ARG";
  for (const KeyValue& pair : in.pairs) {
    const std::string& key = pair.key.text;
    absl::optional<std::string> value;
    bool inherited = false;
    lint_.Pair(pair, key);
    auto given = context_.build_args->find(key);
    if (given != context_.build_args->end()) {
      value = given->second;
    } else if (pair.has_value) {
      value.emplace();
      if (!ExpandWord(pair.value, &*value)) return false;
    } else if (const auto global = context_.global_args->Get(key)) {
      value = std::string(*global);
      inherited = true;
    }
    if (inherited) {
      state_.inherited_args.insert(key);
    } else {
      state_.own_args.push_back({key, value.value_or(""), DescriptionOf(in.comments, key), in.range});
    }
    absl::StrAppend(&message, " ", key, value.has_value() ? "=" : "", value.value_or(""));
    // These two steer the scanner of software bills and are no variables.
    const bool variable = key != "BUILDKIT_SBOM_SCAN_CONTEXT" && key != "BUILDKIT_SBOM_SCAN_STAGE";
    if (value.has_value() && variable) state_.env.Set(key, *value);
    state_.args.emplace_back(key, value);
  }
  AddHistory(message);
  return true;
}

bool StageEvaluator::Env(const Instruction& in) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (!ExpandPairs(in, &pairs)) return false;
  std::string message = "ENV";
  for (const auto& [key, value] : pairs) {
    absl::StrAppend(&message, " ", key, "=", value);
    state_.env.Set(key, value);
    state_.image.SetEnv(key, value);
  }
  AddHistory(message);
  return true;
}

bool StageEvaluator::Label(const Instruction& in) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (!ExpandPairs(in, &pairs)) return false;
  std::string message = "LABEL";
  for (const auto& [key, value] : pairs) {
    absl::StrAppend(&message, " ", key, "=", value);
    state_.image.labels[key] = value;
  }
  AddHistory(message);
  return true;
}

bool StageEvaluator::RunCommand(const StageInstruction& stage_instruction) {
  const Instruction& in = *stage_instruction.instruction;
  if (!CheckPlatform(in)) return false;
  RunSpec spec;
  if (in.heredocs.empty()) {
    spec.argv = CommandLine(in);
  } else {
    // The shell form always: JSON takes no heredocs.
    const std::string line = in.args.empty() ? "" : in.args[0].text;
    Heredoc alone;
    const Heredoc& first = in.heredocs[0];
    if (ParseHeredocWord(line, &alone)) {
      std::string script = first.strip_tabs ? StripLeadingTabs(first.body) : first.body;
      if (absl::StartsWith(script, "#!")) {
        spec.argv = WithShell(absl::StrCat("/dev/pipes/", first.name));
        spec.inline_files.emplace_back(first.name, std::move(script));
      } else {
        spec.argv = WithShell(std::move(script));
      }
    } else {
      std::string script = line;
      for (const Heredoc& h : in.heredocs) absl::StrAppend(&script, "\n", h.body, h.name);
      spec.argv = WithShell(std::move(script));
    }
  }
  for (const std::string& word : spec.argv) {
    if (!IsUtf8(word)) return context_.report->Error(in.range, "the command holds bytes that are not UTF-8");
  }
  const PlanOptions& options = *context_.options;
  spec.env = state_.env.ToStrings();
  spec.proxy_env = context_.proxy_env;
  spec.user = state_.image.user;
  spec.workdir = CleanPath(JoinWorkdir("/", state_.image.working_dir));
  const auto hostname = context_.build_args->find("BUILDKIT_SANDBOX_HOSTNAME");
  if (hostname != context_.build_args->end() && !hostname->second.empty()) spec.hostname = hostname->second;
  spec.add_hosts = options.add_hosts;
  spec.ulimits = options.ulimits;
  spec.shm_size = options.shm_size;
  spec.stat_level = options.stat_level;
  spec.profiles = options.profiles;
  spec.platform = state_.platform.ToString();
  spec.epoch = context_.epoch;
  PlanStep sources;
  if (!RunFlags(stage_instruction, &spec, &sources)) return false;

  // ARGs stand in front of the command, each once, with the value that the process sees.
  std::vector<std::string> args;
  std::vector<absl::string_view> names;
  for (const auto& [name, value] : state_.args) {
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      const size_t at = static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
      args[at] = absl::StrCat(name, "=", state_.env.Get(name).value_or(value.value_or("")));
      continue;
    }
    names.emplace_back(name);
    args.push_back(absl::StrCat(name, "=", state_.env.Get(name).value_or(value.value_or(""))));
  }
  std::string message = "RUN ";
  if (!args.empty()) absl::StrAppend(&message, "|", args.size(), " ", absl::StrJoin(args, " "), " ");
  absl::StrAppend(&message, absl::StrJoin(spec.argv, " "), kFileStepSuffix);
  if (!AddStep(in, std::move(spec), std::move(message))) return false;
  steps_->back().mount_stages = std::move(sources.mount_stages);
  steps_->back().source_ranges = std::move(sources.source_ranges);
  return true;
}

// What counts is what the base image says of itself: one for another platform than was asked for may well
// run.
bool StageEvaluator::CheckPlatform(const Instruction& in) {
  const ImageConfig& image = state_.image;
  const Platform platform = {image.os, image.architecture, image.variant};
  const PlanOptions& options = *context_.options;
  if (options.can_run == nullptr || options.can_run(platform)) return true;
  return context_.report->Error(in.keyword.range,
                                absl::StrCat("this machine (", options.build_platform.ToString(),
                                             ") cannot run programs of ", platform.ToString()),
                                "register an emulator with binfmt_misc and its flag F (Debian: "
                                "qemu-user-static), or build what needs a RUN "
                                "in a stage FROM --platform=$BUILDPLATFORM");
}

std::string StageEvaluator::Destination(absl::string_view path) const {
  if (absl::StartsWith(path, "/")) return std::string(path);
  if (path.empty() || path == ".") path = "./";
  std::string out = CleanPath(JoinPath(JoinWorkdir("/", state_.image.working_dir), path));
  if (absl::EndsWith(path, "/")) {
    if (out != "/") out += '/';
  } else if (absl::EndsWith(path, "/.")) {
    absl::StrAppend(&out, out == "/" ? "." : "/.");
  }
  return out;
}

bool StageEvaluator::Workdir(const Instruction& in) {
  std::string path;
  if (!ExpandWord(in.args[0], &path)) return false;
  lint_.Workdir(path, &state_.workdir_set);
  std::string& workdir = state_.image.working_dir;
  workdir = JoinWorkdir(workdir, path);
  if (workdir == "/") {
    AddHistory("WORKDIR /");
    return true;
  }
  WorkdirSpec spec;
  spec.path = CleanPath(workdir);
  spec.user = state_.image.user;
  spec.epoch = context_.epoch;
  return AddStep(in, std::move(spec), absl::StrCat("WORKDIR ", workdir));
}

bool StageEvaluator::Expose(const Instruction& in) {
  // Sorted as they are written, before expansion: that is the order in the history.
  std::vector<const Word*> words;
  for (const Word& word : in.args) words.push_back(&word);
  std::stable_sort(words.begin(), words.end(),
                   [](const Word* a, const Word* b) { return a->text < b->text; });
  ExpandOptions options;
  options.escape = context_.escape;
  std::vector<std::string> ports;
  for (const Word* word : words) {
    Expansion expansion;
    if (!ExpandAt(word->text, word->range, state_.env, options, context_.report, &expansion)) return false;
    for (const ExpandedWord& port : expansion.words) {
      std::string error;
      lint_.Port(port.text, word->range);
      if (!ParsePorts(port.text, &ports, &error)) return context_.report->Error(word->range, error);
    }
  }
  state_.image.exposed_ports.insert(ports.begin(), ports.end());
  AddHistory(absl::StrCat("EXPOSE ", GoList(ports)));
  return true;
}

bool StageEvaluator::User(const Instruction& in) {
  if (!ExpandWord(in.args[0], &state_.image.user)) return false;
  AddHistory(absl::StrCat("USER ", state_.image.user));
  return true;
}

bool StageEvaluator::Volume(const Instruction& in) {
  std::vector<std::string> volumes;
  for (const Word& word : in.args) {
    std::string volume;
    if (!ExpandText(Trim(word.text), word.range, &volume)) return false;
    if (volume.empty()) return context_.report->Error(word.range, "a VOLUME cannot be an empty string");
    volumes.push_back(std::move(volume));
  }
  state_.image.volumes.insert(volumes.begin(), volumes.end());
  AddHistory(absl::StrCat("VOLUME ", GoList(volumes)));
  return true;
}

bool StageEvaluator::StopSignal(const Instruction& in) {
  std::string signal;
  if (!ExpandWord(in.args[0], &signal)) return false;
  if (!IsSignal(signal)) {
    return context_.report->Error(in.args[0].range, absl::StrCat("invalid signal \"", signal, "\""),
                                  "write a name like SIGTERM, or a number");
  }
  state_.image.stop_signal = signal;
  AddHistory(absl::StrCat("STOPSIGNAL ", signal));
  return true;
}

}  // namespace kasane
