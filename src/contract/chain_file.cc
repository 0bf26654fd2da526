#include "src/contract/chain_file.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/digest.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr absl::string_view kName = "chain.json";
constexpr absl::string_view kPartName = "-chain.json";
constexpr int kVersion = 1;
// Deeper than stages are FROM one another; a loop of damaged files is.
constexpr int kMaxDepth = 10000;

class Expander {
 public:
  explicit Expander(const std::string& directory) : directory_(directory) {}

  absl::Status Add(std::string record) {
    // From the top chain down to the one that refers to no other, then back up: a chain file stands first.
    std::vector<std::vector<std::string>> levels;
    while (IsChainFile(record)) {
      if (levels.size() == kMaxDepth) return absl::DataLossError(absl::StrCat(record, " refers to itself"));
      ASSIGN_OR_RETURN(std::vector<std::string> below, Read(record));
      if (below.empty()) return absl::DataLossError(absl::StrCat(record, " names no record"));
      record = below.front();
      levels.push_back(std::move(below));
    }
    out_.push_back(std::move(record));
    for (; !levels.empty(); levels.pop_back()) {
      out_.insert(out_.end(), levels.back().begin() + 1, levels.back().end());
    }
    return absl::OkStatus();
  }

  std::vector<std::string> Take() { return std::move(out_); }

 private:
  absl::StatusOr<std::vector<std::string>> Read(const std::string& path) const {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(absl::StrCat(directory_, path)));
    ASSIGN_OR_RETURN(const Json json, ParseJson(text, path));
    if (JsonInt(json, "version") != kVersion || JsonString(json, "kind") != "chain") {
      return absl::DataLossError(absl::StrCat(path, " is no chain file; run gen again"));
    }
    std::vector<std::string> records;
    for (const Json& item : JsonMember(json, "below")) {
      records.push_back(JsonString(item, "record"));
    }
    return records;
  }

  const std::string& directory_;
  std::vector<std::string> out_;
};

}  // namespace

bool IsChainFile(absl::string_view path) {
  const absl::string_view name = Basename(path);
  return name == kName || absl::EndsWith(name, kPartName);
}

absl::Status WriteChainFile(const std::string& out, const std::vector<std::string>& records) {
  Json below = Json::array();
  for (const std::string& record : records) {
    ASSIGN_OR_RETURN(const Digest digest, Sha256OfFile(record));
    below.push_back({{"record", record}, {"digest", digest.ToString()}});
  }
  const Json json = {{"version", kVersion}, {"kind", "chain"}, {"below", std::move(below)}};
  return WriteFileIfChanged(out, absl::StrCat(DumpJson(json), "\n")).status();
}

absl::StatusOr<std::vector<std::string>> ExpandChains(const std::string& directory,
                                                      const std::vector<std::string>& records) {
  if (std::none_of(records.begin(), records.end(), IsChainFile)) return records;
  Expander expander(directory);
  for (const std::string& record : records) RETURN_IF_ERROR(expander.Add(record));
  return expander.Take();
}

}  // namespace kasane
