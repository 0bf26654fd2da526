// The value of --chmod: octal digits, or symbolic changes as chmod(1) takes them ("u=rwX,go=rX").
#ifndef KASANE_SRC_CONTRACT_MODE_CHANGE_H_
#define KASANE_SRC_CONTRACT_MODE_CHANGE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace kasane {

class ModeChange {
 public:
  ModeChange() = default;  // changes nothing
  // BSD's setmode with a umask of 0, as BuildKit has it. kInvalidArgument says what BuildKit says. Empty: no
  // change.
  static absl::StatusOr<ModeChange> Parse(absl::string_view text);

  // The new low 12 bits of a mode.
  uint32_t Apply(uint32_t mode, bool is_directory) const;
  // The mode of directories that COPY makes on its way to the destination: the permission bits of an octal
  // value, 0755 otherwise (measured: symbolic changes, set-id bits and the sticky bit do not reach them).
  uint32_t MadeDirectoryMode() const { return absolute_ ? *absolute_ & 0777 : 0755; }

 private:
  struct Command {
    char op;        // + - : set, clear `bits`; X: set `bits` if anything may execute; u g o: copy those bits
    uint32_t bits;  // for u g o: the classes (0700, 0070, 0007) that they are copied to
    char how = 0;   // for u g o: + - =
  };
  absl::Status ParseClause(absl::string_view* text);
  void Add(char op, uint32_t who, uint32_t bits);

  absl::optional<uint32_t> absolute_;
  std::vector<Command> commands_;
};

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_MODE_CHANGE_H_
