// LintReruns, see lint_context.h.
#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "generator/lint_context.h"
#include "src/base/file.h"
#include "src/contract/mount_sources.h"

namespace kasane {
namespace {

// Variables that are given another value for each build or commit.
constexpr absl::string_view kVolatile[] = {
    "BUILD_DATE", "BUILD_TIME",    "BUILD_TIMESTAMP", "BUILD_NUMBER", "BUILD_ID",   "GIT_COMMIT",  "GIT_SHA",
    "GIT_HASH",   "GIT_REVISION",  "GIT_REF",         "COMMIT",       "COMMIT_SHA", "COMMIT_HASH", "VCS_REF",
    "REVISION",   "SOURCE_COMMIT", "CI_COMMIT_SHA",   "GITHUB_SHA",   "CACHEBUST"};

using Tokens = std::vector<absl::string_view>;

// Words of a shell line, commands cut off from each other by an empty word.
Tokens Tokenize(absl::string_view command) {
  Tokens out;
  size_t begin = 0;
  for (size_t i = 0; i <= command.size(); ++i) {
    const char c = i < command.size() ? command[i] : '\n';
    const bool separator = absl::StrContains(";&|()\n", c);
    if (!separator && c != ' ' && c != '\t') continue;
    if (i > begin) out.push_back(command.substr(begin, i - begin));
    if (separator) out.emplace_back();
    begin = i + 1;
  }
  return out;
}

// Words of the command that begins with `program` and one of `verbs`, if there is one; else nothing.
Tokens FindCommand(const Tokens& tokens, absl::string_view program,
                   const std::set<absl::string_view>& verbs) {
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    const bool here = tokens[i] == program || absl::EndsWith(tokens[i], absl::StrCat("/", program));
    if (!here || verbs.count(tokens[i + 1]) == 0) continue;
    const auto end =
        std::find(tokens.begin() + static_cast<std::ptrdiff_t>(i), tokens.end(), absl::string_view());
    return {tokens.begin() + static_cast<std::ptrdiff_t>(i), end};
  }
  return {};
}

bool Contains(const Tokens& tokens, absl::string_view word) {
  return std::find(tokens.begin(), tokens.end(), word) != tokens.end();
}

// True if one of the paths lies in the other.
bool Overlap(absl::string_view a, absl::string_view b) {
  const std::string x = CleanPath(a), y = CleanPath(b);
  const auto inside = [](const std::string& outer, const std::string& inner) {
    return outer == inner || outer == "/" || absl::StartsWith(inner, absl::StrCat(outer, "/"));
  };
  return inside(x, y) || inside(y, x);
}

class RerunLinter {
 public:
  RerunLinter(const ScannedContext& context, Linter* linter) : context_(context), linter_(linter) {}

  void Lint(const Plan& plan) {
    stages_.resize(plan.stages.size());
    for (size_t i = 0; i < plan.stages.size(); ++i) {
      const PlanStage& stage = plan.stages[i];
      Seen& seen = stages_[i];
      if (stage.parent >= 0) seen = stages_[static_cast<size_t>(stage.parent)];
      for (const PlanStep& step : stage.steps) {
        if (const CopySpec* copy = std::get_if<CopySpec>(&step.spec)) {
          AddCopy(*copy, &seen);
        } else if (const RunSpec* run = std::get_if<RunSpec>(&step.spec)) {
          LintRun(stage, step, *run, &seen);
        }
      }
    }
  }

 private:
  // What lies below a RUN in its stage.
  struct Seen {
    std::vector<std::string> copied;  // destinations of copies from the context
    bool repository = false;          // a .git was among them
    std::set<std::string> told;       // variables
  };

  void AddCopy(const CopySpec& copy, Seen* seen) {
    if (copy.from != "context") return;
    seen->copied.push_back(copy.destination);
    const bool excluded =
        std::find(copy.excludes.begin(), copy.excludes.end(), ".git") != copy.excludes.end();
    seen->repository |= !excluded && HoldRepository(copy.sources);
  }

  // True if one of the context's directories is a working tree.
  bool HoldRepository(const std::vector<std::string>& sources) const {
    return context_.scan != nullptr &&
           std::any_of(sources.begin(), sources.end(), [this](const std::string& source) {
             return context_.scan->Find(source == "." ? ".git" : JoinPath(source, ".git")) != nullptr;
           });
  }

  void Warn(const PlanStep& step, std::string message, std::string help) {
    linter_->Warn(lint::kRunRerunsOften, step.range, step.comments, std::move(message), std::move(help));
  }

  void LintRun(const PlanStage& stage, const PlanStep& step, const RunSpec& run, Seen* seen) {
    const std::string command = absl::StrJoin(run.argv, " ");
    const Tokens tokens = Tokenize(command);
    LintGo(step, run, tokens, *seen);
    LintOwners(step, run, tokens, *seen);
    std::vector<std::string> variables;
    for (const std::string& entry : run.env) variables.push_back(entry.substr(0, entry.find('=')));
    for (const BuildArg& arg : stage.args) {  // those without a value too: another build gives them one
      const bool above = arg.range.line > stage.range.line && arg.range.line < step.range.line;
      if (above) variables.push_back(arg.name);
    }
    LintVariables(step, variables, command, seen);
  }

  void LintGo(const PlanStep& step, const RunSpec& run, const Tokens& tokens, const Seen& seen) {
    const Tokens go =
        FindCommand(tokens, "go", {"build", "install", "run", "test", "vet", "generate", "list"});
    if (go.empty() || Contains(go, "-buildvcs=false")) return;
    if (!seen.repository && !HoldRepository(ContextMountSources(run)[""].sources)) return;
    for (const std::string& entry : run.env) {
      if (absl::StartsWith(entry, "GOFLAGS=") && absl::StrContains(entry, "-buildvcs=false")) return;
    }
    Warn(step, absl::StrCat("go ", go[1], " reads .git, so every commit runs it again"),
         context_.ignore_file.empty()
             ? "put .git into .dockerignore, or build with -buildvcs=false"
             : absl::StrCat("add .git to ", context_.ignore_file, ", or build with -buildvcs=false"));
  }

  void LintOwners(const PlanStep& step, const RunSpec& run, const Tokens& tokens, const Seen& seen) {
    for (absl::string_view program : {"chown", "chmod"}) {
      const Tokens words = FindCommand(tokens, program, {"-R", "--recursive"});
      // Flags, owner or mode, then paths.
      for (size_t i = 3; i < words.size(); ++i) {
        const std::string path =
            absl::StartsWith(words[i], "/") ? std::string(words[i]) : JoinPath(run.workdir, words[i]);
        const bool copied = std::any_of(seen.copied.begin(), seen.copied.end(),
                                        [&](const std::string& to) { return Overlap(to, path); });
        if (!copied) continue;
        Warn(step,
             absl::StrCat(program, " -R of ", words[i],
                          " runs again when any file in it is edited, and stores all twice"),
             absl::StrCat("give the COPY --", program, "=", words[2], " instead"));
        return;
      }
    }
  }

  void LintVariables(const PlanStep& step, const std::vector<std::string>& variables,
                     absl::string_view command, Seen* seen) {
    for (const std::string& name : variables) {
      const bool changes = std::find(std::begin(kVolatile), std::end(kVolatile), name) != std::end(kVolatile);
      if (!changes || absl::StrContains(command, name) || !seen->told.insert(name).second) continue;
      Warn(step, absl::StrCat("it runs again whenever ", name, " changes, and does not use it"),
           absl::StrCat("move the ARG or ENV of ", name, " down to where it is used"));
    }
  }

  const ScannedContext& context_;
  Linter* linter_;
  std::vector<Seen> stages_;
};

}  // namespace

void LintReruns(const Plan& plan, const ScannedContext& context, Linter* linter) {
  RerunLinter(context, linter).Lint(plan);
}

}  // namespace kasane
