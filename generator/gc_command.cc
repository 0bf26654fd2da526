#include "generator/gc_command.h"

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "generator/shown_figures.h"
#include "src/base/file.h"
#include "src/sandbox/user_namespace.h"
#include "src/store/gc.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

constexpr char kHelp[] =
    "gen gc: removes from the store what no build has used for a while.\n"
    "\n"
    "  gen gc [--dry-run] [--unused-for AGE]\n"
    "\n"
    "      --dry-run          says what would be removed, and removes nothing\n"
    "      --unused-for AGE   a result stays if it was made or found again within AGE (default 30d): 12h, "
    "90m, 45s, 0\n"
    "\n"
    "Kept is what a result that stays leads to (layers, base images, files), and whatever is younger than an "
    "hour.\n"
    "What is gone is made again by the next `gen && ninja image` that needs it. The store is $KASANE_STORE "
    "(default\n"
    "$XDG_CACHE_HOME/kasane); no build may run in it meanwhile, containers may.\n";

std::string Count(int64_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace

bool ParseAge(absl::string_view text, absl::Duration* age) {
  int64_t number = 0;
  if (text == "0") {
    *age = absl::ZeroDuration();
    return true;
  }
  if (text.size() < 2 || !absl::SimpleAtoi(text.substr(0, text.size() - 1), &number) || number < 0)
    return false;
  switch (text.back()) {
    case 'd':
      *age = number * absl::Hours(24);
      return true;
    case 'h':
      *age = absl::Hours(number);
      return true;
    case 'm':
      *age = absl::Minutes(number);
      return true;
    case 's':
      *age = absl::Seconds(number);
      return true;
    default:
      return false;
  }
}

int GcCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
              Messages* messages) {
  constexpr absl::string_view kUnusedFor = "--unused-for";
  GcPolicy policy;
  for (size_t i = 0; i < args.size(); ++i) {
    absl::string_view word = args[i];
    if (word == "--help" || word == "-h") {
      out->append(kHelp);
      return 0;
    }
    if (word == "--dry-run") {
      policy.dry_run = true;
      continue;
    }
    if (word != kUnusedFor && !absl::StartsWith(word, "--unused-for=")) {
      messages->Error(absl::StrCat("gen gc does not know \"", word, "\""),
                      "`gen gc --help` lists all it takes");
      return kWrongUsage;
    }
    if (word == kUnusedFor && i + 1 == args.size()) {
      messages->Error("--unused-for needs a value", "for instance --unused-for 7d");
      return kWrongUsage;
    }
    absl::string_view value = word == kUnusedFor ? args[++i] : word.substr(kUnusedFor.size() + 1);
    if (!ParseAge(value, &policy.unused_for)) {
      messages->Error(absl::StrCat("invalid age \"", value, "\""),
                      "use a number with d, h, m or s after it, as 7d, or 0");
      return kFailed;
    }
  }
  if (Store::ReadIdentity(store).empty()) {
    absl::StrAppend(out, "there is no store in ", store, "\n");
    return 0;
  }
  // What RUNs of other users than root left belongs to ids that are this user's there alone.
  std::string notice;
  BecomeRootOfUserNamespace(&notice).IgnoreError();
  absl::StatusOr<std::unique_ptr<Store>> opened = Store::Open(store);
  absl::StatusOr<GcReport> report = opened.ok() ? CollectGarbage(opened->get(), policy) : opened.status();
  if (!report.ok()) {
    bool busy = absl::IsUnavailable(report.status());
    messages->Error(absl::StrCat(store, ": ", report.status().message()),
                    busy ? "try again when it has ended" : "");
    return kFailed;
  }
  absl::StrAppend(out, policy.dry_run ? "would remove " : "removed ",
                  Count(report->results_removed, "result"), ", ", Count(report->blobs_removed, "blob"),
                  " and ", Count(report->packs_removed, "pack"), ", ", ShownSize(report->bytes_removed), "; ",
                  policy.dry_run ? "would keep " : "kept ", ShownSize(report->bytes_kept), " in ", store,
                  "\n");
  return 0;
}

}  // namespace kasane
