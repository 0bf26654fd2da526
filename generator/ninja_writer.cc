#include "generator/ninja_writer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/shorten.h"

namespace kasane {
namespace {

constexpr absl::string_view kStubMark = "# Made by gen (Kasane):";

bool IsControl(char c) { return (static_cast<unsigned char>(c) < 0x20) || c == 0x7f; }

class Writer {
 public:
  Writer(const Graph& graph, const CommandContext& context, absl::string_view dockerfile)
      : graph_(graph), context_(context), dockerfile_(dockerfile) {}

  std::string Write() {
    size_t paths = 0;
    for (const GraphEdge& edge : graph_.edges) {
      paths += edge.below.size() + 2 * edge.source.size() + edge.files.size() + 10;
    }
    out_.reserve(4096 + 40 * paths);
    Header();
    for (const GraphEdge& edge : graph_.edges) {
      if (!edge.is_built()) Edge(edge);
    }
    Targets();
    return std::move(out_);
  }

 private:
  template <typename... T>
  void Put(const T&... parts) {
    absl::StrAppend(&out_, parts...);
  }

  void Header() {
    Put("# Made by gen (Kasane) from ", Clean(dockerfile_),
        ". Do not edit: it is written again whenever that changes.\n",
        "# For a ninja file in another directory: set `kasane = path/to/this/build/` and `subninja` this "
        "file; targets\n"
        "# then begin with that path too. `kasane_pull_pool` may name a pool for downloads.\n\n",
        "gen = ", NinjaValue(ShellWord(context_.gen)), "\n", "state = ${kasane}", context_.state, "\n",
        "records = ${kasane}", context_.state, "/records\n", "step = exec $gen step --dir $state --store ",
        context_.store, "\n\n",
        "rule kasane_gen\n"
        "  command = exec $gen regenerate $state\n"
        "  description = gen\n"
        "  depfile = $state/stamp.d\n"
        "  generator = 1\n"
        "  pool = console\n\n"
        "rule kasane_step\n"
        "  command = $step $options --below $in --source $source -- $spec $out\n"
        "  description = $what\n"
        "  restat = 1\n\n"
        "rule kasane_chain\n"
        "  command = exec $gen chain $state $out $in\n"
        "  description = $what\n"
        "  restat = 1\n\n"
        "rule kasane_collect\n"
        "  command = $step $options --source $in -- $spec $out\n"
        "  description = $what\n"
        "  restat = 1\n\n"
        "rule kasane_always\n"
        "  command = $step $options --source $in -- $spec $out\n"
        "  description = $what\n\n"
        "build $state/stamp: kasane_gen");
    if (!context_.first.empty()) Put(" || ${kasane}", context_.first);
    Put("\n");
  }

  void Edge(const GraphEdge& edge) {
    Put("\n");
    if (edge.range.line > 0) Put("# ", Clean(dockerfile_), ":", edge.range.line, " ", Clean(edge.text), "\n");
    Put("build ");
    Record(edge);
    bool has_dest = !edge.dest.empty() && NinjaCanName(edge.dest) && !IsTargetName(edge.dest);
    if (!edge.products.empty() || has_dest) Put(" |");
    for (const std::string& product : edge.products) Put(" $state/", product);
    if (has_dest) File(edge.dest);
    // `$in` is what the command lists; the rest are inputs for ninja alone.
    bool collects = edge.below.empty() && !edge.source.empty();
    const bool is_chain = edge.kind == "chain";
    Put(is_chain      ? ": kasane_chain"
        : edge.always ? ": kasane_always"
        : collects    ? ": kasane_collect"
                      : ": kasane_step");
    Records(collects ? edge.source : edge.below);
    if ((!collects && !edge.source.empty()) || !edge.files.empty() || !edge.beside.empty()) Put(" |");
    if (!collects) Records(edge.source);
    for (const std::string& path : edge.beside) Put(" $state/", path);
    for (const std::string& file : edge.files) File(file);
    Put("\n");
    if (!is_chain) Put("  spec = ", edge.spec.ToHex(), "\n");
    if (!collects && !edge.source.empty()) {
      Put("  source =");
      Records(edge.source);
      Put("\n");
    }
    std::string options;
    for (const std::string& option : StepOptions(edge, CommandContext{"", "$state", "", context_.fresh})) {
      bool relative = !edge.dest.empty() && option == edge.dest && option[0] != '/';
      absl::StrAppend(&options, options.empty() ? "" : " ", relative ? "${kasane}" : "",
                      absl::StartsWith(option, "$state/") ? option
                      : option == "--console"             ? "$kasane_console"
                                                          : NinjaValue(ShellWord(option)));
    }
    if (!options.empty()) Put("  options = ", options, "\n");
    Put("  what = ", NinjaValue(Shorten(edge.title, 76)), "\n");
    // In somebody's build there may be RUNs of other images: they shall not wait for each other.
    if (edge.pool == Pool::kTerminal)
      Put("  pool = ", edge.kind == "run" ? "$kasane_run_pool" : "console", "\n");
    if (edge.pool == Pool::kPull) Put("  pool = $kasane_pull_pool\n");
  }

  void Targets() {
    Put("\n");
    for (const GraphTarget& target : graph_.targets) {
      Put("build ${kasane}", target.name, ": phony");
      Records(target.edges);
      Put("\n");
    }
  }

  // Relative to the build directory, or absolute.
  void File(const std::string& path) {
    Put(absl::StartsWith(path, "/") ? " " : " ${kasane}");
    AppendNinjaPath(path, &out_);
  }
  // Records' names are of our own making and need no escapes.
  void Record(const GraphEdge& edge) {
    Put("$records", absl::string_view(edge.record).substr(absl::string_view("records").size()));
  }
  void Records(const std::vector<int>& edges) {
    for (int i : edges) {
      const GraphEdge& edge = graph_.edges[static_cast<size_t>(i)];
      if (edge.is_built()) {
        File(edge.record);
        continue;
      }
      out_ += ' ';
      Record(edge);
    }
  }
  // For a comment.
  static std::string Clean(absl::string_view text) {
    std::string out(text);
    for (char& c : out) {
      if (IsControl(c)) c = ' ';
    }
    return out;
  }

  const Graph& graph_;
  const CommandContext& context_;
  absl::string_view dockerfile_;
  std::string out_;
};

}  // namespace

bool NinjaCanName(absl::string_view path) {
  for (char c : path) {
    if (IsControl(c) || c == '|') return false;
  }
  return !path.empty();
}

void AppendNinjaPath(absl::string_view path, std::string* out) {
  for (char c : path) {
    if (c == '$' || c == ' ' || c == ':') *out += '$';
    *out += c;
  }
}

std::string NinjaValue(absl::string_view value) {
  std::string out;
  // Leading blanks would be skipped.
  if (!value.empty() && value[0] == ' ') {
    out += '$';
  }
  for (char c : value) {
    if (c == '$') out += '$';
    out += IsControl(c) ? '?' : c;
  }
  return out;
}

std::string ShellWord(absl::string_view word) {
  bool plain = !word.empty();
  for (char c : word) {
    plain =
        plain && (absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("/._-+:,@%=", c));
  }
  if (plain) return std::string(word);
  std::string out = "'";
  for (char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string NinjaText(const Graph& graph, const CommandContext& context, absl::string_view dockerfile) {
  return Writer(graph, context, dockerfile).Write();
}

bool IsTargetName(absl::string_view path) {
  return path == "image" || path == "oci" || path == "archive" || path == "push" ||
         absl::StartsWith(path, "stage/");
}

absl::string_view NinjaStub() {
  return "# Made by gen (Kasane): the same for every build; the build itself is in .kasane/image.ninja. gen "
         "leaves a\n"
         "# build.ninja alone that does not begin with this line.\n"
         "builddir = .kasane\n"
         "kasane =\n"
         "pool kasane_pull\n"
         "  depth = 4\n"
         "kasane_pull_pool = kasane_pull\n"
         "kasane_run_pool = console\n"
         "kasane_console = --console\n"
         "include .kasane/image.ninja\n"
         "build build.ninja: phony .kasane/stamp\n"
         "default image\n";
}

bool IsNinjaStub(absl::string_view text) { return absl::StartsWith(text, kStubMark); }

std::string Depfile(absl::string_view target, const std::vector<std::string>& inputs) {
  std::string out = absl::StrCat(target, ":");
  for (const std::string& input : inputs) {
    std::string path;
    bool fits = !input.empty();
    for (char c : input) {
      // The bytes that ninja's depfile lexer takes as they are, and the three that it lets be escaped.
      if (c == ' ' || c == '#') {
        path += '\\';
      } else if (c == '$') {
        path += '$';
      } else if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
                 static_cast<unsigned char>(c) < 0x80 && !absl::StrContains("+?\"'&,/_:.~()}{%=@[]!-", c)) {
        fits = false;
      }
      path += c;
    }
    if (fits && path.back() != ':') absl::StrAppend(&out, " \\\n  ", path);
  }
  return out + "\n";
}

}  // namespace kasane
