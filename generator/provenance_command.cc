#include "generator/provenance_command.h"

#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "generator/built_graph.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/steps/provenance_origins.h"
#include "src/store/store.h"

namespace kasane {
namespace {

struct Request {
  std::string directory, file;
  bool json = false;
};

void Print(const std::string& path, const Origins& origins, std::string* out) {
  absl::StrAppend(out, "/", absl::CHexEscape(path), "\n");
  for (const std::string& line : origins.way) absl::StrAppend(out, "  ", line, "\n");
  const auto list = [out](const char* title, const std::set<std::string>& items) {
    if (!items.empty()) absl::StrAppend(out, title, "\n");
    for (const std::string& item : items) absl::StrAppend(out, "  ", absl::CHexEscape(item), "\n");
  };
  list("steps:", origins.steps);
  list("files of the context:", origins.files);
  if (!origins.bases.empty()) absl::StrAppend(out, "base images:\n");
  for (const auto& [name, paths] : origins.bases) {
    absl::StrAppend(out, "  ", name, "  (", paths, paths == 1 ? " path)\n" : " paths)\n");
  }
  list("others:", origins.others);
}

Json ToJson(const std::string& path, const Origins& origins) {
  Json json = Json::object();
  json["version"] = 1;
  json["path"] = absl::StrCat("/", path);
  json["way"] = origins.way;
  json["steps"] = origins.steps;
  json["files"] = origins.files;
  json["bases"] = Json::array();
  for (const auto& [name, paths] : origins.bases) {
    Json base = Json::object();
    base["from"] = name;
    base["paths"] = paths;
    json["bases"].push_back(std::move(base));
  }
  json["others"] = origins.others;
  return json;
}

absl::Status Answer(const Request& request, std::string* out) {
  ASSIGN_OR_RETURN(std::vector<BuiltEdge> edges, ReadBuiltEdges(request.directory));
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(Store::DefaultPath()));
  Provenance provenance(store.get(), request.directory, std::move(edges));
  ASSIGN_OR_RETURN(std::vector<std::string> chain, provenance.ImageChain());
  const std::string path = CleanPath(absl::StrCat("/", request.file)).substr(1);
  ASSIGN_OR_RETURN(Origins origins, provenance.Explain(chain, path));
  if (request.json) {
    absl::StrAppend(out, DumpJson(ToJson(path, origins)), "\n");
  } else {
    Print(path, origins, out);
  }
  return absl::OkStatus();
}

}  // namespace

int ProvenanceCommand(const std::vector<std::string>& args, std::string* out, Messages* messages) {
  const std::string usage = "use gen provenance [-C DIR] [--json] FILE, with a path of the image";
  Request request;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if ((arg == "-C" || arg == "--build-dir") && i + 1 < args.size()) {
      request.directory = absl::StrCat(args[++i], "/");
    } else if (arg == "--json" || arg == "--format=json") {
      request.json = true;
    } else if (!absl::StartsWith(arg, "-") && request.file.empty()) {
      request.file = arg;
    } else {
      messages->Error(absl::StrCat("gen provenance does not take \"", arg, "\""), usage);
      return 2;
    }
  }
  if (request.file.empty()) {
    messages->Error("gen provenance needs a file of the image", usage);
    return 2;
  }
  const absl::Status status = Answer(request, out);
  if (status.ok()) return 0;
  messages->Error(std::string(status.message()), usage);
  return 1;
}

}  // namespace kasane
