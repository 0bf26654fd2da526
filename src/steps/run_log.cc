#include "src/steps/run_log.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int kTailLines = 20;
constexpr int64_t kTailBytes = 16 << 10;

}  // namespace

absl::StatusOr<RunLog> RunLog::Open(const std::string& path, bool live, const Progress& progress) {
  RunLog log;
  log.live_ = live && !progress.on();
  log.progress_ = progress;
  if (path.empty()) {
    log.file_.reset(memfd_create("log", MFD_CLOEXEC));
    if (!log.file_.valid()) return ErrnoStatus(errno, "cannot make a memory file");
    return log;
  }
  std::string directory(Dirname(path));
  if (!directory.empty()) RETURN_IF_ERROR(MakeDirs(directory));
  ASSIGN_OR_RETURN(log.file_, OpenFile(path, O_RDWR | O_CREAT | O_TRUNC));
  return log;
}

void RunLog::Append(absl::string_view text) {
  if (status_.ok()) status_ = WriteAll(file_.get(), text, "the log");
  progress_.Log(text);
  // Nobody may be listening any more; the log has it.
  if (live_) WriteAll(STDOUT_FILENO, text, "standard output").IgnoreError();
}

absl::StatusOr<std::string> RunLog::Tail() const {
  int64_t size = lseek(file_.get(), 0, SEEK_END);
  int64_t start = std::max<int64_t>(0, size - kTailBytes);
  std::string text(static_cast<size_t>(size - start), '\0');
  RETURN_IF_ERROR(PReadExactly(file_.get(), text.data(), text.size(), start, "the log"));
  if (!text.empty() && text.back() != '\n') text.push_back('\n');
  size_t from = text.size();
  for (int lines = 0; from > 0; --from) {
    if (text[from - 1] == '\n' && ++lines > kTailLines) break;
  }
  if (from == 0 && start > 0) from = text.find('\n') + 1;  // not half a line
  if (from == 0 && start == 0) return text;
  return absl::StrCat("[...]\n", absl::string_view(text).substr(from));
}

absl::StatusOr<Digest> RunLog::Save(Store* store) {
  RETURN_IF_ERROR(status_);
  if (lseek(file_.get(), 0, SEEK_SET) != 0) return ErrnoStatus(errno, "cannot read the log");
  return store->CopyIn(file_.get(), nullptr);
}

}  // namespace kasane
