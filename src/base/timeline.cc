#include "src/base/timeline.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"

namespace kasane {
namespace {

std::atomic<bool> is_on{false};
std::mutex mutex;
std::vector<Stretch>* stretches = nullptr;  // under `mutex`

int64_t Microseconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000;
}

Json EventOf(const Stretch& stretch) {
  Json event = {{"name", stretch.name},
                {"ph", "X"},
                {"ts", stretch.start},
                {"dur", stretch.duration},
                {"pid", getpid()},
                {"tid", getpid()},
                {"args", {{"cpu_us", stretch.cpu}}}};
  if (stretch.count >= 0) event["args"][stretch.unit] = stretch.count;
  return event;
}

}  // namespace

void StartTimeline() {
  const std::lock_guard<std::mutex> lock(mutex);
  if (stretches == nullptr) stretches = new std::vector<Stretch>;
  is_on = true;
}

bool TimelineIsOn() { return is_on; }

std::vector<Stretch> TimelineSoFar() {
  const std::lock_guard<std::mutex> lock(mutex);
  if (stretches == nullptr) return {};
  std::vector<Stretch> sorted = *stretches;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Stretch& a, const Stretch& b) {
    // Of two that began at once, the longer one holds the other.
    return a.start != b.start ? a.start < b.start : a.duration > b.duration;
  });
  return sorted;
}

Span::Span(absl::string_view name) : on_(is_on) {
  if (!on_) return;
  stretch_.name = std::string(name);
  stretch_.start = Microseconds(CLOCK_MONOTONIC);
  stretch_.cpu = -Microseconds(CLOCK_PROCESS_CPUTIME_ID);
}

void Span::Count(size_t count, const char* unit) {
  stretch_.count = static_cast<int64_t>(count);
  stretch_.unit = unit;
}

void Span::End() {
  if (!on_) return;
  on_ = false;
  stretch_.duration = Microseconds(CLOCK_MONOTONIC) - stretch_.start;
  stretch_.cpu += Microseconds(CLOCK_PROCESS_CPUTIME_ID);
  const std::lock_guard<std::mutex> lock(mutex);
  stretches->push_back(std::move(stretch_));
}

absl::Status BeginTrace(const std::string& path) { return WriteFileAtomic(path, "[\n"); }

absl::Status AppendToTrace(const std::string& path, absl::string_view process) {
  std::string text = absl::StrCat(DumpJson({{"name", "process_name"},
                                            {"ph", "M"},
                                            {"pid", getpid()},
                                            {"args", {{"name", std::string(process)}}}}),
                                  ",\n");
  for (const Stretch& stretch : TimelineSoFar()) absl::StrAppend(&text, DumpJson(EventOf(stretch)), ",\n");
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_WRONLY | O_APPEND));
  return WriteAll(fd.get(), text, path);
}

absl::Status WriteTraceNote(const std::string& dir, const std::string& file) {
  const std::string path = JoinPath(dir, "trace");
  if (!file.empty()) return WriteFileIfChanged(path, file).status();
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("cannot remove ", path));
}

std::string ReadTraceNote(const std::string& dir) { return ReadFile(JoinPath(dir, "trace")).value_or(""); }

}  // namespace kasane
