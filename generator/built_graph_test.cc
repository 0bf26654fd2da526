#include "generator/built_graph.h"

#include "gtest/gtest.h"

namespace kasane {
namespace {

TEST(BuiltGraph, ReadsEdgesBack) {
  const std::string spec(64, 'a');
  const std::vector<BuiltEdge> edges = ParseBuiltEdges(
      "rule kasane_step\n  command = x\n\n# Dockerfile:4 RUN x\n"
      "build $records/0/2-run.json: kasane_step $records/a$ b.json $records/0/1-copy.json | $records/1.json "
      "${kasane}f: f\n"
      "  spec = " +
      spec +
      "\n  source = $records/x.json $records/y$:z.json\n  what = RUN x\n"
      "build $records/image.json | $state/out/index.json: kasane_collect $records/base.json\n  spec = " +
      spec + "\nbuild ${kasane}image: phony $records/image.json\n  spec = b\nbuild x: always y\n");
  ASSERT_EQ(edges.size(), 2u);
  EXPECT_EQ(edges[0].record, ".kasane/records/0/2-run.json");
  EXPECT_EQ(edges[0].spec.ToHex(), spec);
  EXPECT_EQ(edges[0].below,
            (std::vector<std::string>{".kasane/records/a b.json", ".kasane/records/0/1-copy.json"}));
  EXPECT_EQ(edges[0].source,
            (std::vector<std::string>{".kasane/records/x.json", ".kasane/records/y:z.json"}));
  EXPECT_EQ(edges[1].record, ".kasane/records/image.json");
  EXPECT_TRUE(edges[1].below.empty());
  EXPECT_EQ(edges[1].source, std::vector<std::string>{".kasane/records/base.json"});
}

TEST(BuiltGraph, PlacesAreLinesOfStages) {
  StepOrigin origin;
  origin.stage = "build";
  origin.range.line = 3;
  origin.range.end_line = 5;
  for (const char* place : {"", "3", "5", "build:4"}) EXPECT_TRUE(IsStepAt(origin, place)) << place;
  for (const char* place : {"2", "6", "other:4", "build:", "x"})
    EXPECT_FALSE(IsStepAt(origin, place)) << place;
}

}  // namespace
}  // namespace kasane
