// Plans for the tests of graph and emitters.
#ifndef KASANE_GENERATOR_TEST_PLAN_H_
#define KASANE_GENERATOR_TEST_PLAN_H_

#include <string>

#include "src/plan/plan.h"

namespace kasane {

inline ResolvedImage TestImage(const std::string& name, int layers) {
  ResolvedImage image;
  image.reference = *ParseReference(name);
  image.manifest = Sha256Of(name);
  image.source = image.reference.Repository();
  for (int i = 0; i < layers; ++i) {
    LayerInfo layer;
    layer.diff_id = Sha256Of(name + "/diff" + std::to_string(i));
    layer.blob = Sha256Of(name + "/blob" + std::to_string(i));
    layer.size = 1234567;
    layer.media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
    image.layers.push_back(layer);
  }
  return image;
}

inline PlanStep TestStep(Spec spec, int line, const std::string& text, int source_stage = -1) {
  PlanStep step;
  step.spec = std::move(spec);
  step.range = {line, 1, line, static_cast<int>(text.size()) + 1};
  step.text = text;
  step.source_stage = source_stage;
  return step;
}

inline RunSpec TestRun(const std::string& command) {
  RunSpec spec;
  spec.argv = {"/bin/sh", "-c", command};
  spec.workdir = "/";
  return spec;
}

// A build stage (COPY . . and RUN make) and a target that copies from it.
inline Plan TwoStagePlan() {
  Plan plan;
  PlanStage build;
  build.index = 0;
  build.name = build.id = "build";
  build.range = {1, 1, 1, 20};
  build.base = TestImage("golang", 2);
  CopySpec copy;
  copy.sources = {"."};
  copy.destination = "/src/";
  build.steps.push_back(TestStep(copy, 2, "COPY . ."));
  build.steps.push_back(TestStep(TestRun("make"), 3, "RUN make"));
  plan.stages.push_back(build);

  PlanStage target;
  target.index = 1;
  target.id = "1";
  target.range = {4, 1, 4, 12};
  target.base = TestImage("alpine", 1);
  copy.sources = {"/src/app"};
  copy.destination = "/";
  copy.from = "stage";
  target.steps.push_back(TestStep(copy, 5, "COPY --from=build /src/app /", 0));
  target.image.config = {{"architecture", "amd64"}};
  target.image.has_base = true;
  target.image.steps = 1;
  target.image.names = {"docker.io/library/app:latest"};
  plan.stages.push_back(target);
  plan.target = 1;
  return plan;
}

}  // namespace kasane

#endif  // KASANE_GENERATOR_TEST_PLAN_H_
