#include "src/steps/copy.h"

#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/base/timeline.h"
#include "src/context/context_state.h"
#include "src/context/generated.h"
#include "src/context/ignore.h"
#include "src/context/scan.h"
#include "src/context/select.h"
#include "src/contract/mount_sources.h"
#include "src/contract/record.h"
#include "src/steps/common_gaps.h"
#include "src/steps/common_report.h"
#include "src/steps/common_result.h"
#include "src/steps/common_time.h"
#include "src/steps/common_user.h"
#include "src/steps/copy_archive.h"
#include "src/steps/copy_context.h"
#include "src/steps/copy_place.h"
#include "src/steps/copy_target.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

constexpr int kKeyVersion = 1;
constexpr uint32_t kInlineFileMode = 0644;
constexpr size_t kHashedAtOnce = 64 << 10;
constexpr char kInputsSource[] = "context:-";

// One run of the step.
class Copy {
 public:
  Copy(const CopySpec& spec, const StepContext& context) : spec_(spec), context_(context) {}

  absl::StatusOr<StepOutcome> Run() {
    Span reading("read the sources");
    RETURN_IF_ERROR(spec_.from == "stage" ? ReadStage() : ReadContext());
    if (spec_.unpack) RETURN_IF_ERROR(ReadArchives(0));
    RETURN_IF_ERROR(ReadRemotes());
    RETURN_IF_ERROR(AddInlineFiles());
    std::future<Sha256> hashed_items =
        std::async(Concurrently(NumberOfEntries()), [this] { return HashItems(); });
    if (!spec_.link) {  // --link copies into an empty tree, wherever its layer comes to lie.
      ASSIGN_OR_RETURN(below_, LoadTreeOf(context_.args.below));
    }
    RETURN_IF_ERROR(ReadOptions());
    Sha256 key_of_sources = hashed_items.get();
    reading.End();

    Span placing("place");
    CopyTarget target(below_);
    const absl::Status placed = PlaceCopies(std::move(items_), placement_, &target);
    if (target.met_gap()) return GapMet("");
    if (!placed.ok()) return ReportStepError(context_, placed.message(), "", spec_.destination);
    ASSIGN_OR_RETURN(const Delta delta, target.Finish());
    const Digest key = spec_.from == kInputsSource ? KeyOfTree(delta) : Key(&key_of_sources, target);

    placing.Count(delta.entries().size(), "entries");
    placing.End();

    Span publishing("look up, publish");
    absl::optional<Record> found;
    if (context_.args.fresh.empty()) found = FindDeltaResult(*context_.store, key, !AllWasRead());
    const bool hit = found.has_value();
    if (!hit) {
      RETURN_IF_ERROR(CheckContents(delta));
      Record record;
      record.kind = "copy";
      record.created = FormatTime(placement_.now);
      ASSIGN_OR_RETURN(found, PublishDeltaResult(context_.store, context_.args, spec_.epoch, key, delta,
                                                 std::move(record)));
    }
    if (state_written_.valid()) RETURN_IF_ERROR(state_written_.get());
    RETURN_IF_ERROR(WriteRecord(context_.args.out, *found).status());
    return StepOutcome{absl::StrCat(hit ? "hit " : "ran ", context_.origin().text)};
  }

 private:
  absl::StatusOr<Tree> LoadTreeOf(const std::vector<std::string>& records) {
    ASSIGN_OR_RETURN(const Chain chain, ReadChain(records));
    return ComposeTree(context_.store, chain.base_tree, chain.deltas);
  }

  absl::Status Report(const SelectProblem& problem) {
    const std::string word = problem.source < spec_.sources.size() ? spec_.sources[problem.source] : "";
    return ReportStepError(context_, problem.message, problem.help, word);
  }

  absl::Status ReadContext() {
    if (spec_.sources.size() == spec_.remotes.size()) return absl::OkStatus();
    absl::string_view name = spec_.from;
    absl::ConsumePrefix(&name, "context");
    absl::ConsumePrefix(&name, ":");
    ASSIGN_OR_RETURN(const ContextBindings bindings, ReadContextBindings(context_.args.dir));
    const auto binding = bindings.find(std::string(name));
    if (binding == bindings.end()) {
      return absl::FailedPreconditionError(absl::StrCat("no context \"", name, "\" is bound; run gen again"));
    }
    const std::string& root = binding->second.root;
    ASSIGN_OR_RETURN(const IgnoreMatcher ignore, IgnoreMatcher::Compile(binding->second.ignore));
    Span scanning("scan");
    ASSIGN_OR_RETURN(ContextScan scan, ScanBoundContext(binding->second, ignore, LocalWords(spec_)));
    scanning.Count(scan.entries().size(), "entries");
    scanning.End();
    Selection selection;
    SelectProblem problem;
    const std::string shown = name.empty() ? "the build context" : absl::StrCat("context \"", name, "\"");
    if (!SelectSources(ScanView(scan), spec_, shown, &selection, &problem)) {
      ExplainIgnored(root, ignore, ".dockerignore", &problem);
      return Report(problem);
    }
    for (const SelectedItem& selected : selection.items) item_sources_.push_back(selected.source);
    Span ingesting("store what is new");
    ASSIGN_OR_RETURN(IngestedContext ingested,
                     IngestContext(context_.store, {root, std::move(scan), std::move(selection),
                                                    InputStatePath(context_.args.out), context_.args.salt}));
    items_ = std::move(ingested.items);
    state_written_ = std::move(ingested.state_written);
    return absl::OkStatus();
  }

  // The records of --source: the stage's, then one for each remote source.
  absl::StatusOr<size_t> StageRecords() const {
    const std::vector<std::string>& records = context_.args.source;
    const bool fits = spec_.from == "stage" ? records.size() >= spec_.remotes.size()
                                            : spec_.remotes.empty() || records.size() == spec_.remotes.size();
    if (!fits) return absl::InvalidArgumentError("an ADD needs one record for each of its remote sources");
    return spec_.from == "stage" ? records.size() - spec_.remotes.size() : 0;
  }

  absl::Status ReadStage() {
    ASSIGN_OR_RETURN(const size_t count, StageRecords());
    const auto first = context_.args.source.begin();
    ASSIGN_OR_RETURN(const Tree tree, LoadTreeOf({first, first + static_cast<std::ptrdiff_t>(count)}));
    Selection selection;
    SelectProblem problem;
    const TreeView view(tree);
    const bool selected = SelectSources(view, spec_, "the stage or image of --from", &selection, &problem);
    if (view.met_gap()) return GapMet("");
    if (!selected) {
      RETURN_IF_ERROR(tree.status());
      return Report(problem);
    }
    RETURN_IF_ERROR(tree.status());
    AddItems(selection);
    for (const SelectedItem& selected : selection.items) item_sources_.push_back(selected.source);
    return absl::OkStatus();
  }

  // What was selected of a tree.
  void AddItems(const Selection& selection) {
    for (const SelectedItem& selected : selection.items) {
      CopyItem item;
      item.name = selected.name;
      for (const SelectedEntry& from : selected.entries) {
        const Entry& entry = TreeView::NodeOf(from.handle).entry;
        item.entries.push_back(
            {std::string(from.path.substr(from.relative)), from.parent_only, entry, entry.link_group});
        item.entries.back().entry.link_group = 0;
        // The root of an empty tree has no time of its own.
        if (from.path.empty() && entry.mtime == Timestamp())
          item.entries.back().entry.mtime = StepTime(spec_.epoch);
      }
      items_.push_back(std::move(item));
    }
  }

  // ADD's sources that have an edge of their own: their items take the places that their words have.
  absl::Status ReadRemotes() {
    ASSIGN_OR_RETURN(const size_t first_record, StageRecords());
    std::vector<CopyItem> local = std::exchange(items_, {});
    size_t next = 0;
    for (size_t i = 0; i < spec_.remotes.size(); ++i) {
      const size_t source = static_cast<size_t>(spec_.remotes[i]);
      for (; next < local.size() && item_sources_[next] < source; ++next)
        items_.push_back(std::move(local[next]));
      const size_t first = items_.size();
      RETURN_IF_ERROR(ReadRemote(spec_.sources[source], context_.args.source[first_record + i]));
      if (spec_.unpack_remotes) RETURN_IF_ERROR(ReadArchives(first));
    }
    for (; next < local.size(); ++next) items_.push_back(std::move(local[next]));
    return absl::OkStatus();
  }

  // `name`: of the file; "" for all of a tree.
  absl::Status ReadRemote(const std::string& name, const std::string& record) {
    ASSIGN_OR_RETURN(const Tree tree, LoadTreeOf({record}));
    if (!name.empty()) {
      const Node* node = tree.Lookup(name);
      RETURN_IF_ERROR(tree.status());
      if (node == nullptr) return absl::DataLossError(absl::StrCat(record, " does not name \"", name, "\""));
      items_.push_back({name, {{"", false, node->entry, 0}}, nullptr, false});
      return absl::OkStatus();
    }
    CopySpec all;
    all.sources = {"."};
    all.excludes = spec_.excludes;
    Selection selection;
    SelectProblem problem;
    const TreeView view(tree);
    const bool selected = SelectSources(view, all, "the repository", &selection, &problem);
    RETURN_IF_ERROR(tree.status());
    if (!selected) return Report(problem);
    AddItems(selection);
    items_.back().whole = true;
    return absl::OkStatus();
  }

  absl::Status ReadArchives(size_t first) {
    for (size_t i = first; i < items_.size(); ++i) {
      CopyItem& item = items_[i];
      const Entry& entry = item.entries[0].entry;
      if (!entry.is_file()) continue;
      absl::StatusOr<std::unique_ptr<Archive>> archive = ReadArchive(context_.store, entry.content);
      if (!archive.ok()) {
        return ReportStepError(
            context_, absl::StrCat("cannot unpack \"", item.name, "\": ", archive.status().message()),
            "with --unpack=false it is copied as it is", item.name);
      }
      item.archive = *std::move(archive);
    }
    return absl::OkStatus();
  }

  absl::Status AddInlineFiles() {
    for (const auto& [name, text] : spec_.inline_files) {
      CopyEntry entry;
      entry.entry.mode = kInlineFileMode;
      entry.entry.size = text.size();
      ASSIGN_OR_RETURN(entry.entry.content, context_.store->PutBlob(text));
      inline_items_.push_back(items_.size());
      items_.push_back({std::string(Basename(name)), {std::move(entry)}, nullptr, false});
    }
    return absl::OkStatus();
  }

  absl::Status ReadOptions() {
    placement_.destination = spec_.destination;
    placement_.now = StepTime(spec_.epoch);
    placement_.all_now = spec_.epoch.has_value();
    for (const size_t item : inline_items_) items_[item].entries[0].entry.mtime = placement_.now;

    absl::StatusOr<ModeChange> mode = ModeChange::Parse(spec_.chmod);
    if (!mode.ok()) return ReportStepError(context_, mode.status().message());
    placement_.mode = *std::move(mode);

    if (spec_.chown.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(placement_.owner, ResolveOwner(*context_.store, below_, spec_.chown));
    return absl::OkStatus();
  }

  // Of a context that was read in one piece: what it holds counts, not how it was packed.
  Digest KeyOfTree(const Delta& delta) const {
    std::string text = "context";
    PutVarint(&text, kKeyVersion);
    PutBytes(&text, delta.TimelessDigest().bytes());
    PutVarint(&text, spec_.epoch.has_value());
    PutSigned(&text, spec_.epoch.value_or(0));
    return Sha256Of(text);
  }

  size_t NumberOfEntries() const {
    size_t count = 0;
    for (const CopyItem& item : items_) count += item.entries.size();
    return count;
  }

  // The key begins with what is copied ...
  Sha256 HashItems() const {
    Sha256 hash;
    std::string text = "copy";
    const auto flush = [&](size_t limit) {
      if (text.size() < limit) return;
      hash.Update(text);
      text.clear();
    };
    PutVarint(&text, kKeyVersion);
    PutBytes(&text, context_.args.spec.bytes());
    PutVarint(&text, items_.size());
    for (const CopyItem& item : items_) {
      PutBytes(&text, item.name);
      PutVarint(&text, item.entries.size());
      std::map<uint64_t, size_t> first;  // inode numbers are of no interest, only who shares them
      for (size_t i = 0; i < item.entries.size(); ++i) {
        const CopyEntry& entry = item.entries[i];
        PutBytes(&text, entry.relative);
        PutVarint(&text, entry.parent_only);
        EncodeEntry(entry.entry, /*with_time=*/false, &text);
        PutVarint(&text, entry.link == 0 ? 0 : first.try_emplace(entry.link, i + 1).first->second);
        flush(kHashedAtOnce);
      }
    }
    flush(0);
    return hash;
  }

  // ... and goes on with what it was put on.
  Digest Key(Sha256* items, const CopyTarget& target) const {
    std::string text;
    if (placement_.owner) {
      PutVarint(&text, placement_.owner->uid);
      PutVarint(&text, placement_.owner->gid);
    }
    target.DescribeMet(&text);
    items->Update(text);
    return items->Finish();
  }

  // Every content of the delta was read, or found in the store, just now: a context's and heredocs'. What a
  // tree or a list of an archive names may be gone.
  bool AllWasRead() const { return spec_.from != "stage" && spec_.remotes.empty() && !spec_.unpack; }

  absl::Status CheckContents(const Delta& delta) {
    for (const DeltaEntry& e : delta.entries()) {
      if (!e.entry.is_file() || (e.entry.size > 0 && AllWasRead()) ||
          context_.store->HasBlob(e.entry.content))
        continue;
      if (e.entry.size == 0) {
        RETURN_IF_ERROR(context_.store->PutBlob("").status());  // a socket's stand-in
        continue;
      }
      return absl::DataLossError(absl::StrCat("the store has lost the content of /", e.path));
    }
    return absl::OkStatus();
  }

  const CopySpec& spec_;
  const StepContext& context_;
  Tree below_;
  std::vector<CopyItem> items_;
  std::vector<size_t> item_sources_;  // of each item of a context or stage: index into the spec's sources
  std::vector<size_t> inline_items_;  // items that are inline files
  CopyPlacement placement_;
  std::future<absl::Status> state_written_;  // of a context
};

}  // namespace

absl::StatusOr<StepOutcome> RunCopyStep(const CopySpec& spec, const StepContext& context) {
  return Copy(spec, context).Run();
}

}  // namespace kasane
