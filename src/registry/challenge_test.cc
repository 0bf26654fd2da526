#include "src/registry/challenge.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace kasane {
namespace {

std::string Show(absl::string_view header) {
  std::string out;
  for (const Challenge& challenge : ParseChallenges(header)) {
    absl::StrAppend(&out, "[", challenge.scheme);
    for (const auto& [name, value] : challenge.parameters) absl::StrAppend(&out, " ", name, "=<", value, ">");
    absl::StrAppend(&out, "]");
  }
  return out;
}

TEST(Challenge, Parses) {
  EXPECT_EQ(Show(R"(Bearer realm="https://a.b/token",service="reg",scope="repository:x:pull,push")"),
            "[bearer realm=<https://a.b/token> scope=<repository:x:pull,push> service=<reg>]");
  EXPECT_EQ(Show(R"(Basic realm="Registry Realm")"), "[basic realm=<Registry Realm>]");
  EXPECT_EQ(Show(R"(Basic realm="a \"b\"" , Bearer Realm = "c")"),
            "[basic realm=<a \"b\">][bearer realm=<c>]");
  EXPECT_EQ(Show("Bearer realm=token, error=invalid_token"), "[bearer error=<invalid_token> realm=<token>]");
  EXPECT_EQ(Show("Negotiate, Basic realm=\"x\""), "[negotiate][basic realm=<x>]");
}

TEST(Challenge, SurvivesNonsense) {
  EXPECT_EQ(Show(""), "");
  EXPECT_EQ(Show(",, ,"), "");
  EXPECT_EQ(Show("=x"), "");
  EXPECT_EQ(Show("a=b"), "");
  EXPECT_EQ(Show("Bearer realm=\"never ends"), "[bearer]");
  EXPECT_EQ(Show("Bearer realm=\"ends in \\"), "[bearer]");
  EXPECT_EQ(Show("Basic \x01"), "[basic]");
}

TEST(Challenge, Scopes) {
  std::vector<std::string> scopes = {RepositoryScope("a/b", true)};
  AddScopes("repository:a/b:pull,push repository:c:pull", &scopes);
  AddScopes("repository:c:pull", &scopes);
  EXPECT_EQ(scopes, (std::vector<std::string>{"repository:a/b:pull,push", "repository:c:pull"}));
}

}  // namespace
}  // namespace kasane
