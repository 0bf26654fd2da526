#include "src/steps/http_auth.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace kasane {
namespace {

TEST(HttpAuthorization, GoesByTheHost) {
  setenv("HEADER", "Basic eA==\n", 1);
  setenv("TOKEN", "t0", 1);
  BuildSecrets secrets;
  secrets.secrets["HTTP_AUTH_HEADER_a.example"] = {"", "HEADER"};
  secrets.secrets["HTTP_AUTH_TOKEN_b.example"] = {"", "TOKEN"};
  secrets.secrets["HTTP_AUTH_HEADER_both"] = {"", "HEADER"};
  secrets.secrets["HTTP_AUTH_TOKEN_both"] = {"", "TOKEN"};
  secrets.secrets["HTTP_AUTH_TOKEN_::1"] = {"", "TOKEN"};
  EXPECT_EQ(*HttpAuthorization(secrets, "https://a.example/f"), "Basic eA==");
  EXPECT_EQ(*HttpAuthorization(secrets, "http://u:p@a.example:80/f?x=@y"), "Basic eA==");
  EXPECT_EQ(*HttpAuthorization(secrets, "http://b.example#x"), "Bearer t0");
  EXPECT_EQ(*HttpAuthorization(secrets, "http://both/"), "Bearer t0");
  EXPECT_EQ(*HttpAuthorization(secrets, "http://[::1]:5000/"), "Bearer t0");
  EXPECT_EQ(*HttpAuthorization(secrets, "http://c.example/a.example"), "");
}

TEST(HttpAuthorization, IsOneLine) {
  setenv("TWO", "a\nX: b", 1);
  BuildSecrets secrets;
  secrets.secrets["HTTP_AUTH_HEADER_a"] = {"", "TWO"};
  EXPECT_EQ(HttpAuthorization(secrets, "http://a/").status().message(),
            "the secret HTTP_AUTH_HEADER_a cannot stand in a header");
  secrets.secrets["HTTP_AUTH_HEADER_a"] = {"/no/such", ""};
  EXPECT_FALSE(HttpAuthorization(secrets, "http://a/").ok());
}

}  // namespace
}  // namespace kasane
