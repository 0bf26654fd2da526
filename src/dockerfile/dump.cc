#include "src/dockerfile/dump.h"

namespace kasane {
namespace {

Json DumpInstruction(const Instruction& in) {
  Json out;
  out["instruction"] = std::string(InstructionName(in.kind));
  out["range"] = DumpRange(in.range);
  for (const Flag& flag : in.flags) {
    Json f;
    f["name"] = flag.name;
    if (flag.has_value) f["value"] = flag.value;
    f["range"] = DumpRange(flag.range);
    out["flags"].push_back(std::move(f));
  }
  if (in.json) out["json"] = true;
  for (const Word& word : in.args) {
    Json w;
    w["text"] = word.text;
    w["range"] = DumpRange(word.range);
    out["args"].push_back(std::move(w));
  }
  for (const KeyValue& pair : in.pairs) {
    Json p;
    p["key"] = pair.key.text;
    if (pair.has_value) p["value"] = pair.value.text;
    if (pair.legacy) p["legacy"] = true;
    p["range"] = DumpRange(pair.range);
    out["pairs"].push_back(std::move(p));
  }
  for (const Heredoc& heredoc : in.heredocs) {
    Json h;
    h["name"] = heredoc.name;
    if (heredoc.fd != 0) h["fd"] = heredoc.fd;
    if (heredoc.strip_tabs) h["strip_tabs"] = true;
    if (heredoc.expand) h["expand"] = true;
    h["body"] = heredoc.body;
    h["range"] = DumpRange(heredoc.range);
    h["body_range"] = DumpRange(heredoc.body_range);
    out["heredocs"].push_back(std::move(h));
  }
  if (!in.trigger.empty()) out["trigger"] = DumpInstruction(in.trigger[0]);
  for (const Word& comment : in.comments) out["comments"].push_back(comment.text);
  return out;
}

}  // namespace

Json DumpRange(const SourceRange& r) { return Json::array({r.line, r.column, r.end_line, r.end_column}); }

Json DumpAst(const DockerfileAst& ast) {
  Json out;
  out["file"] = ast.file;
  out["escape"] = std::string(1, ast.escape);
  for (const Directive& directive : ast.directives) {
    Json d;
    d["name"] = directive.name;
    d["value"] = directive.value.text;
    d["range"] = DumpRange(directive.range);
    out["directives"].push_back(std::move(d));
  }
  out["instructions"] = Json::array();
  for (const Instruction& in : ast.instructions) out["instructions"].push_back(DumpInstruction(in));
  return out;
}

}  // namespace kasane
