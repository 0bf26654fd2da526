#include <elf.h>

#include <cstring>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/sbom/go_build_info.h"
#include "src/sbom/metadata_files.h"
#include "src/sbom/package.h"
#include "src/sbom/spdx.h"

namespace kasane {
namespace {

TEST(PackageTest, UrlsAndOsRelease) {
  Package npm;
  npm.type = "npm";
  npm.name = "@scope/a";
  npm.version = "1.0";
  EXPECT_EQ(PackageUrl(npm, {"debian", "12"}), "pkg:npm/%40scope/a@1.0");
  Package pypi;
  pypi.type = "pypi";
  pypi.name = "Typing_Extensions";
  pypi.version = "4";
  EXPECT_EQ(PackageUrl(pypi, {}), "pkg:pypi/typing-extensions@4");
  const Distribution distribution = ParseOsRelease("NAME=\"Debian\"\nVERSION_ID=\"12\"\nID=debian\n");
  EXPECT_EQ(distribution.id, "debian");
  EXPECT_EQ(distribution.version, "12");
}

TEST(MetadataFilesTest, NpmAndPython) {
  const auto npm = ParseNpmPackage(R"({"name":"left-pad","version":"1.3.0","license":{"type":"WTFPL"}})");
  ASSERT_TRUE(npm.has_value());
  EXPECT_EQ(npm->license, "WTFPL");
  EXPECT_FALSE(ParseNpmPackage(R"({"type":"module"})").has_value());
  EXPECT_FALSE(ParseNpmPackage("{").has_value());
  const auto python =
      ParsePythonMetadata("Metadata-Version: 2.1\nName: requests\nVersion: 2.31\n\nName: no\n");
  ASSERT_TRUE(python.has_value());
  EXPECT_EQ(python->name, "requests");
  EXPECT_FALSE(ParsePythonMetadata("Name: x\n\nVersion: 1\n").has_value());
  EXPECT_TRUE(IsNpmPackagePath("app/node_modules/a/package.json"));
  EXPECT_TRUE(IsNpmPackagePath("app/node_modules/@s/a/package.json"));
  EXPECT_FALSE(IsNpmPackagePath("app/package.json"));
  EXPECT_FALSE(IsNpmPackagePath("app/node_modules/a/test/package.json"));
  EXPECT_TRUE(IsPythonMetadataPath("usr/lib/python3/dist-packages/x-1.dist-info/METADATA"));
}

// A program with one data segment and no sections, as `strip` and packers leave it.
std::string GoProgram(const std::string& version, const std::string& modules) {
  std::string info("\xff Go buildinf:\x08\x02", 16);
  info.resize(32);
  for (const std::string& text : {version, modules}) {
    for (size_t n = text.size();; n >>= 7) {
      info += static_cast<char>((n & 0x7f) | (n >= 0x80 ? 0x80 : 0));
      if (n < 0x80) break;
    }
    info += text;
  }
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_phoff = sizeof(header);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment = {};
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_W;
  segment.p_offset = 128;
  segment.p_filesz = info.size();
  std::string out(reinterpret_cast<const char*>(&header), sizeof(header));
  out.append(reinterpret_cast<const char*>(&segment), sizeof(segment));
  out.resize(128);
  return out + info;
}

std::vector<Package> Modules(const std::string& program) {
  return ReadGoBuildInfo([&](uint64_t offset, uint64_t size) {
    return offset < program.size() ? program.substr(offset, size) : std::string();
  });
}

TEST(GoBuildInfoTest, ModulesOfAProgram) {
  const std::string frame(16, '#');
  const std::string program = GoProgram(
      "go1.22.1 X:x",
      frame +
          "path\texample.org/app\nmod\texample.org/app\t(devel)\t\ndep\tgithub.com/a/b\tv1.2.3\th1:x\n"
          "dep\tgithub.com/c/d\tv0.1.0\n=>\tgithub.com/e/d\tv0.2.0\th1:y\nbuild\tGOOS=linux\n" +
          frame);
  const auto modules = Modules(program);
  ASSERT_EQ(modules.size(), 4u);
  EXPECT_EQ(PackageUrl(modules[0], {}), "pkg:golang/example.org/app");
  EXPECT_EQ(PackageUrl(modules[1], {}), "pkg:golang/github.com/a/b@v1.2.3");
  EXPECT_EQ(PackageUrl(modules[2], {}), "pkg:golang/github.com/e/d@v0.2.0");
  EXPECT_EQ(PackageUrl(modules[3], {}), "pkg:golang/stdlib@1.22.1");
  for (size_t n = 0; n < program.size(); n += 7) Modules(program.substr(0, n));
  EXPECT_TRUE(Modules("#!/bin/sh\n").empty());
}

TEST(SpdxTest, EachPackageHasAnIdentifierOfItsOwn) {
  Sbom sbom;
  sbom.name = "app";
  sbom.image = Sha256Of("x");
  sbom.created = "1970-01-01T00:00:00Z";
  for (const char* path : {"a", "b"}) {
    Package package;
    package.type = "npm";
    package.name = "@s/p_q";
    package.version = "1";
    package.path = path;
    sbom.packages.push_back(package);
  }
  const Json json = SpdxJson(sbom);
  ASSERT_EQ(json["packages"].size(), 3u);
  EXPECT_NE(json["packages"][1]["SPDXID"], json["packages"][2]["SPDXID"]);
  EXPECT_THAT(json["packages"][1]["SPDXID"].get<std::string>(),
              testing::MatchesRegex("SPDXRef-Package-npm--s-p-q-[0-9a-f]+"));
  EXPECT_EQ(json["relationships"].size(), 3u);
}

}  // namespace
}  // namespace kasane
