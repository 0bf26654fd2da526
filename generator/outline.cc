#include "generator/outline.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "src/plan/build_args.h"
#include "src/plan/check.h"

namespace kasane {
namespace {

class OutlineMaker {
 public:
  explicit OutlineMaker(const Plan& plan) : plan_(plan), seen_(plan.stages.size()) {}

  Outline Make() {
    const PlanStage& target = plan_.stages[static_cast<size_t>(plan_.target)];
    out_.name = target.name;
    out_.description = target.description;
    Visit(plan_.target);
    const auto by_line = [](const auto& a, const auto& b) { return a.range.line < b.range.line; };
    std::stable_sort(out_.args.begin(), out_.args.end(), by_line);
    for (auto* mounts : {&out_.secrets, &out_.ssh, &out_.caches}) {
      std::stable_sort(mounts->begin(), mounts->end(), by_line);
    }
    return std::move(out_);
  }

 private:
  // The nearest stage that has something of a name is the one that counts.
  void Visit(int index) {
    if (seen_[static_cast<size_t>(index)]) return;
    seen_[static_cast<size_t>(index)] = true;
    const PlanStage& stage = plan_.stages[static_cast<size_t>(index)];
    for (const BuildArg& arg : stage.args) {
      if (args_.insert(arg.name).second) out_.args.push_back(arg);
    }
    for (const PlanStep& step : stage.steps) {
      const RunSpec* run = std::get_if<RunSpec>(&step.spec);
      if (run == nullptr) continue;
      for (const MountSpec& mount : run->mounts) {
        if (mount.type == "secret") Add(mount, step, &secrets_, &out_.secrets);
        if (mount.type == "ssh") Add(mount, step, &ssh_, &out_.ssh);
        if (mount.type == "cache") Add(mount, step, &caches_, &out_.caches);
      }
    }
    if (stage.parent >= 0) Visit(stage.parent);
    for (const PlanStep& step : stage.steps) {
      if (step.source_stage >= 0) Visit(step.source_stage);
      for (const auto& [mount, source] : step.mount_stages) Visit(source);
    }
  }

  static void Add(const MountSpec& mount, const PlanStep& step, std::set<std::string>* ids,
                  std::vector<Outline::Mount>* out) {
    if (ids->insert(mount.id).second) out->push_back({mount.id, mount.required, step.range});
  }

  const Plan& plan_;
  std::vector<bool> seen_;
  std::set<std::string> args_, secrets_, ssh_, caches_;
  Outline out_;
};

// A table like Go's tabwriter makes it: columns as wide as their widest cell and `gap` blanks, but for the
// last.
std::string Table(const std::vector<std::vector<std::string>>& rows, size_t gap) {
  std::vector<size_t> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i + 1 < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size() + gap);
  }
  std::string out;
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      std::string cell = row[i];
      if (i + 1 < row.size()) cell.resize(widths[i], ' ');
      out += cell;
    }
    out += '\n';
  }
  return out;
}

std::string MountTable(absl::string_view title, const std::vector<Outline::Mount>& mounts) {
  if (mounts.empty()) return "";
  std::vector<std::vector<std::string>> rows = {{std::string(title), "REQUIRED"}};
  for (const Outline::Mount& mount : mounts) rows.push_back({mount.id, mount.required ? "true" : ""});
  return absl::StrCat(Table(rows, 3), "\n");
}

Json Location(const SourceRange& range) {
  Json lines = {{"start", {{"line", range.line}}}, {"end", {{"line", range.end_line}}}};
  return {{"ranges", Json::array({std::move(lines)})}};
}

Json MountsJson(const std::vector<Outline::Mount>& mounts, const char* id) {
  Json out = Json::array();
  for (const Outline::Mount& mount : mounts) {
    Json entry;
    entry[id] = mount.id;
    if (mount.required) entry["required"] = true;
    entry["location"] = Location(mount.range);
    out.push_back(std::move(entry));
  }
  return out;
}

struct Target {
  std::string name, description, base, platform;
  SourceRange range;
};

std::vector<Target> Targets(const DockerfileAst& ast) {
  std::vector<Target> out;
  for (const Instruction& in : ast.instructions) {
    if (in.kind != InstructionKind::kFrom) continue;
    Target target;
    if (in.args.size() == 3) target.name = absl::AsciiStrToLower(in.args[2].text);
    target.description = DescriptionOf(in.comments, target.name);
    if (!in.args.empty()) target.base = in.args[0].text;
    if (const Flag* platform = FindFlag(in, "platform")) target.platform = platform->value;
    target.range = in.range;
    out.push_back(std::move(target));
  }
  return out;
}

}  // namespace

Outline MakeOutline(const Plan& plan) { return OutlineMaker(plan).Make(); }

std::string OutlineText(const Outline& o) {
  std::string out;
  if (!o.name.empty() || !o.description.empty()) {
    std::vector<std::vector<std::string>> rows = {{"TARGET:", o.name.empty() ? "(default)" : o.name}};
    if (!o.description.empty()) rows.push_back({"DESCRIPTION:", o.description});
    absl::StrAppend(&out, Table(rows, 1), "\n");
  }
  if (!o.args.empty()) {
    std::vector<std::vector<std::string>> rows = {{"BUILD ARG", "VALUE", "DESCRIPTION"}};
    for (const BuildArg& arg : o.args) rows.push_back({arg.name, arg.value, arg.description});
    absl::StrAppend(&out, Table(rows, 3), "\n");
  }
  absl::StrAppend(&out, MountTable("SECRET", o.secrets), MountTable("SSH", o.ssh));
  if (!o.caches.empty()) {
    std::vector<std::vector<std::string>> rows = {{"CACHE"}};
    for (const Outline::Mount& cache : o.caches) rows.push_back({cache.id});
    absl::StrAppend(&out, Table(rows, 3), "\n");
  }
  return out;
}

Json OutlineJson(const Outline& o, absl::string_view text) {
  Json out = Json::object();
  if (!o.name.empty()) out["name"] = o.name;
  if (!o.description.empty()) out["description"] = o.description;
  for (const BuildArg& arg : o.args) {
    Json entry;
    entry["name"] = arg.name;
    if (!arg.description.empty()) entry["description"] = arg.description;
    if (!arg.value.empty()) entry["value"] = arg.value;
    entry["location"] = Location(arg.range);
    out["args"].push_back(std::move(entry));
  }
  if (!o.secrets.empty()) out["secrets"] = MountsJson(o.secrets, "name");
  if (!o.ssh.empty()) out["ssh"] = MountsJson(o.ssh, "name");
  if (!o.caches.empty()) out["cache"] = MountsJson(o.caches, "ID");
  out["sources"] = Json::array({absl::Base64Escape(text)});
  return out;
}

std::string TargetsText(const DockerfileAst& ast) {
  const std::vector<Target> targets = Targets(ast);
  std::vector<std::vector<std::string>> rows = {{"TARGET", "DESCRIPTION"}};
  for (const Target& target : targets) {
    const bool last = &target == &targets.back();
    std::string name = target.name;
    if (last) name += name.empty() ? "(default)" : " (default)";
    rows.push_back({name, target.description});
  }
  return Table(rows, 1);
}

Json TargetsJson(const DockerfileAst& ast, absl::string_view text) {
  const std::vector<Target> targets = Targets(ast);
  Json out;
  out["targets"] = Json::array();
  for (const Target& target : targets) {
    Json entry = Json::object();
    if (!target.name.empty()) entry["name"] = target.name;
    if (&target == &targets.back()) entry["default"] = true;
    if (!target.description.empty()) entry["description"] = target.description;
    entry["base"] = target.base;
    if (!target.platform.empty()) entry["platform"] = target.platform;
    entry["location"] = Location(target.range);
    out["targets"].push_back(std::move(entry));
  }
  out["sources"] = Json::array({absl::Base64Escape(text)});
  return out;
}

}  // namespace kasane
