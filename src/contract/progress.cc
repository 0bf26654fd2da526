#include "src/contract/progress.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/json.h"

namespace kasane {
namespace {

// Bytes of a log for one message: each may become six in JSON ("\u0000").
constexpr size_t kLogPiece = (kLongestNews - 4096) / 6;

}  // namespace

Progress Progress::FromEnvironment(absl::string_view step) {
  Progress progress;
  const char* value = std::getenv(kProgressVariable);
  if (value == nullptr) return progress;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(absl::string_view(value), absl::MaxSplits(' ', 1));
  int fd = -1, type = 0;
  socklen_t size = sizeof(type);
  // Another's variable of that name, or a descriptor that somebody between has closed, is nobody.
  if (!absl::SimpleAtoi(parts.first, &fd) || fd <= 2 ||
      getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET)
    return progress;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  progress.fd_ = fd;
  progress.step_ = std::string(parts.second.empty() ? step : parts.second);
  return progress;
}

void Progress::HandOn() const {
  if (!on()) return;
  fcntl(fd_, F_SETFD, 0);
  setenv(kProgressVariable, absl::StrCat(fd_, " ", step_).c_str(), 1);
}

void Progress::Log(absl::string_view text) const {
  for (; on() && !text.empty(); text.remove_prefix(std::min(text.size(), kLogPiece)))
    Tell("log", text.substr(0, kLogPiece), true);
}

void Progress::Tell(const char* event, absl::string_view text, bool ok) const {
  if (!on()) return;
  Json json = Json::object();
  json["event"] = event;
  json["step"] = step_;
  json["text"] = std::string(text);
  if (!ok) json["ok"] = false;
  const std::string message = DumpJson(json);
  // A listener that is gone stops no build.
  while (send(fd_, message.data(), message.size(), MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

absl::optional<StepNews> ParseStepNews(absl::string_view message) {
  const absl::StatusOr<Json> json = ParseJson(message, "news of a step");
  if (!json.ok()) return absl::nullopt;
  const std::string event = JsonString(*json, "event");
  StepNews news;
  if (event == "log") {
    news.kind = StepNews::Kind::kLog;
  } else if (event == "end") {
    news.kind = StepNews::Kind::kEnd;
  } else if (event != "start") {
    return absl::nullopt;
  }
  news.step = JsonString(*json, "step");
  news.text = JsonString(*json, "text");
  news.ok = JsonBool(*json, "ok", true);
  return news;
}

}  // namespace kasane
