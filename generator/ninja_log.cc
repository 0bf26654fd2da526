#include "generator/ninja_log.h"

#include <fcntl.h>

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"

namespace kasane {

absl::optional<std::string> NinjaLogLine(absl::string_view log, absl::string_view output, int64_t mtime) {
  absl::string_view version = log.substr(0, log.find('\n'));
  bool known = version == "# ninja log v5" || version == "# ninja log v6" || version == "# ninja log v7";
  if (!known || log.back() != '\n') return absl::nullopt;
  // start, end, mtime, output, hash of the command; the last line about an output counts.
  size_t tab = log.rfind(absl::StrCat("\t", output, "\t"));
  if (tab == absl::string_view::npos) return absl::nullopt;
  size_t begin = log.rfind('\n', tab) + 1;
  std::vector<absl::string_view> fields = absl::StrSplit(log.substr(begin, tab - begin), '\t');
  int64_t logged = 0;
  if (fields.size() != 3 || !absl::SimpleAtoi(fields[2], &logged) || logged >= mtime) return absl::nullopt;
  return absl::StrCat("0\t0\t", mtime, "\t", output, "\t0\n");
}

void NoteInNinjaLog(const std::string& log_path, absl::string_view output, int64_t mtime) {
  absl::StatusOr<std::string> log = ReadFile(log_path);
  if (!log.ok() || log->empty()) return;
  absl::optional<std::string> line = NinjaLogLine(*log, output, mtime);
  if (!line.has_value()) return;
  absl::StatusOr<UniqueFd> fd = OpenFile(log_path, O_WRONLY | O_APPEND);
  if (fd.ok()) (void)WriteAll(fd->get(), *line, log_path);
}

std::map<std::string, int64_t> DurationsInNinjaLog(absl::string_view log) {
  std::map<std::string, int64_t> out;
  for (absl::string_view line : absl::StrSplit(log, '\n')) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, '\t');
    int64_t start = 0, end = 0;
    if (fields.size() < 5 || !absl::SimpleAtoi(fields[0], &start) || !absl::SimpleAtoi(fields[1], &end))
      continue;
    out[std::string(fields[3])] = end - start;
  }
  return out;
}

}  // namespace kasane
