#include "generator/build_progress.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/shorten.h"

namespace kasane {
namespace {

constexpr size_t kTail = 4;
constexpr size_t kLongestLine = 4096;

// "TEXT      1.2s", the time at the right margin.
std::string WithTime(const std::string& text, const std::string& time, size_t columns) {
  const size_t room = std::max<size_t>(columns, 20 + time.size()) - time.size() - 1;
  std::string line = Shorten(text, room);
  line.resize(std::max(line.size(), room), ' ');
  return absl::StrCat(line, " ", time);
}

std::string Seconds(absl::Duration time) { return absl::StrFormat("%.1fs", absl::ToDoubleSeconds(time)); }

}  // namespace

std::string PlainLine(absl::string_view line) {
  std::string out;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\r') {
      if (i + 1 < line.size()) out.clear();  // written over
    } else if (c == '\x1b') {
      if (i + 1 < line.size() && line[i + 1] == '[') {
        for (i += 2; i < line.size() && (line[i] < '@' || line[i] > '~');) ++i;
      }
    } else if (c == '\t') {
      out += ' ';
    } else if (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') {
      out += c;
    }
  }
  return out;
}

const ShownStep* BuildProgress::Take(const StepNews& news, absl::Time now, std::vector<std::string>* lines) {
  const auto [found, fresh] = steps_.try_emplace(news.step);
  ShownStep& step = found->second;
  if (fresh) {
    step.number = static_cast<int>(steps_.size());
    step.began = now;
    step.title = title_(news.step, news.kind == StepNews::Kind::kStart ? PlainLine(news.text) : "");
  }
  if (news.kind == StepNews::Kind::kLog) {
    for (const char c : news.text) {
      if (c != '\n' && step.line.size() < kLongestLine) {
        step.line += c;
        continue;
      }
      step.tail.push_back(PlainLine(step.line));
      if (lines != nullptr) lines->push_back(step.tail.back());
      if (step.tail.size() > kTail) step.tail.pop_front();
      step.line.assign(c == '\n' ? 0 : 1, c);
    }
  } else if (news.kind == StepNews::Kind::kEnd) {
    step.ended = now;
    step.state = !news.ok                                              ? ShownStep::State::kFailed
                 : absl::string_view(news.text).substr(0, 4) == "hit " ? ShownStep::State::kHit
                                                                       : ShownStep::State::kRan;
    if (step.state == ShownStep::State::kHit) step.last = seconds_(news.step);
    if (!step.line.empty() && lines != nullptr) lines->push_back(PlainLine(step.line));
    step.line.clear();
  }
  return &step;
}

std::vector<const ShownStep*> BuildProgress::Running() const {
  std::vector<const ShownStep*> running;
  for (const auto& [name, step] : steps_) {
    if (step.state == ShownStep::State::kRunning) running.push_back(&step);
  }
  std::sort(running.begin(), running.end(),
            [](const ShownStep* a, const ShownStep* b) { return a->number < b->number; });
  return running;
}

bool BuildProgress::Ran(const std::string& step) const {
  const auto found = steps_.find(step);
  return found != steps_.end() && found->second.state == ShownStep::State::kRan;
}

std::string EndLine(const ShownStep& step, size_t columns) {
  if (step.state == ShownStep::State::kHit) {
    const std::string last = step.last > 0 ? absl::StrFormat("took %.1fs", step.last) : "";
    return WithTime(absl::StrCat(" => HIT ", step.title), last, columns);
  }
  const char* word = step.state == ShownStep::State::kFailed ? "ERROR " : "";
  return WithTime(absl::StrCat(" => ", word, step.title), Seconds(step.ended - step.began), columns);
}

std::vector<std::string> RunningLines(const BuildProgress& progress, absl::Time now, size_t columns,
                                      size_t lines) {
  const std::vector<const ShownStep*> running = progress.Running();
  std::vector<std::string> out;
  if (running.empty() || lines == 0) return out;
  const size_t shown = std::min(running.size(), lines);
  const size_t tail = std::min(kTail, (lines - shown) / shown);
  for (size_t i = 0; i < shown; ++i) {
    const ShownStep& step = *running[i];
    out.push_back(WithTime(absl::StrCat(" => ", step.title), Seconds(now - step.began), columns));
    for (size_t n = step.tail.size() - std::min(tail, step.tail.size()); n < step.tail.size(); ++n)
      out.push_back(Shorten(absl::StrCat(" => => # ", step.tail[n]), std::max<size_t>(columns, 20) - 1));
  }
  return out;
}

}  // namespace kasane
