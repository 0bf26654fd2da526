#include "generator/graph.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/password.h"
#include "src/oci/attestation.h"
#include "src/oci/built_base.h"

namespace kasane {
namespace {

constexpr size_t kMaxSlug = 60;  // of a remote's name in a file name
// From so many records on a stage gets a chain file, if others are FROM it or copy from it.
constexpr size_t kLongChain = 8;
// A step names no more records than these of what is below it; more get a chain file on the way.
constexpr size_t kMostBelow = 40;

// Fit for a file name and a shell word: [a-z0-9._-], the rest becomes '-'.
std::string Slug(absl::string_view text) {
  std::string slug;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    slug += plain ? c : '-';
  }
  return slug.empty() || slug[0] == '.' ? "x" + slug : slug;
}

std::string HumanSize(int64_t bytes) {
  if (bytes >= 1000000) return absl::StrFormat("%.1f MB", static_cast<double>(bytes) / 1e6);
  return absl::StrFormat("%.1f kB", static_cast<double>(bytes) / 1e3);
}

std::string StepName(const PlanStage& stage, size_t index) {
  return absl::StrCat(stage.id, "/", index + 1, "-", SpecKind(stage.steps[index].spec));
}

class Builder {
 public:
  explicit Builder(const std::string& dest) : dest_(dest) {}

  // The edges of one plan; all but its image. References are kept until the next.
  void AddPlan(const Plan& plan, const StepInputs& inputs) {
    plan_ = &plan;
    inputs_ = &inputs;
    chains_.clear();
    parts_.clear();
    for (size_t i = 0; i < plan.stages.size(); ++i) AddStage(static_cast<int>(i));
    AddStageTargets();
  }
  // The image of the plan that was added last.
  int AddImage(const std::string& record, const std::string& title) {
    const size_t target = static_cast<size_t>(plan_->target);
    const PlanStage& stage = plan_->stages[target];
    const std::vector<int>& chain = chains_[target];
    GraphEdge image;
    size_t first = 0;
    if (stage.image.has_base && !chain.empty()) {
      image.source.push_back(chain[0]);
      first = 1;
    }
    std::vector<std::vector<int>> groups;
    for (size_t i = first; i < chain.size(); ++i) {
      const std::string& name = layer_names_[chain[i]];
      if (i > first && !name.empty() && name == layer_names_[chain[i - 1]]) {
        groups.back().push_back(chain[i]);
      } else {
        groups.push_back({chain[i]});
      }
    }
    for (const std::vector<int>& group : groups) {
      image.source.push_back(AddLayer(group, stage.image.epoch));
      image.source.insert(image.source.end(), group.begin(), group.end());
    }
    image.record = record;
    if (!stage.image.part) image.products = {"out/oci/index.json"};
    image.title = title;
    return Add(Grouped(stage.image, groups), std::move(image));
  }
  // The statements about the image of the plan that was added last.
  std::vector<int> AddStatements(const AttestationPlan& attest, int image) {
    std::vector<int> out;
    const ImageSpec& spec = plan_->stages[static_cast<size_t>(plan_->target)].image;
    const std::string record = graph_.edges[static_cast<size_t>(image)].record;
    const std::string directory = absl::StrCat(record.substr(0, record.rfind('/')), "/");
    const std::vector<int>& chain = chains_[static_cast<size_t>(plan_->target)];
    if (attest.sbom) {
      GraphEdge edge;
      edge.source = {image};
      edge.source.insert(edge.source.end(), chain.begin(), chain.end());
      edge.record = directory + "sbom.json";
      edge.title = "sbom";
      out.push_back(Add(SbomSpec{spec.names, PlatformOf(*plan_)}, std::move(edge)));
    }
    if (attest.provenance) out.push_back(AddProvenance(attest, image, directory + "provenance.json"));
    return out;
  }
  int AddIndex(const IndexSpec& spec, std::vector<int> images) {
    GraphEdge index;
    index.source = std::move(images);
    index.record = "records/index.json";
    index.products = {"out/oci/index.json"};
    index.title = Title("index", spec.names);
    return Add(spec, std::move(index));
  }
  // What can be made of the image or index.
  void AddOutputs(int image, const ArchiveSpec& spec) {
    const std::vector<std::string>& names = spec.names;
    std::vector<GraphTarget> stages = std::exchange(graph_.targets, {});
    graph_.targets.push_back({"image", {image}});
    graph_.targets.push_back({"oci", {image}});
    graph_.default_target = "image";

    GraphEdge archive;
    archive.source = {image};
    archive.record = "records/archive.json";
    archive.dest = dest_;
    if (dest_.empty()) archive.products = {"out/image.tar"};
    archive.title = absl::StrCat("archive ", dest_.empty() ? "image.tar" : dest_);
    int archive_edge = Add(spec, std::move(archive));
    graph_.targets.push_back({"archive", {archive_edge}});
    if (!dest_.empty()) graph_.targets[0].edges.push_back(archive_edge);

    GraphEdge push;
    push.source = {image};
    push.record = "records/push.json";
    push.always = true;
    push.pool = Pool::kTerminal;
    push.title = Title("push", names);
    graph_.targets.push_back({"push", {Add(PushSpec{names}, std::move(push))}});
    graph_.targets.insert(graph_.targets.end(), stages.begin(), stages.end());
  }
  Graph Finish() {
    GiveTerminal();
    return std::move(graph_);
  }

  static std::string Title(std::string title, const std::vector<std::string>& names) {
    for (const std::string& name : names) absl::StrAppend(&title, " ", name);
    return title;
  }

 private:
  int Add(const Spec& spec, GraphEdge edge) {
    std::string text = EncodeSpec(spec);
    edge.kind = std::string(SpecKind(spec));
    edge.spec = Sha256Of(text);
    graph_.specs.emplace(edge.spec, std::move(text));
    graph_.edges.push_back(std::move(edge));
    return static_cast<int>(graph_.edges.size()) - 1;
  }

  // Of the instructions that share a layer the last one has it in the history.
  static ImageSpec Grouped(const ImageSpec& spec, const std::vector<std::vector<int>>& groups) {
    if (groups.size() == static_cast<size_t>(spec.steps)) return spec;
    ImageSpec out = spec;
    out.steps = static_cast<int>(groups.size());
    std::vector<int> layer_of;  // of each step; -1: it is not the last of its group
    for (size_t i = 0; i < groups.size(); ++i) {
      out.grouped.push_back(static_cast<int>(groups[i].size()));
      layer_of.insert(layer_of.end(), groups[i].size() - 1, -1);
      layer_of.push_back(static_cast<int>(i));
    }
    for (ImageSpec::History& entry : out.history) {
      if (entry.step >= 0) entry.step = layer_of[static_cast<size_t>(entry.step)];
    }
    return out;
  }

  static std::string PlatformOf(const Plan& plan) {
    return plan.stages[static_cast<size_t>(plan.target)].image.platform;
  }

  // All that the image's tree comes of, in the order of the edges.
  std::set<int> StepsBelow(const std::vector<int>& chain) const {
    std::set<int> found;
    std::vector<int> todo = chain;
    while (!todo.empty()) {
      const int i = todo.back();
      todo.pop_back();
      const GraphEdge& edge = graph_.edges[static_cast<size_t>(i)];
      if (edge.kind == "pull" || edge.is_built() || !found.insert(i).second) continue;
      todo.insert(todo.end(), edge.below.begin(), edge.below.end());
      todo.insert(todo.end(), edge.source.begin(), edge.source.end());
    }
    return found;
  }

  // `places`: of edges among the steps.
  std::vector<ProvenanceSpec::Material> BaseMaterials(const std::map<int, std::vector<int>>& places) const {
    std::map<std::string, ProvenanceSpec::Material> out;
    for (const PlanStage& stage : plan_->stages) {
      if (!stage.base.has_value()) continue;
      const auto place = places.find(bases_.at(stage.base->manifest));
      ProvenanceSpec::Material material;
      const bool is_named = !stage.base->reference.path.empty();
      material.uri = is_named ? ImageUrl(stage.base->reference.ToString(), stage.image.platform)
                              : absl::StrCat("oci-layout:", stage.base->manifest.ToString());
      if (!absl::StartsWith(stage.base->source, kBuilt)) {
        material.digest = stage.base->manifest;
      } else if (place != places.end()) {
        material.step = place->second[0];
      }
      out[material.uri] = material;
    }
    std::vector<ProvenanceSpec::Material> list;
    for (auto& [uri, material] : out) list.push_back(std::move(material));
    return list;
  }

  int AddProvenance(const AttestationPlan& attest, int image, const std::string& record) {
    const PlanStage& stage = plan_->stages[static_cast<size_t>(plan_->target)];
    ProvenanceSpec spec;
    spec.names = stage.image.names;
    spec.platform = stage.image.platform;
    spec.build_platform = attest.build_platform;
    spec.is_full = attest.is_full;
    spec.request = attest.request;
    spec.secrets = attest.secrets;
    spec.ssh = attest.ssh;
    spec.epoch = stage.image.epoch;
    GraphEdge edge;
    edge.source = {image};
    const std::vector<int>& chain = chains_[static_cast<size_t>(plan_->target)];
    std::map<int, std::vector<int>> places;  // of edges among the steps
    const auto mapped = [&places](const std::vector<int>& edges) {
      std::vector<int> out;
      for (const int i : edges) {
        const auto these = places.find(i);
        if (these != places.end()) out.insert(out.end(), these->second.begin(), these->second.end());
      }
      return out;
    };
    for (const int i : StepsBelow(chain)) {
      GraphEdge& step = graph_.edges[static_cast<size_t>(i)];
      if (step.kind == "chain") {
        places[i] = mapped(step.below);
        continue;
      }
      const int place = static_cast<int>(spec.steps.size());
      spec.steps.push_back({step.spec, mapped(step.below), mapped(step.source), step.text, step.stage});
      places[i] = {place};
      edge.source.push_back(i);
      if (step.kind == "http" || step.kind == "git") spec.materials.push_back(RemoteMaterial(step, place));
      // Its record may stay as it is while it has read other files.
      if (step.kind == "run" && attest.is_full) {
        step.products = {step.record + ".run"};
        edge.beside.push_back(step.products[0]);
      }
    }
    spec.target = mapped(chain);
    const std::vector<ProvenanceSpec::Material> bases = BaseMaterials(places);
    spec.materials.insert(spec.materials.begin(), bases.begin(), bases.end());
    edge.record = record;
    edge.title = "provenance";
    return Add(spec, std::move(edge));
  }

  ProvenanceSpec::Material RemoteMaterial(const GraphEdge& edge, int place) const {
    ProvenanceSpec::Material material;
    const absl::StatusOr<Spec> spec = DecodeSpec(graph_.specs.at(edge.spec));
    if (!spec.ok()) return material;  // our own text
    if (const auto* http = std::get_if<HttpSpec>(&*spec)) {
      material.uri = WithoutPassword(http->url);
      material.step = place;
    } else if (const auto* git = std::get_if<GitSpec>(&*spec)) {
      material.uri = absl::StrCat(WithoutPassword(git->remote), "#", git->commit);
      material.commit = git->commit;
    }
    return material;
  }

  // One edge per layer, shared by all images that have it, and one for the whole.
  int AddBase(const ResolvedImage& image, const PlanStage& stage) {
    auto known = bases_.find(image.manifest);
    if (known != bases_.end()) return known->second;
    std::string name = image.reference.Familiar();
    std::string slug = Slug(name);
    if (!slugs_.insert(slug).second) {
      absl::StrAppend(&slug, "-", image.manifest.ToHex().substr(0, 12));
      slugs_.insert(slug);
    }
    GraphEdge base;
    BaseSpec base_spec;
    if (absl::string_view record = image.source; absl::ConsumePrefix(&record, kBuilt)) {
      base_spec.built = true;
      GraphEdge other;
      other.kind = "built";
      other.record = std::string(record);
      other.text = image.reference.ShortName();
      base.source = {static_cast<int>(graph_.edges.size())};
      graph_.edges.push_back(std::move(other));
    }
    for (size_t i = 0; i < image.layers.size(); ++i) {
      const LayerInfo& layer = image.layers[i];
      base_spec.diff_ids.push_back(layer.diff_id);
      auto [pull, is_new] = pulls_.emplace(layer.blob, 0);
      if (is_new) {
        GraphEdge edge;
        edge.record = absl::StrCat("records/base/", slug, "/", i + 1, "-pull.json");
        edge.pool = Pool::kPull;
        edge.title = absl::StrFormat("[base] pull %s %d/%d, %s", name, i + 1, image.layers.size(),
                                     HumanSize(layer.size));
        edge.range = stage.range;
        edge.text = absl::StrCat("FROM ", name);
        pull->second = Add(PullSpec{image.source, layer.blob, layer.size, layer.media_type, layer.diff_id},
                           std::move(edge));
      }
      base.below.push_back(pull->second);
    }
    base.record = absl::StrCat("records/base/", slug, "/base.json");
    base.title = absl::StrCat("[base] ", name);
    base.range = stage.range;
    base.text = absl::StrCat("FROM ", name);
    return bases_[image.manifest] = Add(base_spec, std::move(base));
  }

  void AddStage(int index) {
    const PlanStage& stage = plan_->stages[static_cast<size_t>(index)];
    std::vector<int> chain, parts;
    if (stage.parent >= 0) {
      chain = chains_[static_cast<size_t>(stage.parent)];
      parts = Whole(static_cast<size_t>(stage.parent));
    } else if (stage.base.has_value()) {
      chain.push_back(AddBase(*stage.base, stage));
      parts = chain;
    }
    for (size_t i = 0; i < stage.steps.size(); ++i) {
      if (parts.size() >= kMostBelow) parts = {AddChain(parts, stage, absl::StrCat(i, "-"))};
      chain.push_back(AddStep(index, i, parts));
      parts.push_back(chain.back());
    }
    chains_.push_back(std::move(chain));
    parts_.push_back(std::move(parts));
  }

  // What stands for all records of a stage.
  std::vector<int> Whole(size_t index) {
    const std::vector<int>& parts = parts_[index];
    if (chains_[index].size() < kLongChain || parts.size() == 1) return parts;
    return {AddChain(parts, plan_->stages[index], "")};
  }

  int AddChain(const std::vector<int>& parts, const PlanStage& stage, const std::string& prefix) {
    const auto [known, is_new] = chain_edges_.try_emplace(parts, static_cast<int>(graph_.edges.size()));
    if (!is_new) return known->second;
    GraphEdge edge;
    edge.kind = "chain";
    edge.below = parts;
    edge.record = absl::StrCat("records/", stage.id, "/", prefix, "chain.json");
    edge.stage = stage.id;
    edge.title = absl::StrCat("[", stage.id, "] what it consists of");
    graph_.edges.push_back(std::move(edge));
    return known->second;
  }

  int AddStep(int stage_index, size_t number, const std::vector<int>& below) {
    const PlanStage& stage = plan_->stages[static_cast<size_t>(stage_index)];
    const PlanStep& step = stage.steps[number];
    GraphEdge edge;
    edge.below = below;
    if (step.source_stage >= 0) edge.source = Whole(static_cast<size_t>(step.source_stage));
    for (const PlanRemote& remote : step.remotes) edge.source.push_back(AddRemote(remote, stage));
    Spec spec = step.spec;
    for (const auto& [mount, source] : step.mount_stages) {
      const std::vector<int> whole = Whole(static_cast<size_t>(source));
      edge.source.insert(edge.source.end(), whole.begin(), whole.end());
      std::get<RunSpec>(spec).mounts[static_cast<size_t>(mount)].records =
          static_cast<int>(chains_[static_cast<size_t>(source)].size());
    }
    size_t s = static_cast<size_t>(stage_index);
    if (s < inputs_->size() && number < (*inputs_)[s].size()) {
      edge.files = (*inputs_)[s][number].files;
      edge.salt = (*inputs_)[s][number].salt;
    }
    std::string name = StepName(stage, number);
    edge.record = StepRecord(stage, number);
    if (std::holds_alternative<RunSpec>(step.spec)) edge.log = absl::StrCat("logs/", name, ".log");
    edge.cached = true;
    edge.title = absl::StrCat("[", stage.id, "] ", step.text);
    edge.stage = stage.id;
    edge.range = step.range;
    edge.text = step.text;
    // The same instruction for another platform, over the same things.
    const auto key = std::make_tuple(stage.index, number, SpecDigest(spec), edge.below, edge.source);
    if (const auto known = steps_.find(key); known != steps_.end()) return known->second;
    const int added = Add(spec, std::move(edge));
    if (!step.layer.empty()) layer_names_[added] = absl::StrCat(stage.id, "/", step.layer);
    return steps_[key] = added;
  }

  // One edge for each remote source, shared by all that read it.
  int AddRemote(const PlanRemote& remote, const PlanStage& stage) {
    auto [known, is_new] = remotes_.emplace(SpecDigest(remote.spec), 0);
    if (!is_new) return known->second;
    GraphEdge edge;
    edge.record = RemoteRecord(remote.spec);
    edge.salt = remote.salt;
    edge.pool = Pool::kPull;
    edge.stage = stage.id;
    edge.range = remote.range;
    if (const auto* git = std::get_if<GitSpec>(&remote.spec)) {
      edge.text = absl::StrCat("git ", WithoutPassword(git->remote), git->ref.empty() ? "" : "#", git->ref);
    } else {
      edge.text = absl::StrCat("get ", WithoutPassword(std::get<HttpSpec>(remote.spec).url));
    }
    edge.title = absl::StrCat("[remote] ", edge.text);
    return known->second = Add(remote.spec, std::move(edge));
  }

  int AddLayer(const std::vector<int>& steps, const Epoch& epoch) {
    if (const auto known = layers_.find(steps); known != layers_.end()) return known->second;
    const GraphEdge& made = graph_.edges[static_cast<size_t>(steps.back())];
    GraphEdge edge;
    edge.below = graph_.edges[static_cast<size_t>(steps.front())].below;
    edge.source = steps;
    // records/build/3-run.json -> records/build/3-layer.json
    edge.record = absl::StrCat(made.record.substr(0, made.record.rfind('-')), "-layer.json");
    const std::string& name = layer_names_[steps.back()];
    edge.title = absl::StrCat("[", made.stage, "] layer of ", steps.size() > 1 ? name : made.text);
    edge.stage = made.stage;
    edge.range = made.range;
    edge.text = absl::StrCat("layer of ", made.text);
    LayerSpec spec = plan_->layer;
    spec.epoch = epoch;
    return layers_[steps] = Add(spec, std::move(edge));
  }

  void AddStageTargets() {
    for (size_t i = 0; i < plan_->stages.size(); ++i) {
      if (chains_[i].empty()) continue;  // FROM scratch without a step: nothing to build
      graph_.targets.push_back({absl::StrCat("stage/", plan_->stages[i].id), parts_[i]});
    }
  }

  // A RUN may have the terminal if no other can ever run beside it: then the RUNs form one chain, which is so
  // if the longest path, counted in RUNs, meets them all.
  void GiveTerminal() {
    std::vector<int> runs(graph_.edges.size());
    int total = 0, longest = 0;
    for (size_t i = 0; i < graph_.edges.size(); ++i) {
      const GraphEdge& edge = graph_.edges[i];
      // The last of the records below has all the others below it.
      if (!edge.below.empty()) runs[i] = runs[static_cast<size_t>(edge.below.back())];
      for (int source : edge.source) runs[i] = std::max(runs[i], runs[static_cast<size_t>(source)]);
      if (edge.kind != "run") continue;
      ++total;
      longest = std::max(longest, ++runs[i]);
    }
    if (total != longest) return;
    for (GraphEdge& edge : graph_.edges) {
      if (edge.kind == "run") edge.pool = Pool::kTerminal;
    }
  }

  const std::string& dest_;
  const Plan* plan_ = nullptr;
  const StepInputs* inputs_ = nullptr;
  Graph graph_;
  std::vector<std::vector<int>> chains_;  // per stage: its records, bottom first
  std::vector<std::vector<int>> parts_;   // the same, with one edge for those of the stage that it is FROM
  std::map<std::vector<int>, int> chain_edges_;  // by parts
  std::map<Digest, int> bases_;                  // by manifest
  std::map<Digest, int> pulls_;                  // by blob
  std::map<Digest, int> remotes_;                // by spec
  std::map<std::vector<int>, int> layers_;       // by steps
  std::map<int, std::string> layer_names_;       // of steps that share one with others
  // By stage, number, spec, records below and read.
  std::map<std::tuple<int, size_t, Digest, std::vector<int>, std::vector<int>>, int> steps_;
  std::set<std::string> slugs_;
};

}  // namespace

std::string StepRecord(const PlanStage& stage, size_t index) {
  return absl::StrCat("records/", StepName(stage, index), ".json");
}

std::string RemoteRecord(const Spec& spec) {
  const auto* git = std::get_if<GitSpec>(&spec);
  absl::string_view name = git != nullptr ? git->remote : std::get<HttpSpec>(spec).url;
  name = name.substr(0, name.find_first_of("?#"));
  while (absl::ConsumeSuffix(&name, "/")) {
  }
  return absl::StrCat("records/remote/", Slug(absl::AsciiStrToLower(Basename(name)).substr(0, kMaxSlug)), "-",
                      SpecDigest(spec).ToHex().substr(0, 12), "-", SpecKind(spec), ".json");
}

Graph BuildGraph(const Plan& plan, const StepInputs& inputs, const std::string& dest) {
  Builder builder(dest);
  builder.AddPlan(plan, inputs);
  if (!plan.stages.empty()) {
    const std::vector<std::string>& names = plan.stages[static_cast<size_t>(plan.target)].image.names;
    builder.AddOutputs(builder.AddImage("records/image.json", Builder::Title("image", names)), {names, {}});
  }
  return builder.Finish();
}

Graph BuildIndexGraph(const std::vector<Plan>& plans, const std::vector<StepInputs>& inputs,
                      const IndexPlan& index, const std::string& dest) {
  Builder builder(dest);
  std::vector<int> images, statements;
  IndexSpec spec = index.spec;
  for (size_t i = 0; i < plans.size(); ++i) {
    builder.AddPlan(plans[i], inputs[i]);
    const std::string& platform = index.platforms[i];
    images.push_back(index.is_for_statements
                         ? builder.AddImage("records/image.json", "image")
                         : builder.AddImage(absl::StrCat("records/", platform, "/image.json"),
                                            absl::StrCat("image ", platform)));
    const std::vector<int> of_image = builder.AddStatements(index.attest, images.back());
    spec.parts[i].statements = static_cast<int>(of_image.size());
    statements.insert(statements.end(), of_image.begin(), of_image.end());
  }
  images.insert(images.end(), statements.begin(), statements.end());
  builder.AddOutputs(builder.AddIndex(spec, std::move(images)),
                     {index.spec.names, index.spec.descriptor_annotations});
  return builder.Finish();
}

Graph WithoutChains(const Graph& graph) {
  Graph out;
  out.default_target = graph.default_target;
  out.specs = graph.specs;
  std::vector<std::vector<int>> standing;  // for each edge of `graph`: the edges of `out` in its place
  const auto expand = [&](std::vector<int>* indices) {
    std::vector<int> all;
    for (const int i : *indices) {
      const std::vector<int>& these = standing[static_cast<size_t>(i)];
      all.insert(all.end(), these.begin(), these.end());
    }
    *indices = std::move(all);
  };
  for (GraphEdge edge : graph.edges) {
    expand(&edge.below);
    if (edge.kind == "chain") {
      standing.push_back(std::move(edge.below));
      continue;
    }
    expand(&edge.source);
    standing.push_back({static_cast<int>(out.edges.size())});
    out.edges.push_back(std::move(edge));
  }
  for (GraphTarget target : graph.targets) {
    expand(&target.edges);
    out.targets.push_back(std::move(target));
  }
  return out;
}

std::string RecordPath(const GraphEdge& edge, const std::string& state) {
  return edge.is_built() ? edge.record : JoinPath(state, edge.record);
}

std::vector<std::string> StepOptions(const GraphEdge& edge, const CommandContext& context) {
  std::vector<std::string> out;
  if (!edge.salt.empty()) out.insert(out.end(), {"--salt", edge.salt});
  if (edge.cached && !context.fresh.empty()) out.insert(out.end(), {"--fresh", context.fresh});
  if (!edge.log.empty()) out.insert(out.end(), {"--log", JoinPath(context.state, edge.log)});
  if (!edge.dest.empty()) out.insert(out.end(), {"--dest", edge.dest});
  if (edge.pool == Pool::kTerminal && edge.kind == "run") out.emplace_back("--console");
  return out;
}

std::vector<std::string> StepCommand(const Graph& graph, const GraphEdge& edge,
                                     const CommandContext& context) {
  if (edge.kind == "chain") {
    std::vector<std::string> chain = {context.gen, "chain", context.state, RecordPath(edge, context.state)};
    for (int i : edge.below) chain.push_back(RecordPath(graph.edges[static_cast<size_t>(i)], context.state));
    return chain;
  }
  std::vector<std::string> out = {context.gen, "step", "--dir", context.state, "--store", context.store};
  std::vector<std::string> options = StepOptions(edge, context);
  out.insert(out.end(), options.begin(), options.end());
  auto records = [&](const char* option, const std::vector<int>& edges) {
    if (edges.empty()) return;
    out.emplace_back(option);
    for (int i : edges) out.push_back(RecordPath(graph.edges[static_cast<size_t>(i)], context.state));
  };
  records("--below", edge.below);
  records("--source", edge.source);
  out.insert(out.end(), {"--", edge.spec.ToHex(), JoinPath(context.state, edge.record)});
  return out;
}

}  // namespace kasane
