#include "generator/build_view.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "generator/shown_figures.h"
#include "src/base/json.h"

namespace kasane {
namespace {

void Put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::string Table(const BuildSummary& summary) {
  std::vector<std::vector<std::string>> lines = {
      {"steps run", absl::StrCat(summary.ran)},
      {"hits", absl::StrCat(summary.hits)},
      {"time", absl::StrFormat("%.1f s", absl::ToDoubleSeconds(summary.took))},
      {"time saved", absl::StrFormat("%.1f s", summary.saved)}};
  for (const SummarizedImage& image : summary.images) {
    const std::string size = image.size >= 0 ? ShownSize(image.size) : "";
    if (!image.name.empty()) {
      lines.push_back({image.name, absl::StrCat(image.digest, "  ", size)});
      continue;
    }
    if (!size.empty()) lines.push_back({"image size", size});
    lines.push_back({"digest", image.digest});
  }
  return ShownTable(lines);
}

// As buildx prints for logs: "#3 RUN make", "#3 0.412 what it says", "#3 DONE 1.2s".
class PlainView : public BuildView {
 public:
  void Show(const StepNews& news, const ShownStep& step, const std::vector<std::string>& lines) override {
    std::string text;
    const std::string mark = absl::StrCat("#", step.number, " ");
    if (news.kind == StepNews::Kind::kStart) absl::StrAppend(&text, mark, step.title, "\n");
    const std::string time = absl::StrFormat("%.3f ", absl::ToDoubleSeconds(absl::Now() - step.began));
    for (const std::string& line : lines) absl::StrAppend(&text, mark, time, line, "\n");
    if (news.kind == StepNews::Kind::kEnd) absl::StrAppend(&text, mark, Outcome(step), "\n");
    Put(text);
  }
  void Tick(const BuildProgress&) override {}
  void End() override {}
  void Summarize(const BuildSummary& summary) override { Put(absl::StrCat("\n", Table(summary))); }

 private:
  static std::string Outcome(const ShownStep& step) {
    const double seconds = absl::ToDoubleSeconds(step.ended - step.began);
    if (step.state == ShownStep::State::kFailed) return absl::StrFormat("ERROR %.1fs", seconds);
    if (step.state == ShownStep::State::kRan) return absl::StrFormat("DONE %.1fs", seconds);
    return step.last > 0 ? absl::StrFormat("HIT (took %.1fs)", step.last) : "HIT";
  }
};

// Lines of what has ended, and below them a block of what goes on, drawn again and again.
class TerminalView : public BuildView {
 public:
  void Show(const StepNews& news, const ShownStep& step, const std::vector<std::string>&) override {
    if (news.kind != StepNews::Kind::kEnd) return;
    Measure();
    before_.clear();  // the block is gone
    Put(absl::StrCat(Wipe(), EndLine(step, columns_), "\n"));
  }
  void Tick(const BuildProgress& progress) override {
    Measure();
    std::string text = Wipe();
    for (const std::string& line : RunningLines(progress, absl::Now(), columns_, lines_)) {
      absl::StrAppend(&text, line, "\n");
      ++drawn_;
    }
    if (text == before_) return;
    before_ = text;
    Put(text);
  }
  void End() override { Put(Wipe()); }
  void Summarize(const BuildSummary& summary) override { Put(absl::StrCat("\n", Table(summary))); }

 private:
  void Measure() {
    winsize size;
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 2;
    columns_ = known ? size.ws_col : 80;
    lines_ = known ? std::max(size.ws_row / 2, 1) : 10;
  }
  // Takes the block away.
  std::string Wipe() {
    if (drawn_ == 0) return "";
    std::string text = absl::StrCat("\x1b[", drawn_, "A\r\x1b[J");
    drawn_ = 0;
    return text;
  }

  size_t columns_ = 80, lines_ = 10;
  size_t drawn_ = 0;
  std::string before_;
};

// One JSON object a line: what steps tell, with the time, then the result.
class JsonView : public BuildView {
 public:
  void Show(const StepNews& news, const ShownStep& step, const std::vector<std::string>&) override {
    static constexpr const char* kEvents[] = {"start", "log", "end"};
    Json json = Json::object();
    json["time"] = Time();
    json["event"] = kEvents[static_cast<int>(news.kind)];
    json["step"] = news.step;
    if (news.kind == StepNews::Kind::kStart) json["title"] = step.title;
    if (news.kind == StepNews::Kind::kLog) json["text"] = news.text;
    if (news.kind == StepNews::Kind::kEnd) {
      json["outcome"] = step.state == ShownStep::State::kHit      ? "hit"
                        : step.state == ShownStep::State::kFailed ? "failed"
                                                                  : "ran";
      json["seconds"] = absl::ToDoubleSeconds(step.ended - step.began);
      if (step.last > 0) json["took"] = step.last;
    }
    Put(DumpJson(json) + "\n");
  }
  void Tick(const BuildProgress&) override {}
  void End() override {}
  void Summarize(const BuildSummary& summary) override {
    Json json = Json::object();
    json["time"] = Time();
    json["event"] = "result";
    json["ran"] = summary.ran;
    json["hits"] = summary.hits;
    json["seconds"] = absl::ToDoubleSeconds(summary.took);
    json["saved"] = summary.saved;
    for (const SummarizedImage& image : summary.images) {
      Json one = Json::object();
      if (!image.name.empty()) one["name"] = image.name;
      if (image.size >= 0) one["size"] = image.size;
      one["digest"] = image.digest;
      if (image.name.empty()) {
        json.update(one);
      } else {
        json["images"].push_back(std::move(one));
      }
    }
    Put(DumpJson(json) + "\n");
  }

 private:
  static std::string Time() { return absl::FormatTime(absl::RFC3339_full, absl::Now(), absl::UTCTimeZone()); }
};

// The digests alone, as `docker build -q`.
class QuietView : public BuildView {
 public:
  void Show(const StepNews&, const ShownStep&, const std::vector<std::string>&) override {}
  void Tick(const BuildProgress&) override {}
  void End() override {}
  void Summarize(const BuildSummary& summary) override {
    for (const SummarizedImage& image : summary.images)
      Put(absl::StrCat(image.digest, image.name.empty() ? "" : "  ", image.name, "\n"));
  }
};

bool IsForViews() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && terminal != nullptr && absl::string_view(terminal) != "dumb";
}

}  // namespace

std::unique_ptr<BuildView> MakeBuildView(const std::string& mode) {
  if (mode == "tty" || (mode == "auto" && IsForViews())) return std::make_unique<TerminalView>();
  if (mode == "plain" || mode == "auto") return std::make_unique<PlainView>();
  if (mode == "json") return std::make_unique<JsonView>();
  if (mode == "quiet") return std::make_unique<QuietView>();
  return nullptr;
}

}  // namespace kasane
