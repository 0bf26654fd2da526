#include "generator/graph_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/graph_command.h"
#include "generator/ninja_log.h"

namespace kasane {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(GraphPageTest, ShowsStepsByStages) {
  PageNode base;
  base.kind = "base";
  base.title = "FROM a";
  base.stage = "base images";
  PageNode run;
  run.kind = "run";
  run.title = "RUN a </script><b>";
  run.stage = "build";
  run.outcome = "ran";
  run.why = "content of /x";
  run.milliseconds = 1500;
  run.bytes = 2000;
  run.from = {0};
  const std::string html = GraphHtml("t & u", {base, run});
  EXPECT_THAT(html, HasSubstr("<title>t &amp; u</title>"));
  EXPECT_THAT(html, HasSubstr("class=\"node run ran\" id=\"n1\""));
  EXPECT_THAT(html, HasSubstr("ran: content of /x, 1.5 s, 2.0 kB"));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));  // neither as markup nor in the data
  EXPECT_THAT(html, HasSubstr("class=\"edge\" d=\"M364 63C"));
  EXPECT_THAT(GraphSvg({}), HasSubstr("<svg"));
}

TEST(GraphPageTest, DurationsAreNinjas) {
  const auto durations =
      DurationsInNinjaLog("# ninja log v5\n1\t5\t9\ta\t1f\n2\t9\t9\tb\t1f\n1\t2\t9\ta\t1f\nbroken\n");
  EXPECT_EQ(durations.size(), 2u);
  EXPECT_EQ(durations.at("a"), 1);
  EXPECT_EQ(durations.at("b"), 7);
}

}  // namespace
}  // namespace kasane
