#include "src/plan/mount_flag.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/bool.h"
#include "src/base/csv.h"

namespace kasane {
namespace {

const std::vector<std::string>& MountTypes() {
  static const auto* types = new std::vector<std::string>{"bind", "cache", "tmpfs", "secret", "ssh"};
  return *types;
}
const std::vector<std::string>& SharingModes() {
  static const auto* modes = new std::vector<std::string>{"shared", "private", "locked"};
  return *modes;
}
const std::vector<std::string>& MountKeys() {
  static const auto* keys = new std::vector<std::string>{
      "type", "from", "source", "src",     "target",   "dst",  "destination", "readonly", "ro", "readwrite",
      "rw",   "id",   "env",    "sharing", "required", "size", "mode",        "uid",      "gid"};
  return *keys;
}

bool Has(const std::vector<std::string>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string DidYouMean(absl::string_view word, const std::vector<std::string>& names) {
  const std::string guess = ClosestMatch(word, names);
  if (!guess.empty()) return absl::StrCat("did you mean ", guess, "?");
  return absl::StrCat("it can be ", absl::StrJoin(names, ", "));
}

// The part of a flag's value, if the flag stands in the file as it is.
SourceRange PartOf(const Flag& flag, size_t begin, size_t end) {
  SourceRange range = flag.range;
  const size_t before = flag.name.size() + 3;  // "--name="
  const bool literal = range.line == range.end_line &&
                       range.end_column - range.column == static_cast<int>(before + flag.value.size());
  if (!literal) return range;
  range.end_column = range.column + static_cast<int>(before + end);
  range.column += static_cast<int>(before + begin);
  return range;
}

bool SplitFields(const Flag& flag, Report* report, std::vector<FlagField>* fields) {
  std::vector<CsvField> parts;
  std::string error;
  size_t offset = 0;
  if (!SplitCsv(flag.value, &parts, &error, &offset)) {
    const size_t end = std::min(offset + 1, flag.value.size());
    return report->Error(PartOf(flag, offset, end),
                         absl::StrCat("the fields of --", flag.name, " cannot be told apart: ", error),
                         "they are separated by commas; put \"...\" around a field that holds one");
  }
  for (CsvField& part : parts) {
    FlagField field;
    const size_t equals = part.text.find('=');
    field.has_value = equals != std::string::npos;
    field.key = absl::AsciiStrToLower(part.text.substr(0, equals));
    if (field.has_value) field.value = part.text.substr(equals + 1);
    field.range = PartOf(flag, part.begin, part.end);
    field.text = std::move(part.text);
    fields->push_back(std::move(field));
  }
  return true;
}

bool ParseNumber(absl::string_view text, int base, int64_t* value) {
  if (text.empty()) return false;
  uint64_t number = 0;
  for (char c : text) {
    const int digit = c - '0';
    if (digit < 0 || digit >= base) return false;
    number = number * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit);
    if (number > UINT32_MAX) return false;
  }
  *value = static_cast<int64_t>(number);
  return true;
}

// One reading of a flag.
class MountReader {
 public:
  MountReader(const Flag& flag, Report* report, MountFlag* mount)
      : flag_(flag), report_(report), mount_(*mount) {
    mount_ = MountFlag();
    mount_.range = mount_.from_range = mount_.source_range = mount_.target_range = flag.range;
  }

  bool Read(const FlagExpander& expand) {
    std::vector<FlagField> fields;
    if (!SplitFields(flag_, report_, &fields)) return false;
    for (FlagField& field : fields) {
      if (!field.has_value) {
        if (!Switch(field)) return false;
        continue;
      }
      std::string value;
      if (!expand(field.value, ValueRange(field), &value)) return false;
      field.value = std::move(value);
      if (!Set(field)) return false;
    }
    return Finish();
  }

 private:
  // Of what stands behind the '=', where quotes do not hide it.
  SourceRange ValueRange(const FlagField& field) const {
    SourceRange range = field.range;
    const int size = static_cast<int>(field.text.size());
    if (range.line == range.end_line && range.end_column - range.column == size) {
      range.column += static_cast<int>(field.key.size()) + 1;
    }
    return range;
  }

  static bool SaysReadOnly(absl::string_view key) { return key == "readonly" || key == "ro"; }
  static bool SaysReadWrite(absl::string_view key) { return key == "readwrite" || key == "rw"; }
  bool IsType(absl::string_view type) const { return mount_.type == type; }
  bool KnowsRequired() const { return IsType("secret") || IsType("ssh"); }

  bool Unexpected(const FlagField& field) {
    return report_->Error(
        field.range, absl::StrCat("unexpected key \"", field.key, "\" for a mount of type ", mount_.type),
        "type= must stand before the keys that only this type has");
  }
  bool BadValue(const FlagField& field, absl::string_view help) {
    return report_->Error(field.range, absl::StrCat("invalid value \"", field.value, "\" for ", field.key),
                          std::string(help));
  }

  bool Switch(const FlagField& field) {
    const std::string& key = field.key;
    if (SaysReadOnly(key) || SaysReadWrite(key)) {
      SetReadOnly(SaysReadOnly(key));
      return true;
    }
    if (key == "required") {
      if (!KnowsRequired()) return Unexpected(field);
      mount_.required = true;
      return true;
    }
    std::string help;
    if (!Has(MountKeys(), key)) help = DidYouMean(key, MountKeys());
    return report_->Error(field.range,
                          absl::StrCat("invalid field \"", field.text, "\": it must be key=value"), help);
  }

  void SetReadOnly(bool value) {
    mount_.read_only = value;
    read_only_set_ = true;
  }

  bool Set(const FlagField& field) {
    const std::string& key = field.key;
    const std::string& value = field.value;
    bool yes = false;
    if (key == "type") return SetType(field);
    if (key == "from") {
      mount_.from = value;
      mount_.from_range = field.range;
    } else if (key == "source" || key == "src") {
      mount_.source = value;
      mount_.source_range = field.range;
    } else if (key == "target" || key == "dst" || key == "destination") {
      mount_.target = value;
      mount_.target_range = field.range;
    } else if (SaysReadOnly(key) || SaysReadWrite(key)) {
      if (!ParseBool(value, &yes)) return BadValue(field, "it is true or false");
      SetReadOnly(yes == SaysReadOnly(key));
    } else if (key == "required") {
      if (!KnowsRequired()) return Unexpected(field);
      if (!ParseBool(value, &mount_.required)) return BadValue(field, "it is true or false");
    } else if (key == "size") {
      if (!IsType("tmpfs")) return Unexpected(field);
      if (!ParseMemorySize(value, &mount_.size))
        return BadValue(field, "it is a number of bytes, or like 64m");
    } else if (key == "id") {
      mount_.id = value;
    } else if (key == "sharing") {
      return SetSharing(field);
    } else if (key == "mode") {
      return SetNumber(field, 8, &mount_.mode);
    } else if (key == "uid") {
      return SetNumber(field, 10, &mount_.uid);
    } else if (key == "gid") {
      return SetNumber(field, 10, &mount_.gid);
    } else if (key == "env") {
      mount_.env = value;
    } else {
      return report_->Error(field.range, absl::StrCat("unexpected key \"", key, "\" in \"", field.text, "\""),
                            DidYouMean(key, MountKeys()));
    }
    return true;
  }

  bool SetType(const FlagField& field) {
    const std::string type = absl::AsciiStrToLower(field.value);
    if (!Has(MountTypes(), type)) {
      return report_->Error(field.range, absl::StrCat("unsupported mount type \"", field.value, "\""),
                            DidYouMean(type, MountTypes()));
    }
    mount_.type = type;
    return true;
  }

  bool SetSharing(const FlagField& field) {
    const std::string mode = absl::AsciiStrToLower(field.value);
    if (!Has(SharingModes(), mode)) {
      return report_->Error(field.range, absl::StrCat("unsupported sharing value \"", field.value, "\""),
                            DidYouMean(mode, SharingModes()));
    }
    mount_.sharing = mode;
    sharing_range_ = field.range;
    return true;
  }

  bool SetNumber(const FlagField& field, int base, absl::optional<int64_t>* out) {
    int64_t number = 0;
    if (!ParseNumber(field.value, base, &number)) {
      return BadValue(field, base == 8 ? "it is an octal number, as 0755" : "it is a number");
    }
    *out = number;
    numbers_.emplace_back(field.key, field.range);
    return true;
  }

  // What only the whole shows.
  bool Finish() {
    if (!numbers_.empty() && !KnowsRequired() && !IsType("cache")) {
      return report_->Error(
          numbers_[0].second,
          absl::StrCat(numbers_[0].first, " is not allowed for mounts of type ", mount_.type),
          "only cache, secret and ssh have an owner and a mode");
    }
    if (!read_only_set_) mount_.read_only = !IsType("cache") && !IsType("tmpfs");
    if (IsType("secret")) {
      if (!mount_.from.empty()) return report_->Error(mount_.from_range, "a secret mount has no from");
      if (!mount_.sharing.empty()) return report_->Error(sharing_range_, "a secret mount has no sharing");
      if (mount_.source.empty() && mount_.target.empty() && mount_.id.empty()) {
        return report_->Error(flag_.range, "a secret mount needs an id or a target", "write id=NAME");
      }
      if (!mount_.source.empty() && !mount_.id.empty()) {
        return report_->Error(mount_.source_range, "source and id of a secret mean the same: give one");
      }
    }
    if (!mount_.sharing.empty() && !IsType("cache")) {
      return report_->Error(sharing_range_, absl::StrCat("a mount of type ", mount_.type, " has no sharing"),
                            "only caches are shared");
    }
    return true;
  }

  const Flag& flag_;
  Report* report_;
  MountFlag& mount_;
  bool read_only_set_ = false;
  std::vector<std::pair<std::string, SourceRange>> numbers_;  // mode, uid, gid as they were given
  SourceRange sharing_range_;
};

}  // namespace

bool CheckMountFlag(const Flag& flag, Report* report) {
  std::vector<FlagField> fields;
  if (!SplitFields(flag, report, &fields)) return false;
  for (const FlagField& field : fields) {
    if (field.key != "from") continue;
    const size_t dollar = field.value.find('$');
    if (dollar == std::string::npos || dollar + 1 == field.value.size()) continue;
    return report->Error(field.range, "variables are not expanded in from",
                         "name a stage: FROM $IMAGE AS name with a global ARG, then from=name");
  }
  return true;
}

std::string MountFrom(const Flag& flag, SourceRange* range) {
  std::vector<FlagField> fields;
  std::vector<Diagnostic> ignored;
  Report nowhere("", &ignored);
  std::string from;
  SplitFields(flag, &nowhere, &fields);
  for (const FlagField& field : fields) {
    if (field.key != "from" || !field.has_value) continue;
    from = field.value;
    *range = field.range;
  }
  return from;
}

bool MayBeBindMount(const Flag& flag) {
  std::vector<FlagField> fields;
  std::vector<Diagnostic> ignored;
  Report nowhere("", &ignored);
  std::string type = "bind";
  SplitFields(flag, &nowhere, &fields);
  for (const FlagField& field : fields) {
    if (field.key == "type" && field.has_value) type = absl::AsciiStrToLower(field.value);
  }
  return type == "bind" || !Has(MountTypes(), type);  // it may have a variable in it
}

bool ReadMountFlag(const Flag& flag, const FlagExpander& expand, Report* report, MountFlag* mount) {
  return MountReader(flag, report, mount).Read(expand);
}

bool ReadDeviceFlag(const Flag& flag, Report* report, DeviceSpec* device) {
  std::vector<FlagField> fields;
  if (!SplitFields(flag, report, &fields)) return false;
  for (const FlagField& field : fields) {
    if (field.key == "required") {
      device->required = true;
      if (field.has_value && !ParseBool(field.value, &device->required)) {
        return report->Error(field.range, absl::StrCat("invalid value \"", field.value, "\" for required"),
                             "it is true or false");
      }
    } else if (field.has_value && field.key == "name") {
      if (!device->name.empty()) {
        return report->Error(field.range, absl::StrCat("the device's name is ", device->name, " already"));
      }
      device->name = field.value;
    } else if (device->name.empty()) {
      device->name = field.text;
    } else if (!field.has_value) {
      return report->Error(field.range,
                           absl::StrCat("invalid field \"", field.text, "\": it must be key=value"));
    } else {
      return report->Error(field.range,
                           absl::StrCat("unexpected key \"", field.key, "\" in \"", field.text, "\""),
                           DidYouMean(field.key, {"name", "required"}));
    }
  }
  return true;
}

bool ParseMemorySize(absl::string_view text, int64_t* bytes) {
  const size_t last = text.find_last_of("0123456789. ");
  if (last == absl::string_view::npos) return false;
  const absl::string_view number = text.substr(0, text[last] == ' ' ? last : last + 1);
  const std::string suffix = absl::AsciiStrToLower(text.substr(last + 1));
  double value = 0;
  if (number.empty() || number[0] == ' ' || number.back() == ' ' || !absl::SimpleAtod(number, &value))
    return false;
  if (!(value >= 0)) return false;
  if (!suffix.empty() && suffix != "b") {
    const size_t power = absl::string_view("kmgtp").find(suffix[0]);
    if (power == absl::string_view::npos) return false;
    const std::string rest = suffix.substr(1);
    if (!rest.empty() && rest != "b" && rest != "ib") return false;
    for (size_t i = 0; i <= power; ++i) value *= 1024;
  }
  if (value >= 9.2e18) return false;
  *bytes = static_cast<int64_t>(value);
  return true;
}

}  // namespace kasane
