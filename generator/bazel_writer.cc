#include "generator/bazel_writer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/contract/mount_sources.h"
#include "src/contract/spec.h"

namespace kasane {
namespace {

// By context; "" is the main one.
std::map<std::string, std::vector<std::string>> WordsByContext(const Spec& spec) {
  std::map<std::string, std::vector<std::string>> words;
  if (const auto* run = std::get_if<RunSpec>(&spec)) {
    for (const auto& [name, sources] : ContextMountSources(*run)) words[name] = sources.sources;
  } else if (const auto* copy = std::get_if<CopySpec>(&spec); copy != nullptr && copy->from != "stage") {
    const size_t colon = copy->from.find(':');
    const std::string name = colon == std::string::npos ? "" : copy->from.substr(colon + 1);
    std::vector<std::string> local = LocalWords(*copy);
    if (!local.empty()) words[name] = std::move(local);
  }
  return words;
}

std::string List(const std::vector<std::string>& words) {
  return absl::StrCat("[",
                      absl::StrJoin(words, ", ",
                                    [](std::string* out, const std::string& word) {
                                      absl::StrAppend(out, StarlarkString(word));
                                    }),
                      "]");
}

std::string Step(const Graph& graph, GraphEdge edge) {
  if (edge.kind == "run") edge.pool = Pool::kNone;
  edge.salt.clear();  // Bazel sees what files hold
  std::string out = "    dict(";
  const auto put = [&](absl::string_view name, absl::string_view value) {
    absl::StrAppend(&out, absl::EndsWith(out, "(") ? "" : ", ", name, " = ", value);
  };
  put("kind", StarlarkString(edge.kind));
  put("record", StarlarkString(edge.record));
  put("spec", StarlarkString(edge.spec.ToHex()));
  put("title", StarlarkString(edge.title));
  if (!edge.source.empty() && graph.edges[static_cast<size_t>(edge.source[0])].is_built()) {
    const GraphEdge& base = graph.edges[static_cast<size_t>(edge.source[0])];
    put("base", List({base.text, base.record.substr(base.record.find("records/"))}));
    edge.source.clear();
  }
  if (!edge.below.empty()) put("below", absl::StrCat("[", absl::StrJoin(edge.below, ", "), "]"));
  if (!edge.source.empty()) put("source", absl::StrCat("[", absl::StrJoin(edge.source, ", "), "]"));
  if (!edge.products.empty()) put("products", List(edge.products));
  const std::vector<std::string> options = StepOptions(edge, {"", "$state", "", ""});
  if (!options.empty()) put("options", List(options));
  std::vector<std::string> contexts;
  const absl::StatusOr<Spec> spec = DecodeSpec(graph.specs.at(edge.spec));
  for (const auto& [name, words] : spec.ok() ? WordsByContext(*spec) : decltype(WordsByContext(*spec))()) {
    if (name.empty()) {
      put("files", List(GlobPatterns(words)));
    } else {
      contexts.push_back(name);
    }
  }
  if (!contexts.empty()) put("contexts", List(contexts));
  return absl::StrCat(out, "),\n");
}

}  // namespace

std::string StarlarkString(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::vector<std::string> GlobPatterns(const std::vector<std::string>& words) {
  std::vector<std::string> patterns;
  for (const std::string& word : words) {
    std::vector<std::string> components =
        absl::StrSplit(CleanPath(absl::StrCat("/", word)), '/', absl::SkipEmpty());
    // COPY and Bazel do not mean the same by their wildcards; all below the directory is enough.
    const auto odd = std::find_if(components.begin(), components.end(), [](const std::string& component) {
      return component.find_first_of("*?[\\") != std::string::npos;
    });
    components.erase(odd, components.end());
    const std::string path = absl::StrJoin(components, "/");
    if (!path.empty()) patterns.push_back(path);
    patterns.push_back(path.empty() ? "**" : absl::StrCat(path, "/**"));
  }
  std::sort(patterns.begin(), patterns.end());
  patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
  return patterns;
}

std::string BazelText(const Graph& graph, const BazelImage& image) {
  std::string out = absl::StrCat(
      "# Made by gen (Kasane). Do not edit: when the Dockerfile or an ignore file has changed, run this "
      "again in this "
      "directory:\n#   ",
      image.command, "\n", "load(\"@kasane//:defs.bzl\", \"kasane_targets\")\n\n_STEPS = [\n");
  const Graph flat = WithoutChains(graph);
  for (const GraphEdge& edge : flat.edges) {
    // An image of another target keeps its place, for the sake of the others' numbers.
    absl::StrAppend(&out, edge.is_built() ? "    None,\n" : Step(flat, edge));
  }
  absl::StrAppend(
      &out, "]\n\n_STATE = ", StarlarkString(image.state), "\n\n",
      "# `contexts`: for each named context a list of labels, whose files it holds; `images`: the "
      "labels of other\n# images. See @kasane//:README.md.\n"
      "def image(name = \"image\", contexts = {}, images = {}, **kwargs):\n"
      "    kasane_targets(name, _STEPS, _STATE, contexts, images, **kwargs)\n");
  return out;
}

}  // namespace kasane
