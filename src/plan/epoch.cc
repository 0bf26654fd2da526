#include "src/plan/epoch.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "src/base/digest.h"
#include "src/dockerfile/heredoc.h"
#include "src/plan/check.h"
#include "src/plan/git_remote.h"
#include "src/plan/words.h"

namespace kasane {
namespace {

class StageTime {
 public:
  StageTime(const DockerfileAst& ast, const PlanOptions& options, const Arguments& arguments, Report* report)
      : options_(options), arguments_(arguments), report_(report), env_(arguments.global) {
    expand_.escape = ast.escape;
    env_.Remove(kEpochName);
  }

  // The stage's FROM and what follows it. False: reported.
  bool Read(const Instruction* in, const Instruction* end, Epoch* time) {
    std::string base;
    if (!Expand(in->args[0].text, in->args[0].range, &base)) return false;
    if (base != "scratch") return Unfit(in->range, "it must be FROM scratch");
    const Instruction* from = in;
    for (++in; in != end && in->kind != InstructionKind::kFrom; ++in) {
      if (in->kind == InstructionKind::kArg) {
        if (!SetArguments(*in)) return false;
      } else if (in->kind != InstructionKind::kAdd || found_) {
        return Unfit(in->range, found_ ? "one ADD is enough" : "it may hold ARG and ADD alone");
      } else if (!ReadAdd(*in)) {
        return false;
      }
    }
    if (!found_) return Unfit(from->range, "it must ADD a URL or a repository");
    std::string message;
    if (options_.time_of == nullptr || options_.time_of(context_, time, &message)) return true;
    return report_->Error(context_.remotes[0].range, message);
  }

 private:
  bool Unfit(const SourceRange& range, absl::string_view why) {
    return report_->Error(range, absl::StrCat("SOURCE_DATE_EPOCH cannot be the time of this stage: ", why),
                          "such a stage is FROM scratch with one ADD of one URL or repository");
  }

  bool Expand(absl::string_view text, const SourceRange& range, std::string* out) {
    Expansion expanded;
    if (!ExpandAt(text, range, env_, expand_, report_, &expanded)) return false;
    *out = expanded.text;
    return true;
  }

  bool SetArguments(const Instruction& in) {
    for (const KeyValue& pair : in.pairs) {
      const auto given = arguments_.build_args.find(pair.key.text);
      std::string value;
      if (given != arguments_.build_args.end()) {
        value = given->second;
      } else if (!pair.has_value) {
        continue;
      } else if (!Expand(pair.value.text, pair.value.range, &value)) {
        return false;
      }
      env_.Set(pair.key.text, value);
    }
    return true;
  }

  bool ReadAdd(const Instruction& in) {
    found_ = true;
    Heredoc heredoc;
    if (in.args.size() != 2 || ParseHeredocWord(in.args[0].text, &heredoc)) {
      return Unfit(in.range, "its ADD has not one source");
    }
    const SourceRange& range = in.args[0].range;
    std::string source, checksum, error, help;
    if (!Expand(in.args[0].text, range, &source)) return false;
    const Flag* flag = FindFlag(in, "checksum");
    if (flag != nullptr && !Expand(flag->value, flag->range, &checksum)) return false;
    PlanRemote remote;
    GitRef git;
    switch (ParseRemote(source, &git, &error)) {
      case RemoteKind::kBad:
        return report_->Error(range, error);
      case RemoteKind::kFile: {
        HttpSpec http;
        http.url = source;
        http.name = FileNameOfUrl(source);
        const absl::StatusOr<Digest> digest = Digest::Parse(checksum);
        if (digest.ok()) http.checksum = *digest;  // a wrong one is an error where the stage is built
        context_.copy.sources = {http.name};
        remote.spec = std::move(http);
        break;
      }
      case RemoteKind::kGit:
        if (!git.like_a_path) {
          if (!checksum.empty()) git.checksum = checksum;
          if (!MakeGitRemote(git, &remote, &error, &help)) return report_->Error(range, error, help);
          context_.copy.sources = {std::string()};
          break;
        }
        [[fallthrough]];
      case RemoteKind::kNone:
        return Unfit(range, "its source is no URL and no repository");
    }
    remote.range = range;
    context_.kind = PlanContext::Kind::kFiles;
    context_.copy.remotes = {0};
    context_.copy.destination = std::string("/");  // GCC 12 at -O2 sees an overlap in assigning the literal
    context_.remotes = {std::move(remote)};
    return true;
  }

  const PlanOptions& options_;
  const Arguments& arguments_;
  Report* report_;
  EnvList env_;
  ExpandOptions expand_;
  PlanContext context_;
  bool found_ = false;
};

// The named context of this name; null: there is none.
const PlanContext* FindContext(const PlanOptions& options, const std::string& name) {
  const absl::StatusOr<Reference> reference = ParseReference(name);
  if (!reference.ok()) return nullptr;
  auto found = options.contexts.find(ContextKey(reference->ShortName(), options.build_platform));
  if (found == options.contexts.end()) found = options.contexts.find(reference->ShortName());
  return found == options.contexts.end() ? nullptr : &found->second;
}

}  // namespace

bool ReadEpoch(const DockerfileAst& ast, const PlanOptions& options, const SourceRange& range, Report* report,
               Arguments* out) {
  const auto given = out->build_args.find(kEpochName);
  const auto global = out->global.Get(kEpochName);
  const bool is_given = given != out->build_args.end();
  const std::string value = is_given ? given->second : std::string(global.value_or(""));
  const auto fail = [&](const std::string& message, const std::string& help) {
    return is_given ? report->OptionError(message, help) : report->Error(range, message, help);
  };
  Epoch time;
  int64_t seconds = 0;
  if (absl::SimpleAtoi(value, &seconds)) {
    time = seconds;
  } else if (value == "context") {
    time = options.context_time;
  } else if (const PlanContext* context = value.empty() ? nullptr : FindContext(options, value)) {
    std::string message;
    const bool has_files = context->kind == PlanContext::Kind::kFiles && options.time_of != nullptr;
    if (has_files && !options.time_of(*context, &time, &message)) {
      return fail(absl::StrCat("the context ", value, ": ", message), "");
    }
  } else if (!value.empty()) {
    std::vector<std::string> names;
    const Instruction* end = ast.instructions.data() + ast.instructions.size();
    const Instruction* stage = nullptr;
    for (const Instruction& in : ast.instructions) {
      if (in.kind != InstructionKind::kFrom || in.args.size() != 3) continue;
      names.push_back(in.args[2].text);
      if (stage == nullptr && absl::EqualsIgnoreCase(in.args[2].text, value)) stage = &in;
    }
    if (stage == nullptr) {
      for (const auto& [name, context] : options.contexts) names.push_back(name);
      const std::string guess = ClosestMatch(value, names);
      return fail(absl::StrCat("invalid SOURCE_DATE_EPOCH \"", value, "\""),
                  guess.empty()
                      ? "it is a number of seconds since 1970, context, or the name of a context or stage"
                      : absl::StrCat("did you mean ", guess, "?"));
    }
    if (!StageTime(ast, options, *out, report).Read(stage, end, &time)) return false;
  }
  if (!time.has_value()) {
    if (is_given) out->build_args.erase(given);
    out->global.Remove(kEpochName);
    return true;
  }
  out->epoch = time;
  if (is_given) given->second = absl::StrCat(*time);
  if (global.has_value()) out->global.Set(kEpochName, absl::StrCat(*time));
  return true;
}

}  // namespace kasane
