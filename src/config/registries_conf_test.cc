#include "src/config/registries_conf.h"

#include <cstdlib>
#include <map>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "src/base/file.h"

namespace kasane {
namespace {

// "host/repository:tag@digest", flags behind: ! insecure, m mirror; endpoints separated by blanks.
std::string Show(const absl::StatusOr<std::vector<RegistryEndpoint>>& endpoints) {
  if (!endpoints.ok()) return std::string(endpoints.status().message());
  std::string out;
  for (const RegistryEndpoint& e : *endpoints) {
    absl::StrAppend(&out, out.empty() ? "" : " ", e.host, "/", e.repository, e.tag.empty() ? "" : ":", e.tag,
                    e.digest.empty() ? "" : "@", e.digest, e.insecure ? "!" : "", e.mirror ? "m" : "");
  }
  return out;
}

RegistriesConf Conf(absl::string_view text) {
  RegistriesConf conf;
  std::vector<Diagnostic> diagnostics;
  EXPECT_TRUE(conf.Add(text, "r.conf", &diagnostics)) << (diagnostics.empty() ? "" : diagnostics[0].message);
  return conf;
}

// The first diagnostic, with the source line and the caret.
std::string Fault(absl::string_view text) {
  RegistriesConf conf;
  std::vector<Diagnostic> diagnostics;
  const bool ok = conf.Add(text, "r.conf", &diagnostics);
  EXPECT_EQ(ok, diagnostics.empty() || diagnostics[0].severity == Severity::kWarning);
  EXPECT_EQ(conf.rules().empty(), !ok);
  return diagnostics.empty() ? "" : Render(diagnostics[0], text, false);
}

TEST(RegistriesConf, NothingConfigured) {
  const RegistriesConf conf =
      Conf("unqualified-search-registries = ['example.com']\n[aliases]\n\"a\" = \"b.c/a\"\n");
  EXPECT_EQ(Show(conf.ReadEndpoints("docker.io/library/golang:latest")), "docker.io/library/golang:latest");
  EXPECT_EQ(Show(conf.ReadEndpoints("h:5000/a/b@sha256:12")), "h:5000/a/b@sha256:12");
}

TEST(RegistriesConf, RewritesTheLongestPrefix) {
  const RegistriesConf conf = Conf(R"(
[[registry]]
prefix = "docker.io"
location = "mirror.example/hub/"
[[registry]]
prefix = "docker.io/library/golang"
location = "registry/go"
insecure = true
[[registry]]
prefix = "docker.io/library/golang:1.0"
location = "old.example/go:1"
[[registry]]
location = "plain.example:5000"
insecure = true
)");
  EXPECT_EQ(Show(conf.ReadEndpoints("docker.io/library/alpine:3")), "mirror.example/hub/library/alpine:3");
  EXPECT_EQ(Show(conf.ReadEndpoints("docker.io/library/golang:2")), "registry/go:2!");
  EXPECT_EQ(Show(conf.ReadEndpoints("docker.io/library/golang:1.0")), "old.example/go:1");
  EXPECT_EQ(Show(conf.ReadEndpoints("docker.io/library/golang:1.01")), "registry/go:1.01!");
  EXPECT_EQ(Show(conf.ReadEndpoints("docker.io/library/golanglint:2")),
            "mirror.example/hub/library/golanglint:2");
  EXPECT_EQ(Show(conf.ReadEndpoints("docker.iot/a:1")), "docker.iot/a:1");
  EXPECT_EQ(Show(conf.ReadEndpoints("plain.example:5000/a:1")), "plain.example:5000/a:1!");
  EXPECT_EQ(Show(conf.ReadEndpoints("plain.example:50001/a:1")), "plain.example:50001/a:1");
  EXPECT_EQ(Show(Conf("[[registry]]\nprefix='a.b/c'\nlocation='d.e'").ReadEndpoints("a.b/c:1")),
            "a.b/c:1: registries.conf sends it to \"d.e:1\", which names no repository");
  // Blobs are found by the repository, unless a rule is about one tag.
  EXPECT_EQ(conf.BlobSource("docker.io/library/golang:2", "docker.io/library/golang"),
            "docker.io/library/golang");
  EXPECT_EQ(conf.BlobSource("docker.io/library/golang:1.0", "docker.io/library/golang"),
            "docker.io/library/golang:1.0");
}

TEST(RegistriesConf, Wildcards) {
  const RegistriesConf conf = Conf(R"(
[[registry]]
prefix = "*.example.com"
insecure = true
[[registry]]
prefix = "*.b.example.com"
location = "m.net/x"
)");
  EXPECT_EQ(Show(conf.ReadEndpoints("a.example.com/p/q:1")), "a.example.com/p/q:1!");
  EXPECT_EQ(Show(conf.ReadEndpoints("a.c.example.com:5000/p:1")), "a.c.example.com:5000/p:1!");
  EXPECT_EQ(Show(conf.ReadEndpoints("a.b.example.com/p:1")), "m.net/x/p:1");
  EXPECT_EQ(Show(conf.ReadEndpoints("example.com/p:1")), "example.com/p:1");
  EXPECT_EQ(Show(conf.ReadEndpoints("b.net/a.example.com:1")), "b.net/a.example.com:1");
}

TEST(RegistriesConf, Mirrors) {
  const RegistriesConf conf = Conf(R"(
[[registry]]
prefix = "docker.io"
location = "p.example"
[[registry.mirror]]
location = "m1.example/all"
insecure = true
[[registry.mirror]]
location = "m2.example"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "m3.example"
pull-from-mirror = "tag-only"
[[registry]]
location = "q.example"
mirror-by-digest-only = true
[[registry.mirror]]
location = "m4.example"
)");
  EXPECT_EQ(Show(conf.ReadEndpoints("docker.io/a:1")), "m1.example/all/a:1!m m3.example/a:1m p.example/a:1");
  EXPECT_EQ(Show(conf.ReadEndpoints("docker.io/a@sha256:1")),
            "m1.example/all/a@sha256:1!m m2.example/a@sha256:1m p.example/a@sha256:1");
  EXPECT_EQ(Show(conf.BlobEndpoints("docker.io/a")),
            "m1.example/all/a!m m2.example/am p.example/a m3.example/am");
  EXPECT_EQ(Show(conf.ReadEndpoints("q.example/a:1")), "q.example/a:1");
  EXPECT_EQ(Show(conf.ReadEndpoints("q.example/a:1@sha256:1")),
            "m4.example/a:1@sha256:1m q.example/a:1@sha256:1");
  EXPECT_EQ(conf.WriteEndpoint("docker.io/a:1")->host, "docker.io");
}

TEST(RegistriesConf, Blocked) {
  const RegistriesConf conf = Conf("[[registry]]\nlocation = 'bad.example/x'\nblocked = true\n");
  EXPECT_EQ(Show(conf.ReadEndpoints("bad.example/x/y:1")),
            "bad.example/x/y:1: blocked by registries.conf (prefix \"bad.example/x\")");
  EXPECT_FALSE(conf.WriteEndpoint("bad.example/x/y:1").ok());
  EXPECT_EQ(Show(conf.ReadEndpoints("bad.example/y:1")), "bad.example/y:1");
}

TEST(RegistriesConf, LaterFilesReplaceEqualPrefixes) {
  RegistriesConf conf;
  std::vector<Diagnostic> diagnostics;
  ASSERT_TRUE(
      conf.Add("[[registry]]\nlocation='a.b'\ninsecure=true\n[[registry]]\nlocation='c.d'\nblocked=true\n",
               "1.conf", &diagnostics));
  ASSERT_TRUE(conf.Add("[[registry]]\nprefix='a.b'\nlocation='e.f'\n", "2.conf", &diagnostics));
  EXPECT_EQ(Show(conf.ReadEndpoints("a.b/x:1")), "e.f/x:1");
  EXPECT_FALSE(conf.ReadEndpoints("c.d/x:1").ok());
}

TEST(RegistriesConf, FaultsHaveAPlace) {
  EXPECT_EQ(Fault("[[registry]]\nlocation = \"a.b\n"),
            "r.conf:2:16: error: error while parsing string: unescaped control characters other than TAB "
            "(U+0009) are explicitly prohibited\n"
            "  location = \"a.b\n"
            "                 ^\n");
  EXPECT_EQ(Fault("[[registry]]\nlocation = 'a.b'\ninsecure = 'yes'\n"),
            "r.conf:3:12: error: `insecure` must be true or false\n"
            "  insecure = 'yes'\n"
            "             ^~~~~\n");
  EXPECT_EQ(Fault("[[registry]]\nlocation = 'http://a.b'\n"),
            "r.conf:2:12: error: `location` must not begin with a scheme\n"
            "  location = 'http://a.b'\n"
            "             ^~~~~~~~~~~~\n"
            "  help: write the host alone; insecure = true allows http\n");
  EXPECT_EQ(
      Fault(
          "[[registry]]\nlocation = 'a.b'\n[[registry.mirror]]\nlocation = 'c.d'\npull-from-mirror = 'x'\n"),
      "r.conf:5:20: error: `pull-from-mirror` is \"x\"\n"
      "  pull-from-mirror = 'x'\n"
      "                     ^~~\n"
      "  help: use all, digest-only or tag-only\n");
  EXPECT_EQ(Fault("[registries.insecure]\nregistries = ['a']\n").substr(0, 80),
            "r.conf:1:1: error: this is version 1 of the format, which is not supported\n"
            "  [re");
  EXPECT_NE(Fault("[[registry]]\ninsecure = true\n"), "");
  EXPECT_NE(Fault("[[registry]]\nprefix = 'a.*.b'\nlocation = 'c.d'\n"), "");
  EXPECT_NE(Fault("[[registry]]\nprefix = '*.b:1/x'\n"), "");
  EXPECT_NE(Fault("[registry]\nprefix = 'b'\n"), "");
  EXPECT_NE(Fault("registry = 1\n"), "");
  EXPECT_NE(Fault("[a\xc5\xbc]\n"), "");  // toml.h
  EXPECT_NE(Fault("[[registry]]\nlocation = 'a'\n[registry.mirror]\nlocation = 'b'\n"), "");
  EXPECT_NE(Fault("[[registry]]\nlocation = 'a.b'\nmirror-by-digest-only = true\n[[registry.mirror]]\n"
                  "location = 'c.d'\npull-from-mirror = 'all'\n"),
            "");
  EXPECT_EQ(Fault("[[registry]]\nlocation = 'a.b'\ninsecur = true\n"),
            "r.conf:3:1: warning: unknown key `insecur`\n"
            "  insecur = true\n"
            "  ^~~~~~~\n"
            "  help: did you mean `insecure`?\n");
}

TEST(FindRegistriesConf, Order) {
  const std::string root = absl::StrCat(std::getenv("TEST_TMPDIR"), "/find");
  const std::string system = root + "/etc", user = root + "/home/.config/containers";
  for (const std::string& dir : {system + "/registries.conf.d", user + "/registries.conf.d"}) {
    ASSERT_TRUE(MakeDirs(dir).ok());
  }
  std::map<std::string, std::string> values = {{"HOME", root + "/home"}};
  const EnvironmentReader environment = [&](const char* name) {
    return values.count(name) ? values[name] : "";
  };
  const auto write = [](const std::string& path) { ASSERT_TRUE(WriteFileAtomic(path, "").ok()); };
  EXPECT_TRUE(FindRegistriesConf(environment, system).empty());
  write(system + "/registries.conf");
  write(system + "/registries.conf.d/b.conf");
  write(system + "/registries.conf.d/a.conf");
  write(system + "/registries.conf.d/c.txt");
  write(user + "/registries.conf.d/u.conf");
  using Files = std::vector<std::string>;
  const std::string a = system + "/registries.conf.d/a.conf", b = system + "/registries.conf.d/b.conf";
  const std::string u = user + "/registries.conf.d/u.conf";
  EXPECT_EQ(FindRegistriesConf(environment, system), (Files{system + "/registries.conf", a, b, u}));
  values["CONTAINERS_REGISTRIES_CONF"] = "/nowhere";
  EXPECT_EQ(FindRegistriesConf(environment, system), (Files{"/nowhere", a, b, u}));
  values.erase("CONTAINERS_REGISTRIES_CONF");
  write(user + "/registries.conf");
  EXPECT_EQ(FindRegistriesConf(environment, system), (Files{user + "/registries.conf", u}));
  values["XDG_CONFIG_HOME"] = root + "/none";
  EXPECT_EQ(FindRegistriesConf(environment, system), (Files{system + "/registries.conf", a, b}));
}

TEST(LoadRegistriesConf, SaysWhere) {
  const std::string file = absl::StrCat(std::getenv("TEST_TMPDIR"), "/bad.conf");
  ASSERT_TRUE(WriteFileAtomic(file, "[[registry]]\nlocation = 3\n").ok());
  const EnvironmentReader nothing = [](const char*) { return std::string(); };
  EXPECT_EQ(std::string(LoadRegistriesConf(nothing, file).status().message()),
            file + ":2:12: error: `location` must be a string\n  location = 3\n             ^");
  EXPECT_EQ(LoadRegistriesConf(nothing, "/nowhere").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace kasane
