#include "generator/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/json_writer.h"
#include "generator/test_plan.h"

namespace kasane {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Ne;

std::vector<std::string> Records(const Graph& graph) {
  std::vector<std::string> out;
  for (const GraphEdge& edge : graph.edges) out.push_back(edge.record);
  return out;
}

const GraphEdge& Edge(const Graph& graph, const char* record) {
  for (const GraphEdge& edge : graph.edges) {
    if (edge.record == record) return edge;
  }
  ADD_FAILURE() << "no edge writes " << record;
  return graph.edges[0];
}

std::vector<std::string> Names(const Graph& graph, const std::vector<int>& edges) {
  std::vector<std::string> out;
  for (int i : edges) out.push_back(graph.edges[static_cast<size_t>(i)].record);
  return out;
}

TEST(GraphTest, OneEdgePerLayerInstructionAndOutput) {
  Graph graph = BuildGraph(TwoStagePlan(), {});
  EXPECT_THAT(
      Records(graph),
      ElementsAre("records/base/golang-latest/1-pull.json", "records/base/golang-latest/2-pull.json",
                  "records/base/golang-latest/base.json", "records/build/1-copy.json",
                  "records/build/2-run.json", "records/base/alpine-latest/1-pull.json",
                  "records/base/alpine-latest/base.json", "records/1/1-copy.json", "records/1/1-layer.json",
                  "records/image.json", "records/archive.json", "records/push.json"));
}

TEST(GraphTest, AnImageOfAnotherBuildIsNoEdgeButABaseReadsIt) {
  Plan plan = TwoStagePlan();
  plan.stages[1].base = TestImage("app", 0);
  plan.stages[1].base->source = "built:../app/.kasane/records/image.json";
  const Graph graph = BuildGraph(plan, {});
  const GraphEdge& base = Edge(graph, "records/base/app-latest/base.json");
  EXPECT_THAT(Names(graph, base.source), ElementsAre("../app/.kasane/records/image.json"));
  EXPECT_THAT(base.below, IsEmpty());
  const GraphEdge& image = graph.edges[static_cast<size_t>(base.source[0])];
  EXPECT_TRUE(image.is_built());
  EXPECT_EQ(image.text, "app");
  const std::vector<std::string> command = StepCommand(graph, base, {"gen", ".kasane", "id", ""});
  EXPECT_THAT(command, testing::Contains("../app/.kasane/records/image.json"));
  EXPECT_TRUE(std::get<BaseSpec>(*DecodeSpec(graph.specs.at(base.spec))).built);
}

TEST(GraphTest, AStepListsAllRecordsBelowItAndACopyAllOfItsSource) {
  Graph graph = BuildGraph(TwoStagePlan(), {});
  EXPECT_THAT(Names(graph, Edge(graph, "records/build/2-run.json").below),
              ElementsAre("records/base/golang-latest/base.json", "records/build/1-copy.json"));
  const GraphEdge& copy = Edge(graph, "records/1/1-copy.json");
  EXPECT_THAT(Names(graph, copy.below), ElementsAre("records/base/alpine-latest/base.json"));
  EXPECT_THAT(Names(graph, copy.source),
              ElementsAre("records/base/golang-latest/base.json", "records/build/1-copy.json",
                          "records/build/2-run.json"));
  EXPECT_THAT(
      Names(graph, Edge(graph, "records/image.json").source),
      ElementsAre("records/base/alpine-latest/base.json", "records/1/1-layer.json", "records/1/1-copy.json"));
}

// Else stages that are FROM one another would make a graph that grows with the square of their number.
TEST(GraphTest, ALongStageIsOneFileToThoseThatAreFromIt) {
  Plan plan = TwoStagePlan();
  plan.stages[1].base.reset();
  plan.stages[1].parent = 0;
  while (plan.stages[0].steps.size() < 9) plan.stages[0].steps.push_back(plan.stages[0].steps[1]);
  plan.stages[1].image.steps = 10;
  Graph graph = BuildGraph(plan, {});
  const GraphEdge& chain = Edge(graph, "records/build/chain.json");
  EXPECT_EQ(chain.kind, "chain");
  EXPECT_EQ(chain.below.size(), 10);
  const GraphEdge& copy = Edge(graph, "records/1/1-copy.json");
  EXPECT_THAT(Names(graph, copy.below), ElementsAre("records/build/chain.json"));
  EXPECT_THAT(Names(graph, copy.source), ElementsAre("records/build/chain.json"));
  EXPECT_THAT(Names(graph, Edge(graph, "records/1/1-layer.json").below),
              ElementsAre("records/build/chain.json"));
  EXPECT_EQ(Edge(graph, "records/image.json").source.size(), 1 + 2 * 10);
  EXPECT_THAT(StepCommand(graph, chain, {"gen", ".kasane"}).front(), "gen");
  EXPECT_THAT(StepCommand(graph, chain, {"gen", ".kasane"})[3], ".kasane/records/build/chain.json");
}

TEST(GraphTest, WithoutChainsEachEdgeNamesAllRecords) {
  Plan plan = TwoStagePlan();
  plan.stages[1].base.reset();
  plan.stages[1].parent = 0;
  while (plan.stages[0].steps.size() < 50) plan.stages[0].steps.push_back(plan.stages[0].steps[1]);
  const Graph flat = WithoutChains(BuildGraph(plan, {}));
  EXPECT_THAT(flat.edges, Each(Field(&GraphEdge::kind, Ne("chain"))));
  EXPECT_EQ(Edge(flat, "records/build/50-run.json").below.size(), 50);
  const GraphEdge& copy = Edge(flat, "records/1/1-copy.json");
  EXPECT_EQ(copy.below.size(), 51);
  EXPECT_EQ(Names(flat, copy.source), Names(flat, copy.below));
  EXPECT_EQ(Names(flat, copy.below).front(), "records/base/golang-latest/base.json");
}

TEST(GraphTest, AVeryLongStageHasChainFilesOnTheWay) {
  Plan plan = TwoStagePlan();
  while (plan.stages[0].steps.size() < 100) plan.stages[0].steps.push_back(plan.stages[0].steps[1]);
  Graph graph = BuildGraph(plan, {});
  EXPECT_THAT(Names(graph, Edge(graph, "records/build/40-run.json").below),
              ElementsAre("records/build/39-chain.json"));
  EXPECT_EQ(Edge(graph, "records/build/39-chain.json").below.size(), 40);
  EXPECT_EQ(Names(graph, Edge(graph, "records/build/chain.json").below).front(),
            "records/build/78-chain.json");
}

TEST(GraphTest, AStageFromAnotherHasItsRecordsBelow) {
  Plan plan = TwoStagePlan();
  plan.stages[1].base.reset();
  plan.stages[1].parent = 0;
  plan.stages[1].image.steps = 3;
  Graph graph = BuildGraph(plan, {});
  EXPECT_THAT(Names(graph, Edge(graph, "records/1/1-copy.json").below),
              ElementsAre("records/base/golang-latest/base.json", "records/build/1-copy.json",
                          "records/build/2-run.json"));
  // Layers of the whole chain, named after the stage that made them.
  EXPECT_THAT(Names(graph, Edge(graph, "records/image.json").source),
              ElementsAre("records/base/golang-latest/base.json", "records/build/1-layer.json",
                          "records/build/1-copy.json", "records/build/2-layer.json",
                          "records/build/2-run.json", "records/1/1-layer.json", "records/1/1-copy.json"));
}

TEST(GraphTest, StagesShareABase) {
  Plan plan = TwoStagePlan();
  plan.stages[1].base = plan.stages[0].base;
  Graph graph = BuildGraph(plan, {});
  EXPECT_THAT(Names(graph, Edge(graph, "records/1/1-copy.json").below),
              ElementsAre("records/base/golang-latest/base.json"));
}

TEST(GraphTest, ScratchHasNothingBelow) {
  Plan plan = TwoStagePlan();
  plan.stages[1].base.reset();
  plan.stages[1].image.has_base = false;
  Graph graph = BuildGraph(plan, {});
  EXPECT_THAT(Edge(graph, "records/1/1-copy.json").below, IsEmpty());
  EXPECT_THAT(Names(graph, Edge(graph, "records/image.json").source),
              ElementsAre("records/1/1-layer.json", "records/1/1-copy.json"));
}

TEST(GraphTest, ARunHasTheTerminalOnlyIfNoOtherCanRunBesideIt) {
  Plan plan = TwoStagePlan();
  plan.stages[1].steps.push_back(TestStep(TestRun("true"), 6, "RUN true"));
  Graph chain = BuildGraph(plan, {});
  EXPECT_EQ(Edge(chain, "records/build/2-run.json").pool, Pool::kTerminal);
  EXPECT_EQ(Edge(chain, "records/1/2-run.json").pool, Pool::kTerminal);

  std::swap(plan.stages[1].steps[0], plan.stages[1].steps[1]);  // now it waits for nothing of the build stage
  Graph fork = BuildGraph(plan, {});
  EXPECT_EQ(Edge(fork, "records/build/2-run.json").pool, Pool::kNone);
  EXPECT_EQ(Edge(fork, "records/1/1-run.json").pool, Pool::kNone);
}

TEST(GraphTest, CommandsFollowTheContract) {
  Graph graph = BuildGraph(TwoStagePlan(), {{{{"main.go"}, "5a17"}}});
  CommandContext context{"/bin/gen", ".kasane", "id.0", ""};
  const GraphEdge& copy = Edge(graph, "records/build/1-copy.json");
  EXPECT_THAT(StepCommand(graph, copy, context),
              ElementsAre("/bin/gen", "step", "--dir", ".kasane", "--store", "id.0", "--salt", "5a17",
                          "--below", ".kasane/records/base/golang-latest/base.json", "--", copy.spec.ToHex(),
                          ".kasane/records/build/1-copy.json"));
  context.fresh = "n1";
  EXPECT_THAT(StepOptions(Edge(graph, "records/build/2-run.json"), context),
              ElementsAre("--fresh", "n1", "--log", ".kasane/logs/build/2-run.log", "--console"));
  EXPECT_THAT(StepOptions(Edge(graph, "records/1/1-layer.json"), context), IsEmpty());
}

TEST(GraphTest, JsonHoldsAllThatAReplayNeeds) {
  Graph graph = BuildGraph(TwoStagePlan(), {{{{"main.go"}, ""}}});
  Json json = GraphJson(graph, {"/bin/gen", ".kasane", "id.0", ""}, "Dockerfile");
  EXPECT_EQ(DumpJson(json["targets"]),
            R"({"image":[9],"oci":[9],"archive":[10],"push":[11],"stage/build":[2,3,4],"stage/1":[6,7]})");
  const Json& copy = json["edges"][3];
  EXPECT_EQ(DumpJson(copy["inputs"]), R"([".kasane/records/base/golang-latest/base.json"])");
  EXPECT_EQ(DumpJson(copy["files"]), R"(["main.go"])");
  EXPECT_EQ(DumpJson(copy["outputs"]), R"([".kasane/records/build/1-copy.json"])");
  EXPECT_EQ(DumpJson(copy["deps"]), "[2]");
  EXPECT_EQ(DumpJson(json["edges"][9]["outputs"]),
            R"([".kasane/records/image.json",".kasane/out/oci/index.json"])");
  EXPECT_EQ(json["edges"][4]["pool"], "terminal");
}

// As a Dockerfile gives for one platform of several.
Plan PlanFor(const std::string& platform) {
  Plan plan = TwoStagePlan();
  for (PlanStage& stage : plan.stages) stage.id = platform + "/" + stage.id;
  plan.stages[1].base = TestImage("alpine" + platform, 1);
  plan.stages[1].image.part = true;
  return plan;
}

TEST(GraphTest, AnIndexHasAnImageForEachPlatformAndWhatIsTheSameOnce) {
  IndexPlan index;
  index.spec.parts.resize(2);
  index.spec.names = {"docker.io/library/app:latest"};
  index.platforms = {"linux-a", "linux-b"};
  Graph graph = BuildIndexGraph({PlanFor("linux-a"), PlanFor("linux-b")}, {{}, {}}, index);
  EXPECT_THAT(Records(graph),
              ElementsAre("records/base/golang-latest/1-pull.json", "records/base/golang-latest/2-pull.json",
                          "records/base/golang-latest/base.json", "records/linux-a/build/1-copy.json",
                          "records/linux-a/build/2-run.json", "records/base/alpinelinux-a-latest/1-pull.json",
                          "records/base/alpinelinux-a-latest/base.json", "records/linux-a/1/1-copy.json",
                          "records/linux-a/1/1-layer.json", "records/linux-a/image.json",
                          "records/base/alpinelinux-b-latest/1-pull.json",
                          "records/base/alpinelinux-b-latest/base.json", "records/linux-b/1/1-copy.json",
                          "records/linux-b/1/1-layer.json", "records/linux-b/image.json",
                          "records/index.json", "records/archive.json", "records/push.json"));
  EXPECT_THAT(Names(graph, Edge(graph, "records/index.json").source),
              ElementsAre("records/linux-a/image.json", "records/linux-b/image.json"));
  EXPECT_THAT(Edge(graph, "records/index.json").products, ElementsAre("out/oci/index.json"));
  EXPECT_THAT(Edge(graph, "records/linux-a/image.json").products, IsEmpty());
  EXPECT_THAT(Names(graph, Edge(graph, "records/linux-b/1/1-copy.json").source).back(),
              "records/linux-a/build/2-run.json");
  EXPECT_EQ(graph.targets[0].name, "image");
  EXPECT_THAT(Names(graph, graph.targets[0].edges), ElementsAre("records/index.json"));
  EXPECT_EQ(graph.targets.back().name, "stage/linux-b/1");
}

TEST(GraphTest, StatementsStandBesideTheImage) {
  Plan plan = TwoStagePlan();
  plan.stages[1].image.part = true;
  IndexPlan index;
  index.spec.parts.resize(1);
  index.platforms = {"linux-a"};
  index.is_for_statements = true;
  index.attest.sbom = index.attest.provenance = index.attest.is_full = true;
  const Graph graph = BuildIndexGraph({plan}, {{}}, index);
  EXPECT_THAT(Names(graph, Edge(graph, "records/index.json").source),
              ElementsAre("records/image.json", "records/sbom.json", "records/provenance.json"));
  const GraphEdge& provenance = Edge(graph, "records/provenance.json");
  EXPECT_THAT(provenance.beside, ElementsAre("records/build/2-run.json.run"));
  EXPECT_THAT(Edge(graph, "records/build/2-run.json").products, ElementsAre("records/build/2-run.json.run"));
  const Spec decoded = *DecodeSpec(graph.specs.at(provenance.spec));
  const auto& spec = std::get<ProvenanceSpec>(decoded);
  ASSERT_EQ(spec.steps.size() + 1, provenance.source.size());
  EXPECT_EQ(spec.steps[0].below.size(), 0u);  // pulls are no steps
  EXPECT_EQ(spec.materials[0].uri.substr(0, 11), "pkg:docker/");
  EXPECT_EQ(spec.materials[0].digest, plan.stages[1].base->manifest);
}

TEST(GraphTest, StepsOfOneLayerName) {
  Plan plan = TwoStagePlan();
  PlanStage& target = plan.stages[1];
  target.steps.push_back(TestStep(TestRun("a"), 8, "RUN a"));
  target.steps.push_back(TestStep(TestRun("b"), 9, "RUN b"));
  target.steps[1].layer = target.steps[2].layer = "ab";
  target.image.steps = 3;
  target.image.history = {{"COPY", "", "", 0}, {"a", "", "", 1}, {"b", "", "", 2}};
  const Graph graph = BuildGraph(plan, {});
  const GraphEdge& layer = Edge(graph, "records/1/3-layer.json");
  EXPECT_THAT(Names(graph, layer.source), ElementsAre("records/1/2-run.json", "records/1/3-run.json"));
  EXPECT_EQ(layer.title, "[1] layer of 1/ab");
  const Spec decoded = *DecodeSpec(graph.specs.at(Edge(graph, "records/image.json").spec));
  const auto& image = std::get<ImageSpec>(decoded);
  EXPECT_EQ(image.steps, 2);
  EXPECT_THAT(image.grouped, ElementsAre(1, 2));
  EXPECT_EQ(image.history[1].step, -1);
  EXPECT_EQ(image.history[2].step, 1);
}

}  // namespace
}  // namespace kasane
