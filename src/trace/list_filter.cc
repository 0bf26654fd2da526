#include "src/trace/list_filter.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "src/base/binary.h"

namespace kasane {
namespace {

bool Contains(const std::vector<std::string>& list, absl::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

void PutList(std::string* out, std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  PutVarint(out, list.size());
  for (const std::string& word : list) PutBytes(out, word);
}

bool ReadList(BinaryReader* in, std::vector<std::string>* list) {
  const uint64_t count = in->Varint();
  for (uint64_t i = 0; i < count && in->ok(); ++i) {
    std::string word(in->Bytes());
    if (!list->empty() && !(list->back() < word)) return false;
    list->push_back(std::move(word));
  }
  return in->ok();
}

}  // namespace

bool ListFilter::Keeps(absl::string_view name, EntryType type) const {
  for (const std::string& prefix : hidden) {
    if (absl::StartsWith(name, prefix)) return false;
  }
  if (type == EntryType::kDirectory) return directories && !Contains(skipped_directories, name);
  if (type == EntryType::kSymlink && symlinks) return true;
  for (const std::string& suffix : suffixes) {
    if (name.size() > suffix.size() && absl::EndsWith(name, suffix)) return true;
  }
  return Contains(names, name);
}

std::string ListFilter::Encode() const {
  std::string out;
  out.push_back(static_cast<char>((directories ? 1 : 0) | (symlinks ? 2 : 0)));
  for (const auto* list : {&hidden, &skipped_directories, &suffixes, &names}) PutList(&out, *list);
  return out;
}

absl::StatusOr<ListFilter> ListFilter::Decode(absl::string_view bytes) {
  BinaryReader in(bytes);
  ListFilter filter;
  const absl::string_view flags = in.Raw(1);
  bool good = in.ok() && static_cast<unsigned char>(flags[0]) < 4;
  if (good) {
    filter.directories = (flags[0] & 1) != 0;
    filter.symlinks = (flags[0] & 2) != 0;
  }
  for (auto* list : {&filter.hidden, &filter.skipped_directories, &filter.suffixes, &filter.names}) {
    good = good && ReadList(&in, list);
  }
  // Also not the same number in more bytes.
  if (!good || !in.done() || filter.Encode() != bytes) return absl::DataLossError("malformed listing filter");
  return filter;
}

}  // namespace kasane
