#include "generator/options.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "generator/option_table.h"
#include "generator/secret_options.h"

namespace kasane {
namespace {

constexpr char kEpochVariable[] = "SOURCE_DATE_EPOCH";

class Parser {
 public:
  Parser(const std::vector<std::string>& args, Environment environment, Options* options, Diagnostic* error)
      : args_(args), environment_(environment), options_(options), error_(error) {}

  bool Parse() {
    std::vector<std::string> operands;
    for (next_ = 0; next_ < args_.size();) {
      const std::string& word = args_[next_++];
      if (word == "--") {
        operands.insert(operands.end(), args_.begin() + static_cast<std::ptrdiff_t>(next_), args_.end());
        break;
      }
      if (word.size() < 2 || word[0] != '-') {
        operands.push_back(word);
      } else if (!(word[1] == '-' ? Long(word) : Short(word))) {
        return false;
      }
    }
    if (operands.size() > 1) {
      return Fail(absl::StrCat("unexpected argument \"", operands[1], "\""), "one context at most");
    }
    if (!operands.empty()) {
      options_->context = operands[0];
    }
    if (options_->context == "-" && options_->file == "-") {
      return Fail("standard input cannot be both the context and the Dockerfile", "");
    }
    return Epoch();
  }

 private:
  bool Fail(std::string message, std::string help) {
    *error_ = Diagnostic();
    error_->message = std::move(message);
    error_->help = std::move(help);
    return false;
  }

  bool Long(const std::string& word) {
    std::string name = word.substr(2, word.find('=') - 2);
    const OptionInfo* option = FindOption(name);
    if (option == nullptr) {
      std::string closest = OptionClosestTo(name);
      return Fail(
          absl::StrCat("unknown option --", name),
          closest.empty() ? "`gen --help` lists them all" : absl::StrCat("did you mean --", closest, "?"));
    }
    if (name.size() + 2 < word.size()) return Set(*option, word.substr(name.size() + 3));
    return SetFromNext(*option, absl::StrCat("--", name));
  }

  bool Short(const std::string& word) {
    for (const OptionInfo& option : AllOptions()) {
      if (option.letter != word[1]) continue;
      if (word.size() == 2) return SetFromNext(option, word);
      if (option.operand != nullptr) return Set(option, word.substr(word[2] == '=' ? 3 : 2));
    }
    return Fail(absl::StrCat("unknown option ", word), "`gen --help` lists them all");
  }

  bool SetFromNext(const OptionInfo& option, absl::string_view as_written) {
    if (option.operand == nullptr) return Set(option, "true");
    if (next_ >= args_.size()) {
      return Fail(absl::StrCat("option ", as_written, " needs a value"),
                  absl::StrCat("use ", as_written, " ", option.operand));
    }
    return Set(option, args_[next_++]);
  }

  bool Set(const OptionInfo& option, absl::string_view value) {
    Problem problem = option.set(value, environment_, options_);
    const absl::string_view name = option.name;
    options_->given.emplace(name == "sbom" || name == "provenance" ? "attest" : name);
    if (problem.message.empty()) return true;
    options_->wrong_value = true;
    return Fail(absl::StrCat("--", option.name, ": ", problem.message), problem.help);
  }

  // The variable is passed on as the build argument of that name, as buildx does.
  bool Epoch() {
    absl::optional<std::string> set = environment_(kEpochVariable);
    if (set.has_value() && !set->empty()) options_->build_args.emplace(kEpochVariable, *set);
    auto found = options_->build_args.find(kEpochVariable);
    if (found == options_->build_args.end() || found->second.empty()) return true;
    int64_t seconds = 0;
    if (!absl::SimpleAtoi(found->second, &seconds)) return true;  // a name; what it means is known later
    if (seconds < 0) {
      options_->wrong_value = true;
      return Fail(absl::StrCat("invalid SOURCE_DATE_EPOCH \"", found->second, "\""),
                  "use seconds since 1970");
    }
    options_->epoch = seconds;
    return true;
  }

  const std::vector<std::string>& args_;
  Environment environment_;
  Options* options_;
  Diagnostic* error_;
  size_t next_ = 0;
};

}  // namespace

absl::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return absl::nullopt;
  return std::string(value);
}

bool ParseOptions(const std::vector<std::string>& args, Environment environment, Options* options,
                  Diagnostic* error) {
  return Parser(args, environment, options, error).Parse();
}

std::vector<std::string> RememberedArguments(const Options& o) {
  std::vector<std::string> out;
  auto add = [&](absl::string_view name, absl::string_view value) {
    out.push_back(absl::StrCat("--", name, "=", value));
  };
  if (!o.file.empty()) add("file", o.file);
  for (const std::string& tag : o.tags) add("tag", tag);
  if (!o.target.empty()) add("target", o.target);
  for (const auto& [name, value] : o.build_args) add("build-arg", absl::StrCat(name, "=", value));
  for (const auto& [name, value] : o.build_contexts) add("build-context", absl::StrCat(name, "=", value));
  for (const std::string& path : o.generated) add("generated", path);
  for (const std::string& path : o.build_trees) add("build-tree", path);
  if (o.emit != Options().emit) add("emit", o.emit);
  for (const auto& [name, value] : o.labels) add("label", absl::StrCat(name, "=", value));
  for (const Annotation& a : o.annotations) {
    const std::string platform = a.platform.empty() ? "" : absl::StrCat("[", a.platform, "]");
    add("annotation",
        absl::StrCat(kAnnotationTypes[static_cast<size_t>(a.type)], platform, ":", a.key, "=", a.value));
  }
  if (o.attestations.sbom) add("attest", "type=sbom");
  if (o.attestations.provenance) {
    add("attest", absl::StrCat("type=provenance,mode=", o.attestations.is_full ? "max" : "min"));
  }
  if (o.network != Options().network) add("network", o.network);
  for (const std::string& host : o.add_hosts) add("add-host", host);
  if (o.shm_size != 0) add("shm-size", absl::StrCat(o.shm_size));
  for (const std::string& limit : o.ulimits) add("ulimit", limit);
  for (const std::string& secret : SecretOptions(o.secrets)) add("secret", secret);
  for (const std::string& agent : SshOptions(o.secrets)) add("ssh", agent);
  for (const std::string& what : o.allow) add("allow", what);
  for (const std::string& directory : o.cdi_directories) add("cdi-spec-dir", directory);
  if (!o.platforms.empty()) add("platform", absl::StrJoin(o.platforms, ","));
  const CompressionOption& compression = o.compression;
  if (compression.level != 0) {
    add("compression", absl::StrCat(compression.type, ",level=", compression.level));
  } else if (compression.type != CompressionOption().type) {
    add("compression", compression.type);
  }
  if (o.output.has_value()) add("output", absl::StrCat("type=", o.output->type, ",dest=", o.output->dest));
  if (o.locked) out.emplace_back("--locked");
  if (o.no_warm) out.emplace_back("--no-warm");
  if (o.stat_level != 1) add("stat-level", absl::StrCat(o.stat_level));
  if (!o.profiles.empty()) add("profiles", o.profiles);
  if (!o.fresh.empty()) add("fresh", o.fresh);
  out.emplace_back("--");
  out.push_back(o.context);
  return out;
}

}  // namespace kasane
