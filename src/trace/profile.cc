#include "src/trace/profile.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "src/base/file.h"
#include "src/trace/name_pattern.h"
#include "src/trace/program.h"

namespace kasane {
namespace {

// Of larger executables only what Go wrote into them is asked: those that go by their strings are all
// smaller.
constexpr uint64_t kMaxSearched = 8 << 20;
// A larger source is taken to hold what is looked for.
constexpr uint64_t kMaxSource = 16 << 20;

struct ProgramFacts {
  std::string go_package;
  std::vector<bool> strings;
};

}  // namespace

// Shared by all that know the profiles; what was found out about files is kept by content.
struct ProfileSet {
  std::vector<ProfileRule> rules;  // in the order of their names
  int least_level = 0;
  ProgramStrings strings;
  // By rule, indices in `strings`: of each list, and of those that must be lacking.
  std::vector<std::vector<std::vector<size_t>>> wanted;
  std::vector<std::vector<size_t>> unwanted;
  Digest digest;

  mutable absl::Mutex mutex;
  mutable absl::flat_hash_map<Digest, std::shared_ptr<const ProgramFacts>> programs ABSL_GUARDED_BY(mutex);
  mutable std::map<std::pair<const ProfileRule*, Digest>, bool> texts ABSL_GUARDED_BY(mutex);

  explicit ProfileSet(std::vector<ProfileRule> given, int level)
      : rules(std::move(given)), least_level(level) {
    std::sort(rules.begin(), rules.end(),
              [](const ProfileRule& a, const ProfileRule& b) { return a.name < b.name; });
    Sha256 hash;
    hash.Update(absl::StrCat("profiles 1 ", least_level, "\n"));
    for (const ProfileRule& rule : rules) {
      hash.Update(EncodeProfileRule(rule));
      wanted.emplace_back();
      for (const std::vector<std::string>& list : rule.strings) wanted.back().push_back(Indices(list));
      unwanted.push_back(Indices(rule.lacking));
    }
    digest = hash.Finish();
  }

  std::vector<size_t> Indices(const std::vector<std::string>& texts) {
    std::vector<size_t> indices;
    for (const std::string& text : texts) indices.push_back(strings.Add(text));
    return indices;
  }

  // Null if the executable cannot be read.
  std::shared_ptr<const ProgramFacts> Facts(const Node& file, const Profiles::Reader& read,
                                            const Profiles::Memory& memory) const {
    {
      absl::MutexLock lock(&mutex);
      const auto found = programs.find(file.entry.content);
      if (found != programs.end()) return found->second;
    }
    auto facts = std::make_shared<ProgramFacts>();
    facts->go_package = GoMainPackage(
        file.entry.size, [&](uint64_t offset, uint64_t size) { return read(file, offset, size); });
    facts->strings.resize(strings.size());
    if (facts->go_package.empty() && file.entry.size <= kMaxSearched && strings.size() != 0) {
      absl::StatusOr<std::string> start = read(file, 0, 4);
      if (!start.ok()) return nullptr;
      if (*start == "\177ELF") {
        absl::optional<std::vector<bool>> found = Search(file, read, memory);
        if (!found.has_value()) return nullptr;
        facts->strings = *std::move(found);
      }
    }
    absl::MutexLock lock(&mutex);
    return programs.emplace(file.entry.content, std::move(facts)).first->second;
  }

  // Which of the strings an executable has. That is kept as {"strings":"0100.."}: python3.11 has 7 MB to be
  // looked through.
  absl::optional<std::vector<bool>> Search(const Node& file, const Profiles::Reader& read,
                                           const Profiles::Memory& memory) const {
    constexpr absl::string_view kBefore = "{\"strings\":\"", kAfter = "\"}";
    const Digest name =
        Sha256Of(absl::StrCat("strings of a program 1 ", digest.ToHex(), " ", file.entry.content.ToHex()));
    if (memory.get != nullptr) {
      const std::string kept = memory.get(name).value_or("");
      absl::string_view bits = kept;
      if (absl::ConsumePrefix(&bits, kBefore) && absl::ConsumeSuffix(&bits, kAfter) &&
          bits.size() == strings.size() && bits.find_first_not_of("01") == absl::string_view::npos) {
        std::vector<bool> found;
        for (char bit : bits) found.push_back(bit == '1');
        return found;
      }
    }
    absl::StatusOr<std::string> bytes = read(file, 0, file.entry.size);
    if (!bytes.ok()) return absl::nullopt;
    std::vector<bool> found = strings.Find(*bytes);
    if (memory.put != nullptr) {
      std::string bits;
      for (bool bit : found) bits.push_back(bit ? '1' : '0');
      memory.put(name, absl::StrCat(kBefore, bits, kAfter));
    }
    return found;
  }

  bool IsProgram(size_t index, const ProgramFacts& facts) const {
    const ProfileRule& rule = rules[index];
    if (!rule.go_packages.empty() && std::find(rule.go_packages.begin(), rule.go_packages.end(),
                                               facts.go_package) == rule.go_packages.end()) {
      return false;
    }
    const auto any_of = [&](const std::vector<size_t>& list) {
      return std::any_of(list.begin(), list.end(), [&](size_t text) { return facts.strings[text]; });
    };
    return std::all_of(wanted[index].begin(), wanted[index].end(), any_of) && !any_of(unwanted[index]);
  }
};

namespace {

// The value of a variable; empty if it is not set.
absl::string_view Variable(const std::vector<std::string>& environment, absl::string_view name) {
  for (const std::string& variable : environment) {
    if (variable.size() > name.size() && variable[name.size()] == '=' && absl::StartsWith(variable, name)) {
      return absl::string_view(variable).substr(name.size() + 1);
    }
  }
  return "";
}

// The path that `text` means to the asker; "" if there is no such file.
std::string SettingsPath(absl::string_view text, const Asker& asker) {
  std::string path;
  if (absl::StartsWith(text, "@")) {
    path = absl::StrCat(Dirname(asker.executable), text.substr(1));
  } else if (absl::StartsWith(text, "$")) {
    const size_t end = std::min(text.find('/'), text.size());
    const absl::string_view value = Variable(*asker.environment, text.substr(1, end - 1));
    if (value.empty()) return "";
    path = absl::StrCat(value, text.substr(end));
  } else {
    path = std::string(text);
  }
  return absl::StartsWith(path, "/") ? CleanPath(path) : "";
}

// Nothing that the profile refuses stands in the files from which the program takes more variables.
bool FitsSettings(const ProfileRule& rule, const Asker& asker) {
  for (const std::string& text : rule.settings) {
    const std::string path = SettingsPath(text, asker);
    if (path.empty()) continue;
    if (asker.read_file == nullptr) return false;
    absl::StatusOr<std::string> content = asker.read_file(path);
    if (absl::IsNotFound(content.status())) continue;
    if (!content.ok()) return false;
    std::vector<std::string> variables;
    for (absl::string_view line : absl::StrSplit(*content, '\n')) {
      variables.emplace_back(absl::StripAsciiWhitespace(line));
    }
    if (!FitsEnvironment(rule, variables)) return false;
  }
  return true;
}

// The dynamic linker loads nobody else's code into every process (what LD_PRELOAD loads is
// FitsEnvironment's).
bool PreloadsNothing(const Asker& asker) {
  if (asker.read_file == nullptr) return false;
  const absl::StatusOr<std::string> content = asker.read_file("/etc/ld.so.preload");
  return absl::IsNotFound(content.status()) || (content.ok() && absl::StripAsciiWhitespace(*content).empty());
}

bool EndsInOneOf(absl::string_view name, const std::vector<std::string>& suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [&](const std::string& suffix) { return absl::EndsWith(name, suffix); });
}

}  // namespace

Profile::Profile(std::shared_ptr<const ProfileSet> set, size_t index, Profiles::Reader read)
    : set_(std::move(set)), rule_(set_->rules[index]), read_(std::move(read)) {}

const std::string& Profile::name() const { return rule_.name; }

const std::string& Profile::warm_tool() const {
  return rule_.warm_caches.empty() ? rule_.warm_of : rule_.name;
}

bool Profile::InScope(const std::vector<const Node*>& directories) const {
  if (rule_.below.empty()) return true;
  for (const Node* directory : directories) {
    if (!rule_.not_holding.empty() && directory->Child(rule_.not_holding) != nullptr) return false;
    if (directory->Child(rule_.below) != nullptr) return true;
    for (const std::string& pattern : rule_.not_through) {
      if (FitsNamePattern(pattern, directory->name)) return false;
    }
  }
  return false;
}

bool Profile::ReadsGoHeader(const Node& file, const std::vector<const Node*>& directories) const {
  return file.entry.is_file() && file.entry.link_group == 0 && EndsInOneOf(file.name, rule_.go_headers) &&
         InScope(directories);
}

StatMeaning Profile::Stat(const Node& file, const std::vector<const Node*>& directories) const {
  if (rule_.stat == StatMeaning::kTime || !InScope(directories)) return StatMeaning::kTime;
  // Of a file with more names than one, it is not known which one was meant.
  const bool by_name = !rule_.content_suffixes.empty() || !rule_.go_headers.empty();
  if (by_name && file.entry.link_group != 0) return StatMeaning::kTime;
  const bool hidden =
      std::any_of(rule_.list.hidden.begin(), rule_.list.hidden.end(),
                  [&](const std::string& prefix) { return absl::StartsWith(file.name, prefix); });
  if (file.entry.is_file() && !hidden && EndsInOneOf(file.name, rule_.go_headers))
    return StatMeaning::kGoHeader;
  if (file.entry.is_file() && !hidden && EndsInOneOf(file.name, rule_.content_suffixes))
    return StatMeaning::kContent;
  if (rule_.programs_by_time && (file.entry.mode & 0111) != 0 && !absl::StrContains(file.name, ".")) {
    return StatMeaning::kTime;
  }
  return set_->least_level >= 2 ? StatMeaning::kSize : rule_.stat;
}

bool Profile::HoldsText(const Node& directory) const {
  for (const Node& file : directory.children()) {
    if (file.entry.is_directory() || !absl::EndsWith(file.name, rule_.unless_suffix)) continue;
    if (!file.entry.is_file() || file.entry.size > kMaxSource)
      return true;  // a link: who knows where it leads
    const std::pair<const ProfileRule*, Digest> key(&rule_, file.entry.content);
    {
      absl::MutexLock lock(&set_->mutex);
      const auto found = set_->texts.find(key);
      if (found != set_->texts.end()) {
        if (found->second) return true;
        continue;
      }
    }
    absl::StatusOr<std::string> content = read_(file, 0, file.entry.size);
    if (!content.ok()) return true;
    const bool holds =
        std::any_of(rule_.unless_text.begin(), rule_.unless_text.end(),
                    [&](const std::string& text) { return absl::StrContains(*content, text); });
    absl::MutexLock lock(&set_->mutex);
    set_->texts.emplace(key, holds);
    if (holds) return true;
  }
  return false;
}

const ListFilter* Profile::Listing(const std::vector<const Node*>& directories, const MadeNames& made) const {
  if (!rule_.narrows || !InScope(directories)) return nullptr;
  if (rule_.unless_suffix.empty()) return &rule_.list;
  for (size_t i = 0; i < directories.size(); ++i) {
    if (HoldsText(*directories[i])) return nullptr;
    absl::StatusOr<std::vector<std::string>> names = made(i);
    if (!names.ok()) return nullptr;
    for (const std::string& name : *names) {
      if (absl::EndsWith(name, rule_.unless_suffix)) return nullptr;
    }
  }
  return &rule_.list;
}

Profiles::Profiles() : set_(std::make_shared<const ProfileSet>(std::vector<ProfileRule>(), 0)) {}

Profiles Profiles::Of(std::vector<ProfileRule> rules) {
  Profiles profiles;
  profiles.set_ = std::make_shared<const ProfileSet>(std::move(rules), 0);
  return profiles;
}

Profiles Profiles::WithLeastLevel(int level) const {
  Profiles profiles(*this);
  profiles.set_ = std::make_shared<const ProfileSet>(level >= 3 ? std::vector<ProfileRule>() : set_->rules,
                                                     std::max(level, set_->least_level));
  return profiles;
}

bool Profiles::MayReadGoHeader(absl::string_view name) const {
  return std::any_of(set_->rules.begin(), set_->rules.end(),
                     [&](const ProfileRule& rule) { return EndsInOneOf(name, rule.go_headers); });
}

std::vector<WarmTool> Profiles::warm_tools() const {
  std::vector<WarmTool> tools;
  for (const ProfileRule& rule : set_->rules) {
    if (rule.strict || rule.warm_caches.empty()) continue;
    tools.push_back(
        {rule.name, rule.warm_caches, rule.warm_children, rule.warm_companions, rule.content_suffixes});
  }
  return tools;
}

std::string Profiles::WarmToolOf(absl::string_view profile) const {
  for (const ProfileRule& rule : set_->rules) {
    if (rule.name == profile) return rule.warm_caches.empty() ? rule.warm_of : rule.name;
  }
  return "";
}

Digest Profiles::digest() const { return set_->digest; }

std::shared_ptr<const Profile> Profiles::Find(const Asker& asker, const Reader& read,
                                              const Memory& memory) const {
  if (set_->rules.empty() || asker.file == nullptr || !asker.file->entry.is_file() ||
      !asker.environment.has_value()) {
    return nullptr;
  }
  const std::shared_ptr<const ProgramFacts> facts = set_->Facts(*asker.file, read, memory);
  if (facts == nullptr) return nullptr;
  for (size_t i = 0; i < set_->rules.size(); ++i) {
    const ProfileRule& rule = set_->rules[i];
    if (!rule.strict && set_->IsProgram(i, *facts) && FitsArguments(rule, asker.argv) &&
        FitsEnvironment(rule, *asker.environment) && FitsSettings(rule, asker)) {
      if (!PreloadsNothing(asker)) return nullptr;
      return std::make_shared<const Profile>(set_, i, read);
    }
  }
  return nullptr;
}

}  // namespace kasane
