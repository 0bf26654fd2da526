// What each option of gen does with its value: the functions behind the table (option_table.h).
#ifndef KASANE_GENERATOR_OPTION_VALUES_H_
#define KASANE_GENERATOR_OPTION_VALUES_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "generator/options.h"

namespace kasane {

// What is wrong, and what to do about it; both empty: nothing is.
struct Problem {
  std::string message;
  std::string help;
};

// As Annotation::Type counts.
inline constexpr absl::string_view kAnnotationTypes[] = {"manifest", "index", "manifest-descriptor",
                                                         "index-descriptor"};

// option_values_image.cc
Problem SetTag(absl::string_view value, Environment environment, Options* options);
Problem SetLabel(absl::string_view value, Environment environment, Options* options);
Problem SetAnnotation(absl::string_view value, Environment environment, Options* options);
Problem SetAttest(absl::string_view value, Environment environment, Options* options);
Problem SetSbom(absl::string_view value, Environment environment, Options* options);
Problem SetProvenance(absl::string_view value, Environment environment, Options* options);
Problem SetPlatform(absl::string_view value, Environment environment, Options* options);
Problem SetCompression(absl::string_view value, Environment environment, Options* options);
Problem SetOutput(absl::string_view value, Environment environment, Options* options);

// option_values_run.cc
Problem SetNetwork(absl::string_view value, Environment environment, Options* options);
Problem SetAddHost(absl::string_view value, Environment environment, Options* options);
Problem SetUlimit(absl::string_view value, Environment environment, Options* options);
Problem SetShmSize(absl::string_view value, Environment environment, Options* options);
Problem SetSecret(absl::string_view value, Environment environment, Options* options);
Problem SetSsh(absl::string_view value, Environment environment, Options* options);
Problem SetAllow(absl::string_view value, Environment environment, Options* options);
Problem SetCdiDirectory(absl::string_view value, Environment environment, Options* options);
Problem SetStatLevel(absl::string_view value, Environment environment, Options* options);

// option_values_input.cc
Problem SetBuildArg(absl::string_view value, Environment environment, Options* options);
Problem SetBuildContext(absl::string_view value, Environment environment, Options* options);
Problem SetGenerated(absl::string_view value, Environment environment, Options* options);
Problem SetBuildTree(absl::string_view value, Environment environment, Options* options);
Problem SetEmit(absl::string_view value, Environment environment, Options* options);
Problem SetFormat(absl::string_view value, Environment environment, Options* options);
Problem SetCall(absl::string_view value, Environment environment, Options* options);
Problem SetCheck(absl::string_view value, Environment environment, Options* options);

// Switches get "true" or "false".
template <bool Options::*kMember>
Problem SetSwitch(absl::string_view value, Environment, Options* o) {
  if (value != "true" && value != "false")
    return {absl::StrCat("invalid value \"", value, "\""), "use true or false"};
  o->*kMember = value == "true";
  return {};
}
template <std::string Options::*kMember>
Problem SetText(absl::string_view value, Environment, Options* o) {
  o->*kMember = std::string(value);
  return {};
}

}  // namespace kasane

#endif  // KASANE_GENERATOR_OPTION_VALUES_H_
