// The Dockerfile as it stands: instructions in order, each word and flag with its exact place in the file.
// Nothing is expanded, no default is filled in, and no meaning is checked beyond the grammar (that is
// src/plan's work).
#ifndef KASANE_SRC_DOCKERFILE_AST_H_
#define KASANE_SRC_DOCKERFILE_AST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/base/diagnostic.h"

namespace kasane {

enum class InstructionKind {
  kAdd,
  kArg,
  kCmd,
  kCopy,
  kEntrypoint,
  kEnv,
  kExpose,
  kFrom,
  kHealthcheck,
  kLabel,
  kMaintainer,
  kOnbuild,
  kRun,
  kShell,
  kStopsignal,
  kUser,
  kVolume,
  kWorkdir,
};

absl::string_view InstructionName(InstructionKind kind);  // "RUN"
// Case-insensitive. False: no such instruction.
bool FindInstruction(absl::string_view name, InstructionKind* kind);
// All names, upper case, for did-you-mean.
const std::vector<std::string>& InstructionNames();

// A piece of an instruction. `text` is what stands there after continuation lines were joined; quotes and
// escapes are still in it. In JSON form it is the decoded string, and the range holds the quotes.
struct Word {
  std::string text;
  SourceRange range;
};

// --name or --name=value, quotes and escapes already taken away (that is the language's rule for flags).
struct Flag {
  std::string name;  // without the dashes
  std::string value;
  bool has_value = false;  // an '=' was there
  SourceRange range;
  std::string ToString() const;  // "--name=value"
};

// One pair of ENV, LABEL or ARG.
struct KeyValue {
  Word key;
  Word value;             // quotes and escapes still in it
  bool has_value = true;  // false only for `ARG name`
  bool legacy = false;    // `ENV name rest of the line`
  SourceRange range;
};

// <<NAME, <<-NAME, <<"NAME", 3<<NAME: the body follows the instruction.
struct Heredoc {
  std::string name;  // quotes taken away
  int fd = 0;
  bool strip_tabs = false;  // <<-
  bool expand = true;       // no part of the name was quoted
  std::string body;         // the lines as they are, leading tabs included; each with its line end
  SourceRange range;        // of the <<NAME word
  SourceRange body_range;   // of the body and its terminator
};

struct Instruction {
  InstructionKind kind = InstructionKind::kFrom;
  Word keyword;  // as written
  std::vector<Flag> flags;
  // What follows. By kind:
  //   ADD, COPY, VOLUME, FROM, EXPOSE: words between blanks, or the strings of the JSON form (not FROM and
  //   EXPOSE) RUN, CMD, ENTRYPOINT, SHELL: one word with all of the text, or the strings of the JSON form
  //   MAINTAINER, STOPSIGNAL, USER, WORKDIR: one word with all of the text
  //   HEALTHCHECK: the type's word, then as RUN
  //   ENV, LABEL, ARG: nothing (see `pairs`); ONBUILD: nothing (see `trigger`)
  std::vector<Word> args;
  bool json = false;  // `args` came from the JSON form
  std::vector<KeyValue> pairs;
  std::vector<Heredoc> heredocs;     // of RUN, COPY, ADD
  std::vector<Instruction> trigger;  // ONBUILD: none or one
  std::vector<Word> comments;  // the comment lines directly above, '#' and blanks at the ends taken away
  // Keyword and all, continuation lines joined as the language joins them, with the blanks at the end.
  std::string line;
  std::string text;   // the same for people: continuation lines joined by one blank each
  SourceRange range;  // from the keyword to the last character, heredoc bodies included
};

// "# name=value" at the top of the file.
struct Directive {
  std::string name;  // lower case: syntax, escape, check
  Word value;
  SourceRange range;
};

// Empty lines inside an instruction that goes on over several lines; comments do not count.
struct EmptyContinuation {
  SourceRange first;   // the first of them
  SourceRange around;  // the instruction's last line, heredocs left out: where BuildKit sees it
};

struct DockerfileAst {
  std::string file;  // as the user named it
  char escape = '\\';
  std::vector<Directive> directives;
  std::vector<Instruction> instructions;
  std::vector<EmptyContinuation> empty_continuations;
  const Directive* FindDirective(absl::string_view name) const;  // null if it is not there
};

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_AST_H_
