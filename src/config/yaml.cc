#include "src/config/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

constexpr int kMaxDepth = 100;
constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr int kMaxNodes = 100000;
constexpr absl::string_view kCoreTags = "tag:yaml.org,2002:";  // !!str and its like

absl::string_view View(const yaml_char_t* text) {
  return text == nullptr ? "" : reinterpret_cast<const char*>(text);
}

// An event that is given back to the library.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event); }
  yaml_event_t event = {};
};

int CountNodes(const YamlNode& node) {
  int count = 1;
  for (const YamlNode& item : node.items) count += CountNodes(item);
  for (const YamlMember& member : node.members) count += CountNodes(member.value);
  return count;
}

class Parser {
 public:
  Parser(absl::string_view text, const std::string& file, Diagnostic* error)
      : text_(text), file_(file), error_(error) {
    is_ready_ = yaml_parser_initialize(&parser_) == 1;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    for (size_t i = absl::StartsWith(text, kByteOrderMark) ? kByteOrderMark.size() : 0; i < text.size();
         ++i) {
      if (text[i] == '\n') lines_.push_back(i + 1);
      if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) characters_.push_back(i);
    }
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() { yaml_parser_delete(&parser_); }

  bool Parse(YamlNode* root) {
    if (!is_ready_) return Fail(SourceRange(), "out of memory");
    while (true) {
      Event next;
      if (!Next(&next)) return false;
      switch (next.event.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
          break;
        case YAML_DOCUMENT_START_EVENT:
          if (has_document_) return Fail(RangeOf(next), "a second document begins here", "one is expected");
          has_document_ = true;
          break;
        case YAML_STREAM_END_EVENT:
          if (!has_document_) root->is_plain = true;  // null
          return true;
        default:
          if (!Node(next, 0, root)) return false;
      }
    }
  }

 private:
  bool Fail(const SourceRange& range, std::string message, std::string help = "") {
    *error_ = Diagnostic();
    error_->file = file_;
    error_->range = range;
    error_->message = std::move(message);
    error_->help = std::move(help);
    return false;
  }

  // The library counts characters, and has more kinds of line ends than a diagnostic; that counts bytes
  // from 1.
  void Place(const yaml_mark_t& mark, int* line, int* column) const {
    const size_t at = mark.index < characters_.size() ? characters_[mark.index] : text_.size();
    const auto begin = std::upper_bound(lines_.begin(), lines_.end(), at) - 1;
    *line = static_cast<int>(begin - lines_.begin()) + 1;
    *column = static_cast<int>(at - *begin) + 1;
  }

  SourceRange RangeAt(const yaml_mark_t& from, const yaml_mark_t& to) const {
    SourceRange range;
    Place(from, &range.line, &range.column);
    Place(to, &range.end_line, &range.end_column);
    // Of what goes over lines the first character is shown.
    if (range.end_line != range.line || range.end_column <= range.column) {
      range.end_line = range.line;
      range.end_column = range.column + 1;
    }
    return range;
  }
  SourceRange RangeOf(const Event& event) const {
    return RangeAt(event.event.start_mark, event.event.end_mark);
  }

  bool Next(Event* next) {
    if (yaml_parser_parse(&parser_, &next->event) == 1) return true;
    const std::string problem = parser_.problem == nullptr ? "this is no YAML" : parser_.problem;
    if (parser_.error == YAML_READER_ERROR) {  // it has no mark
      SourceRange range;
      const size_t offset = std::min<size_t>(parser_.problem_offset, text_.size());
      const auto line = std::upper_bound(lines_.begin(), lines_.end(), offset) - 1;
      range.line = range.end_line = static_cast<int>(line - lines_.begin()) + 1;
      range.column = static_cast<int>(offset - *line) + 1;
      range.end_column = range.column + 1;
      return Fail(range, problem);
    }
    return Fail(RangeAt(parser_.problem_mark, parser_.problem_mark), problem,
                parser_.context == nullptr ? "" : parser_.context);
  }

  bool Count(const SourceRange& range, int more) {
    nodes_ += more;
    return nodes_ <= kMaxNodes || Fail(range, "there is too much in this document");
  }

  bool CheckTag(const Event& event, const yaml_char_t* tag) {
    if (View(tag).empty() || absl::StartsWith(View(tag), kCoreTags) || View(tag) == "!") return true;
    return Fail(RangeOf(event), absl::StrCat("the tag ", View(tag), " means nothing here"));
  }

  bool Node(const Event& event, int depth, YamlNode* node) {
    node->range = RangeOf(event);
    if (depth > kMaxDepth) return Fail(node->range, "this is nested too deep");
    if (!Count(node->range, 1)) return false;
    const yaml_event_t& e = event.event;
    std::string anchor;
    switch (e.type) {
      case YAML_ALIAS_EVENT:
        return Alias(node->range, std::string(View(e.data.alias.anchor)), node);
      case YAML_SCALAR_EVENT:
        if (!CheckTag(event, e.data.scalar.tag)) return false;
        anchor = std::string(View(e.data.scalar.anchor));
        node->text.assign(reinterpret_cast<const char*>(e.data.scalar.value), e.data.scalar.length);
        node->is_plain = e.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        break;
      case YAML_SEQUENCE_START_EVENT:
        if (!CheckTag(event, e.data.sequence_start.tag)) return false;
        anchor = std::string(View(e.data.sequence_start.anchor));
        node->kind = YamlNode::Kind::kSequence;
        if (!Items(depth, node)) return false;
        break;
      case YAML_MAPPING_START_EVENT:
        if (!CheckTag(event, e.data.mapping_start.tag)) return false;
        anchor = std::string(View(e.data.mapping_start.anchor));
        node->kind = YamlNode::Kind::kMapping;
        if (!Members(depth, node)) return false;
        break;
      default:
        return Fail(node->range, "this is no YAML");
    }
    if (!anchor.empty()) anchors_[anchor] = *node;
    return true;
  }

  bool Alias(const SourceRange& range, const std::string& anchor, YamlNode* node) {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) return Fail(range, absl::StrCat("there is no anchor &", anchor, " above"));
    if (!Count(range, CountNodes(found->second))) return false;
    *node = found->second;
    return true;
  }

  bool Items(int depth, YamlNode* node) {
    while (true) {
      Event next;
      if (!Next(&next)) return false;
      if (next.event.type == YAML_SEQUENCE_END_EVENT) return true;
      node->items.emplace_back();
      if (!Node(next, depth + 1, &node->items.back())) return false;
    }
  }

  bool Members(int depth, YamlNode* node) {
    std::vector<YamlNode> merged;
    std::set<std::string> keys;
    while (true) {
      Event next;
      if (!Next(&next)) return false;
      if (next.event.type == YAML_MAPPING_END_EVENT) break;
      YamlNode key;
      if (!Node(next, depth + 1, &key)) return false;
      if (key.kind != YamlNode::Kind::kScalar) return Fail(key.range, "a key must be a text");
      Event value;
      if (!Next(&value)) return false;
      YamlMember member = {key.text, key.range, {}};
      if (!Node(value, depth + 1, &member.value)) return false;
      if (key.is_plain && key.text == "<<") {
        merged.push_back(std::move(member.value));
        continue;
      }
      if (!keys.insert(key.text).second)
        return Fail(key.range, absl::StrCat("`", key.text, "` stands here for a second time"));
      node->members.push_back(std::move(member));
    }
    return std::all_of(merged.begin(), merged.end(),
                       [&](const YamlNode& from) { return Merge(from, &keys, node); });
  }

  // Adds what is missing. A sequence is one of mappings.
  bool Merge(const YamlNode& from, std::set<std::string>* keys, YamlNode* node) {
    std::vector<const YamlNode*> mappings = {&from};
    if (from.kind == YamlNode::Kind::kSequence) {
      mappings.clear();
      for (const YamlNode& item : from.items) mappings.push_back(&item);
    }
    for (const YamlNode* mapping : mappings) {
      if (mapping->kind != YamlNode::Kind::kMapping)
        return Fail(mapping->range, "<< takes a mapping, or a sequence of them");
      for (const YamlMember& member : mapping->members) {
        if (keys->insert(member.key).second) node->members.push_back(member);
      }
    }
    return true;
  }

  const absl::string_view text_;
  const std::string& file_;
  Diagnostic* const error_;
  yaml_parser_t parser_ = {};
  bool is_ready_ = false;
  std::vector<size_t> lines_ = {0};  // where they begin
  std::vector<size_t> characters_;   // the same, a byte order mark excepted
  std::map<std::string, YamlNode> anchors_;
  int nodes_ = 0;
  bool has_document_ = false;
};

}  // namespace

bool YamlNode::IsNull() const {
  return kind == Kind::kScalar && is_plain &&
         (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
}

const YamlMember* YamlNode::FindMember(absl::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [key](const YamlMember& member) { return member.key == key; });
  return found == members.end() ? nullptr : &*found;
}

const YamlNode* YamlNode::Find(absl::string_view key) const {
  const YamlMember* member = FindMember(key);
  return member == nullptr ? nullptr : &member->value;
}

absl::optional<YamlNode> ParseYaml(absl::string_view text, const std::string& file, Diagnostic* error) {
  YamlNode root;
  if (!Parser(text, file, error).Parse(&root)) return absl::nullopt;
  return root;
}

Json YamlToJson(const YamlNode& node) {
  if (node.IsNull()) return nullptr;
  if (node.kind == YamlNode::Kind::kScalar) return node.text;
  Json json = node.kind == YamlNode::Kind::kSequence ? Json::array() : Json::object();
  for (const YamlNode& item : node.items) json.push_back(YamlToJson(item));
  for (const YamlMember& member : node.members) json[member.key] = YamlToJson(member.value);
  return json;
}

}  // namespace kasane
