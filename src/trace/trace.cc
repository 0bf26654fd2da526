#include "src/trace/trace.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/file.h"

namespace kasane {
namespace {

constexpr char kMagic[] = "KSNW\x01";
constexpr size_t kMagicSize = 5;
constexpr int kShownParents = 8;

}  // namespace

std::string Trace::Encode() const {
  std::string out(kMagic, kMagicSize);
  PutVarint(&out, static_cast<uint64_t>(precision));
  PutVarint(&out, processes.size());
  for (const TracedProcess& process : processes) {
    PutBytes(&out, process.executable);
    PutBytes(&out, process.name);
    PutBytes(&out, process.profile);
    PutVarint(&out, process.parent);
  }
  PutVarint(&out, roots.size());
  for (const TracedRoot& root : roots) {
    PutBytes(&out, root.name);
    absl::string_view digest = root.path_set.bytes();
    out.append(digest.data(), digest.size());
    PutVarint(&out, root.askers.size());
    for (uint32_t asker : root.askers) PutVarint(&out, asker);
  }
  return out;
}

absl::StatusOr<Trace> Trace::Decode(absl::string_view bytes) {
  const absl::Status malformed = absl::DataLossError("a trace is damaged");
  if (bytes.substr(0, kMagicSize) != absl::string_view(kMagic, kMagicSize)) return malformed;
  BinaryReader in(bytes.substr(kMagicSize));
  Trace trace;
  uint64_t precision = in.Varint();
  if (precision != 1 && precision != 2) return malformed;
  trace.precision = static_cast<TracePrecision>(precision);
  uint64_t count = in.Varint();
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    TracedProcess process;
    process.executable = std::string(in.Bytes());
    process.name = std::string(in.Bytes());
    process.profile = std::string(in.Bytes());
    uint64_t parent = in.Varint();
    if (parent > i) return malformed;  // parents come first
    process.parent = static_cast<uint32_t>(parent);
    trace.processes.push_back(std::move(process));
  }
  count = in.Varint();
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    TracedRoot root;
    root.name = std::string(in.Bytes());
    absl::string_view digest = in.Raw(32);
    if (digest.size() != 32) return malformed;
    root.path_set = Digest::FromBytes(digest);
    uint64_t askers = in.Varint();
    for (uint64_t k = 0; k < askers && in.ok(); ++k) {
      uint64_t asker = in.Varint();
      if (asker > trace.processes.size()) return malformed;
      root.askers.push_back(static_cast<uint32_t>(asker));
    }
    trace.roots.push_back(std::move(root));
  }
  if (!in.ok() || !in.done()) return malformed;
  return trace;
}

std::string Trace::ProcessChain(uint32_t process) const {
  std::string chain;
  for (int i = 0; process != 0 && process <= processes.size() && i < kShownParents; ++i) {
    const TracedProcess& p = processes[process - 1];
    absl::string_view name = Basename(p.executable);
    if (name.empty()) name = "?";
    std::string shown =
        p.name.empty() || p.name == name ? std::string(name) : absl::StrCat(p.name, " (", name, ")");
    chain = chain.empty() ? shown : absl::StrCat(shown, " > ", chain);
    process = p.parent;
  }
  return chain;
}

}  // namespace kasane
