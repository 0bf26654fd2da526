// The environment of a stage: names once each, in the order of their last setting.
#ifndef KASANE_SRC_PLAN_ENV_LIST_H_
#define KASANE_SRC_PLAN_ENV_LIST_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace kasane {

class EnvList {
 public:
  // A name that is there already moves to the end, as in BuildKit.
  void Set(absl::string_view name, absl::string_view value) {
    Remove(name);
    entries_.emplace_back(std::string(name), std::string(value));
  }
  void Remove(absl::string_view name) {
    auto it =
        std::find_if(entries_.begin(), entries_.end(), [name](const auto& e) { return e.first == name; });
    if (it != entries_.end()) entries_.erase(it);
  }
  absl::optional<absl::string_view> Get(absl::string_view name) const {
    for (const auto& [key, value] : entries_) {
      if (key == name) return absl::string_view(value);
    }
    return absl::nullopt;
  }
  std::vector<std::string> ToStrings() const {  // "K=V"
    std::vector<std::string> out;
    for (const auto& [key, value] : entries_) out.push_back(absl::StrCat(key, "=", value));
    return out;
  }
  const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_ENV_LIST_H_
