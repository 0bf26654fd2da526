#include "src/registry/url.h"

#include "gtest/gtest.h"

namespace kasane {
namespace {

std::string Resolved(const std::string& base, const std::string& reference) {
  auto url = ResolveUrl(*ParseUrl(base), reference);
  return url.ok() ? url->text : std::string(url.status().message());
}

TEST(Url, Parses) {
  auto url = ParseUrl("https://Host.example:5000/v2/?a=b");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "host.example");
  EXPECT_EQ(url->Authority(), "host.example:5000");
  EXPECT_EQ(ParseUrl("http://a.b/")->Authority(), "a.b");
  EXPECT_EQ(ParseUrl("http://a.b/")->port, 80);
  EXPECT_EQ(ParseUrl("http://a.b:443/")->Authority(), "a.b:443");
  EXPECT_EQ(ParseUrl("https://[::1]:5000/")->Authority(), "[::1]:5000");
  for (const char* bad :
       {"", "/v2/", "ftp://a.b/", "file:///etc/passwd", "https://user:pw@a.b/", "https://a.b:x/"}) {
    EXPECT_FALSE(ParseUrl(bad).ok()) << bad;
  }
}

TEST(Url, Resolves) {
  EXPECT_EQ(Resolved("http://a.b:5/v2/x", "/v2/y?_state=z%3D"), "http://a.b:5/v2/y?_state=z%3D");
  EXPECT_EQ(Resolved("http://a.b/v2/x", "https://c.d/e?f=g"), "https://c.d/e?f=g");
  EXPECT_EQ(Resolved("http://a.b/v2/x", "y"), "http://a.b/v2/y");
  EXPECT_EQ(Resolved("http://a.b/v2/x", "//c.d/y"), "http://c.d/y");
  EXPECT_EQ(Resolved("http://a.b/v2/x", "file:///etc/passwd"), "bad URL: file:///etc/passwd");
}

TEST(Url, Origins) {
  const Url a = *ParseUrl("https://a.b/x");
  EXPECT_TRUE(a.SameOrigin(*ParseUrl("https://A.b:443/y")));
  EXPECT_FALSE(a.SameOrigin(*ParseUrl("https://a.b:444/x")));
  EXPECT_FALSE(a.SameOrigin(*ParseUrl("http://a.b/x")));
  EXPECT_FALSE(a.SameOrigin(*ParseUrl("https://a.b.c/x")));
}

TEST(Url, Loopback) {
  for (const char* host :
       {"localhost", "localhost:5000", "x.localhost", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:5"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
  for (const char* host : {"localhost.example", "127.0.0.1.example", "128.0.0.1", "[::2]", "docker.io"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

TEST(Url, Queries) {
  std::string url = "http://a.b/c";
  AppendQuery(&url, "digest", "sha256:1");
  AppendQuery(&url, "x", "a b&c");
  EXPECT_EQ(url, "http://a.b/c?digest=sha256%3A1&x=a%20b%26c");
}

}  // namespace
}  // namespace kasane
