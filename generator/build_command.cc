#include "generator/build_command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "generator/build_progress.h"
#include "generator/build_view.h"
#include "generator/layout.h"
#include "generator/ninja_run.h"
#include "generator/ninja_writer.h"
#include "generator/options.h"
#include "generator/workspace.h"
#include "generator/workspace_bases.h"
#include "src/base/child.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/config/workspace_file.h"
#include "src/containers/image_source.h"
#include "src/contract/record.h"
#include "src/steps/run_why.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr char kLiveStub[] = ".kasane/live.ninja";

constexpr char kHelp[] =
    "gen build: gen and ninja, shown as they go on.\n"
    "\n"
    "  gen build [--progress=MODE] [--make=TARGET]... [OPTION]... [CONTEXT]\n"
    "\n"
    "      --progress MODE   auto (default: tty on a terminal, else plain), tty, plain, json (an object a "
    "line) or quiet "
    "(the\n"
    "                        digest alone)\n"
    "  -q, --quiet           --progress=quiet\n"
    "      --make TARGET     one of ninja's instead of image: archive, push, stage/NAME; may be repeated\n"
    "\n"
    "Where a kasane.toml is: all its images, or with --make those that are named.\n"
    "\n"
    "All other words are gen's (gen --help); without any, the options are those of the last gen here. The "
    "build is the "
    "one\n"
    "that `gen && ninja image` makes, but RUNs of different stages may run at once, for none needs the "
    "terminal.\n";

struct BuildOptions {
  std::string progress = "auto";
  std::vector<std::string> targets, gen_words;
  bool help = false;
};

// False: `error` says why.
bool ParseBuild(const std::vector<std::string>& args, BuildOptions* options, std::string* error) {
  for (size_t i = 0; i < args.size(); ++i) {
    std::string value;
    const auto is = [&](absl::string_view name) {
      absl::string_view word = args[i];
      if (!absl::ConsumePrefix(&word, name)) return false;
      if (absl::ConsumePrefix(&word, "=")) {
        value = std::string(word);
      } else if (!word.empty()) {
        return false;
      } else if (i + 1 < args.size()) {
        value = args[++i];
      }
      return true;
    };
    if (args[i] == "--") {
      options->gen_words.insert(options->gen_words.end(), args.begin() + static_cast<std::ptrdiff_t>(i),
                                args.end());
      return true;
    }
    if (args[i] == "--help" || args[i] == "-h") {
      options->help = true;
    } else if (args[i] == "--quiet" || args[i] == "-q") {
      options->progress = "quiet";
    } else if (is("--progress")) {
      options->progress = value;
    } else if (is("--make")) {
      if (value.empty()) return *error = "--make needs a target", false;
      options->targets.push_back(value);
    } else {
      options->gen_words.push_back(args[i]);
    }
  }
  return true;
}

// As NinjaStub, but no RUN waits for the terminal.
std::string LiveStub() {
  return absl::StrCat(
      "# Made by gen (Kasane) for gen build: build.ninja, but RUNs need no terminal.\nbuilddir = "
      ".kasane\nkasane =\n"
      "pool kasane_pull\n  depth = 4\nkasane_pull_pool = kasane_pull\nkasane_console = --console\n"
      "include .kasane/image.ninja\nbuild ",
      kLiveStub, ": phony .kasane/stamp\n");
}

bool IsInstruction(const std::string& record) {
  return absl::EndsWith(record, "-run.json") || absl::EndsWith(record, "-copy.json") ||
         absl::EndsWith(record, "-workdir.json");
}

class Build {
 public:
  Build(const BuildOptions& options, std::string gen, std::string store, BuildView* view, Messages* messages)
      : options_(options),
        gen_(std::move(gen)),
        store_(std::move(store)),
        view_(view),
        messages_(messages),
        progress_([this](const std::string& step, const std::string& text) { return TitleOf(step, text); },
                  SecondsOfLastRun) {}

  int Run() {
    const absl::Time began = absl::Now();
    Options options;
    Diagnostic error;
    if (!ParseOptions(options_.gen_words, ProcessEnvironment, &options, &error)) {
      messages_->Add(error);
      return options.wrong_value ? kFailed : kWrongUsage;
    }
    if (!Generate()) return kFailed;
    struct stat info;
    const bool is_directory = stat(options.context.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
    const std::string directory = !options.build_dir.empty() ? options.build_dir
                                  : is_directory             ? options.context
                                                             : ".";
    if (chdir(directory.c_str()) != 0)
      return Failed(ErrnoStatus(errno, absl::StrCat("cannot enter ", directory)));
    const bool workspace = !PathExists(".kasane/image.ninja");
    states_ = workspace ? StatesOfWorkspace() : std::vector<std::string>{kStateName};
    NinjaRequest request;
    if (!workspace) {
      if (const absl::Status written = WriteFileIfChanged(kLiveStub, LiveStub()).status(); !written.ok())
        return Failed(written);
      request.words = {"-f", kLiveStub};
    }
    ReadGraphs();
    request.words.insert(request.words.end(), options_.targets.begin(), options_.targets.end());
    if (options_.targets.empty()) request.words.emplace_back(workspace ? "all-images" : "image");
    request.on_news = [this](const StepNews& news) {
      std::vector<std::string> lines;
      const ShownStep* step = progress_.Take(news, absl::Now(), &lines);
      view_->Show(news, *step, lines);
    };
    request.on_tick = [this] { view_->Tick(progress_); };
    const absl::StatusOr<NinjaEnd> end = RunNinja(request);
    view_->End();
    if (!end.ok()) return Failed(end.status());
    if (end->exit_code != 0) {
      std::fputs(WhatWentWrong(end->output).c_str(), stderr);
      return end->signal != 0 ? 128 + end->signal : kFailed;
    }
    view_->Summarize(Summary(absl::Now() - began));
    return 0;
  }

 private:
  int Failed(const absl::Status& status) {
    messages_->Error(status.message());
    return kFailed;
  }

  // False: it has said why.
  bool Generate() {
    ChildCommand command;
    command.words = {gen_};
    if (options_.gen_words.empty() && PathExists(".kasane/arguments.json")) {
      command.words.insert(command.words.end(), {"regenerate", "--note", kStateName});
    } else if (const absl::StatusOr<WorkspaceOrigin> baked = ReadWorkspaceOrigin();
               options_.gen_words.empty() && !IsWorkspace() && baked.ok()) {
      const std::vector<std::string> words = baked->Words();  // what gen bake has read last
      command.words.insert(command.words.end(), words.begin(), words.end());
    } else {
      command.words.insert(command.words.end(), options_.gen_words.begin(), options_.gen_words.end());
    }
    std::string error;
    const pid_t pid = StartChild(command, {STDIN_FILENO, STDERR_FILENO, -1}, &error);
    return pid > 0 && WaitForChild(pid) == 0;
  }

  // The name of a workspace's image; "" if there is but one.
  static std::string NameOf(const std::string& state) { return std::string(Basename(Dirname(state))); }

  // What its steps are called by, in front.
  static std::string MarkOf(const std::string& state) {
    const std::string name = NameOf(state);
    return name.empty() ? "" : absl::StrCat("[", name, "] ");
  }

  // What steps are called.
  void ReadGraphs() {
    titles_.clear();
    for (const std::string& state : states_) ReadGraph(state);
  }
  void ReadGraph(const std::string& state) {
    const std::string text = ReadFile(state + "/image.ninja").value_or("");
    const std::string mark = MarkOf(state);
    std::string record;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      if (absl::ConsumePrefix(&line, "build $records")) {
        record = absl::StrCat(state, "/records", line.substr(0, line.find_first_of(" :")));
        titles_[record];
      } else if (absl::ConsumePrefix(&line, "  what = ") && !record.empty()) {
        titles_[record] = absl::StrCat(mark, absl::StrReplaceAll(line, {{"$$", "$"}}));
      }
    }
  }

  std::string TitleOf(const std::string& step, const std::string& text) const {
    if (!text.empty()) return absl::StrCat(MarkOf(step.substr(0, step.find("/records/"))), text);
    const auto found = titles_.find(step);
    return found != titles_.end() && !found->second.empty() ? found->second : step;
  }

  // What was not heard of was up to date.
  BuildSummary Summary(absl::Duration took) {
    ReadGraphs();  // a regeneration may have changed them
    BuildSummary summary;
    summary.took = took;
    for (const auto& [record, title] : titles_) {
      if (!IsInstruction(record) || !PathExists(record)) continue;
      if (progress_.Ran(record)) {
        ++summary.ran;
        continue;
      }
      ++summary.hits;
      summary.saved += SecondsOfLastRun(record);
    }
    const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(store_);
    if (!store.ok()) return summary;
    for (const std::string& state : states_) {
      const std::string directory(Dirname(state));
      const absl::StatusOr<BuiltImage> image = FindBuiltImage(**store, "", directory);
      const absl::StatusOr<BuiltImage> whole = FindBuiltImage(**store, "", directory, /*whole=*/true);
      if (!image.ok() || !whole.ok()) continue;
      const absl::StatusOr<ImageDocuments> documents = ReadImageDocuments(**store, *image);
      summary.images.push_back(
          {NameOf(state), documents.ok() ? documents->size() : -1, whole->manifest.ToString()});
    }
    return summary;
  }

  const BuildOptions& options_;
  const std::string gen_, store_;
  BuildView* const view_;
  Messages* const messages_;
  std::vector<std::string> states_;            // state directories
  std::map<std::string, std::string> titles_;  // by record
  BuildProgress progress_;
};

}  // namespace

int BuildCommand(const std::vector<std::string>& args, const std::string& gen, const std::string& store,
                 std::string* out, Messages* messages) {
  BuildOptions options;
  std::string error;
  if (!ParseBuild(args, &options, &error)) {
    messages->Error(error, "`gen build --help` lists all it takes");
    return kWrongUsage;
  }
  if (options.help) {
    out->append(kHelp);
    return 0;
  }
  const std::unique_ptr<BuildView> view = MakeBuildView(options.progress);
  if (view == nullptr) {
    messages->Error(absl::StrCat("unknown progress \"", options.progress, "\""),
                    "use auto, tty, plain, json or quiet");
    return kWrongUsage;
  }
  return Build(options, gen, store, view.get(), messages).Run();
}

}  // namespace kasane
