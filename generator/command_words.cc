#include "generator/command_words.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace kasane {

void CommandWords::Flag(const std::string& names, bool* set) {
  known_.push_back({absl::StrSplit(names, '|'), set, nullptr});
}

void CommandWords::Option(const std::string& names, std::function<std::string(const std::string&)> use) {
  known_.push_back({absl::StrSplit(names, '|'), nullptr, std::move(use)});
}

void CommandWords::Option(const std::string& names, std::string* value) {
  Option(names, [value](const std::string& given) {
    *value = given;
    return std::string();
  });
}

const CommandWords::Known* CommandWords::Find(absl::string_view name) const {
  for (const Known& known : known_) {
    for (const std::string& its : known.names) {
      if (its == name) return &known;
    }
  }
  return nullptr;
}

bool CommandWords::Wrong(absl::string_view message, absl::string_view help) {
  messages_->Error(message, help);
  return false;
}

bool CommandWords::Use(const Known& known, const std::string& name, const std::string& value) {
  const std::string wrong = known.use(value);
  if (wrong.empty()) return true;
  wrong_value_ = true;
  return Wrong(absl::StrCat(name, ": ", wrong), "");
}

bool CommandWords::Letters(const std::string& word, const std::vector<std::string>& args, size_t* at) {
  for (size_t i = 1; i < word.size(); ++i) {
    const std::string name = {'-', word[i]};
    const Known* known = Find(name);
    if (known == nullptr) {
      return Wrong(absl::StrCat(command_, " does not know \"", word, "\""),
                   absl::StrCat("`", command_, " --help` lists all it takes"));
    }
    if (known->flag != nullptr) {
      *known->flag = true;
      continue;
    }
    std::string value = word.substr(i + 1);
    if (value.empty()) {
      if (*at + 1 == args.size()) return Wrong(absl::StrCat(name, " needs a value"), "");
      value = args[++*at];
    } else if (value[0] == '=') {
      value.erase(0, 1);
    }
    return Use(*known, name, value);
  }
  return true;
}

bool CommandWords::Parse(const std::vector<std::string>& args, bool first_ends) {
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& word = args[i];
    if (word == "--") {
      words_.insert(words_.end(), args.begin() + static_cast<std::ptrdiff_t>(i) + 1, args.end());
      return true;
    }
    if (word == "--help" || word == "-h") {
      help_ = true;
      return true;
    }
    if (word.size() < 2 || word[0] != '-') {
      words_.push_back(word);
      if (!first_ends) continue;
      words_.insert(words_.end(), args.begin() + static_cast<std::ptrdiff_t>(i) + 1, args.end());
      return true;
    }
    if (!absl::StartsWith(word, "--")) {
      if (!Letters(word, args, &i)) return false;
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Known* known = Find(name);
    if (known == nullptr || (known->flag != nullptr && equals != std::string::npos)) {
      return Wrong(absl::StrCat(command_, " does not know \"", word, "\""),
                   absl::StrCat("`", command_, " --help` lists all it takes"));
    }
    if (known->flag != nullptr) {
      *known->flag = true;
      continue;
    }
    if (equals == std::string::npos && i + 1 == args.size())
      return Wrong(absl::StrCat(name, " needs a value"), "");
    if (!Use(*known, name, equals == std::string::npos ? args[++i] : word.substr(equals + 1))) return false;
  }
  return true;
}

}  // namespace kasane
