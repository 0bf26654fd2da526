#include "generator/cmake_writer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

class Writer {
 public:
  Writer(Graph graph, const CommandContext& context, const std::string& directory)
      : graph_(std::move(graph)), context_(context), directory_(directory) {
    context_.state = JoinPath(directory, context.state);
    for (GraphEdge& edge : graph_.edges) {
      if (edge.is_built()) edge.record = Absolute(edge.record);
    }
  }

  std::string Write(const std::vector<std::string>& depends, absl::string_view dockerfile) {
    Put("# Made by gen (Kasane) from ", Comment(dockerfile),
        ". Do not edit: it is written again whenever CMake configures.\n");
    for (const GraphEdge& edge : graph_.edges) {
      if (!edge.always && !edge.is_built()) Edge(edge, dockerfile);
    }
    for (const GraphTarget& target : graph_.targets) {
      if (target.name == "image" || target.name == "archive") {
        Put("\nset(kasane_", target.name, "_outputs");
        for (const int i : target.edges) Outputs(graph_.edges[static_cast<size_t>(i)]);
        Put(")\n");
      } else if (target.name == "push") {
        Put("\nset(kasane_push_command");
        Command(graph_.edges[static_cast<size_t>(target.edges[0])]);
        Put(")\n");
      }
    }
    Put("\nset(kasane_configure_depends");
    for (const std::string& path : depends) {
      if (CMakeCanName(path)) Put("\n  ", CMakeWord(path));
    }
    Put(")\n");
    return std::move(out_);
  }

 private:
  template <typename... T>
  void Put(const T&... parts) {
    absl::StrAppend(&out_, parts...);
  }
  std::string Absolute(const std::string& path) const {
    return path[0] == '/' ? path : CleanPath(JoinPath(directory_, path));
  }

  void Edge(const GraphEdge& edge, absl::string_view dockerfile) {
    Put("\n");
    if (edge.range.line > 0)
      Put("# ", Comment(dockerfile), ":", edge.range.line, " ", Comment(edge.text), "\n");
    Put("add_custom_command(\n  OUTPUT");
    Outputs(edge);
    Put("\n  DEPENDS\n    ", CMakeWord(CommandFile(JoinPath(context_.state, edge.record))));
    std::vector<int> records = edge.below;
    records.insert(records.end(), edge.source.begin(), edge.source.end());
    std::sort(records.begin(), records.end());
    records.erase(std::unique(records.begin(), records.end()), records.end());
    for (const int i : records) {
      Put("\n    ", CMakeWord(RecordPath(graph_.edges[static_cast<size_t>(i)], context_.state)));
    }
    for (const std::string& path : edge.beside) Put("\n    ", CMakeWord(JoinPath(context_.state, path)));
    for (const std::string& file : edge.files) {
      if (CMakeCanName(Absolute(file))) Put("\n    ", CMakeWord(Absolute(file)));
    }
    Put("\n  COMMAND");
    Command(edge);
    Put("\n  COMMENT ", CMakeWord(edge.title), "\n  VERBATIM)\n");
  }

  void Outputs(const GraphEdge& edge) {
    Put("\n    ", CMakeWord(JoinPath(context_.state, edge.record)));
    for (const std::string& product : edge.products) {
      Put("\n    ", CMakeWord(JoinPath(context_.state, product)));
    }
    if (!edge.dest.empty() && CMakeCanName(Absolute(edge.dest)))
      Put("\n    ", CMakeWord(Absolute(edge.dest)));
  }

  // Between CMake's other commands nobody owns the terminal for the length of a RUN.
  void Command(GraphEdge edge) {
    if (edge.kind == "run") edge.pool = Pool::kNone;
    const std::vector<std::string> words = StepCommand(graph_, edge, context_);
    for (size_t i = 0; i < words.size(); ++i) {
      Put(" ", CMakeWord(words[i]));
      if (i == 1) Put(" ${kasane_step_options}");  // GEN step
    }
  }

  static std::string Comment(absl::string_view text) {
    std::string out(text);
    std::replace_if(out.begin(), out.end(), IsControl, ' ');
    return out;
  }

  Graph graph_;
  CommandContext context_;
  const std::string& directory_;
  std::string out_;
};

}  // namespace

// ';' separates the elements of lists, "$<" begins a generator expression, and make has its own signs.
bool CMakeCanName(absl::string_view path) {
  return !path.empty() && std::none_of(path.begin(), path.end(), [](char c) {
    return IsControl(c) || absl::StrContains(";$\"\\|<>*?%#:=", c);
  });
}

std::string CMakeWord(absl::string_view word) {
  std::string out = "\"";
  for (const char c : word) {
    if (c == '\\' || c == '"' || c == '$' || c == ';') out += '\\';
    out += IsControl(c) ? '?' : c;
  }
  return out + "\"";
}

std::string CommandFile(const std::string& record) { return record + ".command"; }

std::string CMakeText(const Graph& graph, const CommandContext& context, const std::string& directory,
                      const std::vector<std::string>& depends, absl::string_view dockerfile) {
  return Writer(WithoutChains(graph), context, directory).Write(depends, dockerfile);
}

}  // namespace kasane
