// The words of a small command: flags, options with a value, the rest.
#ifndef KASANE_GENERATOR_COMMAND_WORDS_H_
#define KASANE_GENERATOR_COMMAND_WORDS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "generator/compile.h"

namespace kasane {

class CommandWords {
 public:
  // `command`: as it is to be named, "gen run".
  CommandWords(std::string command, Messages* messages) : command_(std::move(command)), messages_(messages) {}

  // A name is "--name"; or "-n|--name". One-letter flags may stand together, the last of them with a value:
  // -itp 80.
  void Flag(const std::string& names, bool* set);
  // `use` returns what is wrong with the value, "" if nothing is. May stand several times.
  void Option(const std::string& names, std::function<std::string(const std::string& value)> use);
  void Option(const std::string& names, std::string* value);

  // False: the line is wrong, and a message says so. "--" ends the options; with `first_ends` the first word
  // does too. What is left is in words().
  bool Parse(const std::vector<std::string>& args, bool first_ends = false);
  const std::vector<std::string>& words() const { return words_; }
  bool help() const { return help_; }  // -h, --help: nothing else was looked at
  bool wrong_value() const {
    return wrong_value_;
  }  // Parse returned false for an option's value, not for the usage

 private:
  struct Known {
    std::vector<std::string> names;
    bool* flag = nullptr;
    std::function<std::string(const std::string&)> use;
  };
  const Known* Find(absl::string_view name) const;
  bool Wrong(absl::string_view message, absl::string_view help);
  bool Use(const Known& known, const std::string& name, const std::string& value);
  // The letters of "-itp80"; may take the next argument.
  bool Letters(const std::string& word, const std::vector<std::string>& args, size_t* at);

  const std::string command_;
  Messages* const messages_;
  std::vector<Known> known_;
  std::vector<std::string> words_;
  bool help_ = false;
  bool wrong_value_ = false;
};

}  // namespace kasane

#endif  // KASANE_GENERATOR_COMMAND_WORDS_H_
