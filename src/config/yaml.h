// YAML by libyaml, as a tree in which every node knows its place.
#ifndef KASANE_SRC_CONFIG_YAML_H_
#define KASANE_SRC_CONFIG_YAML_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/diagnostic.h"
#include "src/base/json.h"

namespace kasane {

struct YamlMember;

struct YamlNode {
  enum class Kind { kScalar, kSequence, kMapping };
  Kind kind = Kind::kScalar;
  SourceRange range;                // of an alias: that of what it stands for
  std::string text;                 // of a scalar
  bool is_plain = false;            // a scalar without quotes: it may mean null, a truth or a number
  std::vector<YamlNode> items;      // of a sequence
  std::vector<YamlMember> members;  // of a mapping, as written; keys are different

  bool IsNull() const;                                        // nothing, ~ or null
  const YamlMember* FindMember(absl::string_view key) const;  // null: there is no such member
  const YamlNode* Find(absl::string_view key) const;          // its value
};

struct YamlMember {
  std::string key;
  SourceRange range;  // of the key
  YamlNode value;
};

// One document (an empty one is null). Anchors and aliases are resolved, merge keys (<<) too: what a mapping
// has itself counts, then what is merged first. Nothing, and *error says where and why: it is no YAML 1.1;
// or it has several documents, tags of its own, keys that are no text or stand there twice, more than 100
// levels, or more than 100,000 nodes (aliases may stand for many). `file` is the name for the diagnostic.
absl::optional<YamlNode> ParseYaml(absl::string_view text, const std::string& file, Diagnostic* error);

// The same as JSON. Every scalar becomes a string, for the schema says what it is; null becomes null.
Json YamlToJson(const YamlNode& node);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_YAML_H_
