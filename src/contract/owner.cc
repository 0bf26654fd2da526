#include "src/contract/owner.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace kasane {

std::pair<absl::string_view, absl::string_view> SplitOwner(absl::string_view owner) {
  const size_t colon = owner.find(':');
  if (colon == absl::string_view::npos) return {owner, ""};
  return {owner.substr(0, colon), owner.substr(colon + 1)};
}

absl::optional<int32_t> OwnerNumber(absl::string_view word) {
  if (word == "root") return 0;
  int32_t value = 0;
  if (word.empty() || absl::ascii_isspace(word.front()) || absl::ascii_isspace(word.back()))
    return absl::nullopt;
  if (!absl::SimpleAtoi(word, &value)) return absl::nullopt;
  return value;
}

bool OwnerHasName(absl::string_view owner) {
  const auto [user, group] = SplitOwner(owner);
  return !OwnerNumber(user) || (!group.empty() && !OwnerNumber(group));
}

}  // namespace kasane
