#include "src/plan/lint_stage.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/plan/ports.h"

namespace kasane {

std::string GuessVariable(absl::string_view name, const std::vector<std::string>& known) {
  // Any two letters are close to each other.
  return name.size() < 3 ? "" : ClosestMatch(name, known);
}

SourceRange PlaceOfVariable(absl::string_view text, const SourceRange& range, absl::string_view name) {
  size_t at = text.find(absl::StrCat("${", name));
  if (at == absl::string_view::npos) at = text.find(absl::StrCat("$", name));
  // The text of a flag lies at the end of its range.
  const int extra = range.end_column - range.column - static_cast<int>(text.size());
  if (at == absl::string_view::npos || range.line != range.end_line || extra < 0) return range;
  SourceRange out = range;
  out.column += extra + static_cast<int>(at);
  const size_t begin = at + (text.substr(at, 2) == "${" ? 2 : 1);
  out.end_column = out.column + static_cast<int>(begin - at + name.size());
  return out;
}

void StageLinter::Begin(const Instruction& in, const ImageConfig& image) {
  in_ = &in;
  const bool command = in.kind == InstructionKind::kCmd || in.kind == InstructionKind::kEntrypoint;
  if (!command && in.kind != InstructionKind::kHealthcheck) return;
  const absl::string_view name = InstructionName(in.kind);
  const Instruction*& last = last_[in.kind];
  if (last != nullptr) {
    // BuildKit points at the one that has no effect; the comments that count are those of the other.
    const CheckOptions options = linter_->options().With(in.comments);
    if (WantsRule(options, lint::kMultipleInstructionsDisallowed)) {
      linter_->Warn(lint::kMultipleInstructionsDisallowed, last->keyword.range,
                    absl::StrCat("a later ", name, " of this stage replaces this one"),
                    "take one of them away");
    }
  }
  last = &in;
  if (!command || in.json || !image.shell.empty()) return;
  linter_->Warn(lint::kJsonArgsRecommended, in.args.empty() ? in.keyword.range : in.args[0].range,
                in.comments, absl::StrCat(name, " runs a shell, which passes no signals on"),
                absl::StrCat("write ", name, " [\"PROGRAM\", \"ARGUMENT\"], or choose a shell with SHELL"));
}

void StageLinter::Undefined(const Expansion& expansion, const EnvList& env, const Args& args,
                            const std::function<SourceRange(absl::string_view)>& place) {
  const std::set<std::string> names(expansion.undefined.begin(), expansion.undefined.end());
  for (const std::string& name : names) {
    const bool declared =
        std::any_of(args.begin(), args.end(), [&](const auto& a) { return a.first == name; });
    const bool for_scanner = name == "BUILDKIT_SBOM_SCAN_CONTEXT" || name == "BUILDKIT_SBOM_SCAN_STAGE";
    if (declared || for_scanner) continue;
    std::vector<std::string> known;
    for (const auto& [key, value] : env.entries()) known.push_back(key);
    const std::string guess = GuessVariable(name, known);
    linter_->Warn(lint::kUndefinedVar, place(name), in_->comments,
                  absl::StrCat("the variable ", name, " is not set here"),
                  guess.empty() ? "declare it with ARG or set it with ENV, above this line"
                                : absl::StrCat("did you mean $", guess, "?"));
  }
}

void StageLinter::Pair(const KeyValue& pair, absl::string_view key) {
  const absl::string_view name = InstructionName(in_->kind);
  if (pair.legacy) {
    linter_->Warn(lint::kLegacyKeyValueFormat, pair.range, in_->comments,
                  absl::StrCat(name, " NAME VALUE is the old form"),
                  absl::StrCat("write ", name, " ", pair.key.text, "=\"", pair.value.text, "\""));
  }
  if (in_->kind == InstructionKind::kLabel || !SoundsSecret(key)) return;
  linter_->Warn(lint::kSecretsUsedInArgOrEnv, pair.key.range, in_->comments,
                absl::StrCat(key, " sounds like a secret, and everybody can read ", name, " in the image"),
                "use RUN --mount=type=secret");
}

void StageLinter::Workdir(absl::string_view path, bool* is_set) {
  if (!*is_set && !absl::StartsWith(path, "/")) {
    linter_->Warn(lint::kWorkdirRelativePath, in_->args[0].range, in_->comments,
                  absl::StrCat("where \"", path, "\" lies depends on the base image"),
                  "begin the first WORKDIR with a /");
  }
  *is_set = true;
}

void StageLinter::Port(absl::string_view port, const SourceRange& range) {
  const PortParts parts = SplitPort(port);
  const std::string proto = absl::AsciiStrToLower(parts.proto);
  if (parts.range.empty() || (!proto.empty() && proto != "tcp" && proto != "udp" && proto != "sctp")) return;
  if (proto != parts.proto) {
    linter_->Warn(lint::kExposeProtoCasing, range, in_->comments,
                  absl::StrCat("the protocol of ", port, " is not in lower case"),
                  absl::StrCat("write ", parts.range, "/", proto));
  }
  if (!parts.ip.empty() || !parts.host.empty()) {
    linter_->Warn(lint::kExposeInvalidFormat, range, in_->comments,
                  absl::StrCat(port, " names more than a port of the container, which means nothing here"),
                  absl::StrCat("write ", parts.range));
  }
}

void StageLinter::Source(absl::string_view source, const SourceRange& range, const PlanOptions& options) {
  if (!options.is_ignored) return;
  const std::string path = CleanPath(std::string(source));
  if (!options.is_ignored(path)) return;
  linter_->Warn(lint::kCopyIgnoredFile, range, in_->comments,
                absl::StrCat("\"", path, "\" is left out of the context by .dockerignore"),
                absl::StrCat("take its pattern away, or add !", path.substr(path[0] == '/' ? 1 : 0)));
}

bool SoundsSecret(absl::string_view name) {
  static constexpr absl::string_view kSecret[] = {"apikey",   "auth",  "credential", "credentials", "key",
                                                  "password", "pword", "passwd",     "secret",      "token"};
  static constexpr absl::string_view kHarmless[] = {"public", "file", "version"};
  bool secret = false;
  const std::string lower = absl::AsciiStrToLower(name);
  for (absl::string_view word : absl::StrSplit(lower, '_')) {
    if (std::find(std::begin(kHarmless), std::end(kHarmless), word) != std::end(kHarmless)) return false;
    secret |= std::find(std::begin(kSecret), std::end(kSecret), word) != std::end(kSecret);
  }
  return secret;
}

}  // namespace kasane
