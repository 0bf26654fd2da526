#include <sqlite3.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/file.h"
#include "src/sbom/apk_installed.h"
#include "src/sbom/dpkg_status.h"
#include "src/sbom/rpm_database.h"
#include "src/sbom/rpm_header.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Urls(const std::vector<Package>& packages, const Distribution& distribution) {
  std::vector<std::string> out;
  for (const Package& package : packages) out.push_back(PackageUrl(package, distribution));
  return out;
}

TEST(DpkgStatusTest, InstalledPackagesCount) {
  const auto packages = ParseDpkgStatus(
      "Package: libc6\nStatus: install ok installed\nSource: glibc (2.36-9)\nArchitecture: amd64\n"
      "Version: 2.36-9+deb12u9\nDescription: the library\n Package: not-this\n .\n"
      "\n"
      "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
      "Package: without-version\n\n"
      "Package: last\nVersion: 1:2\nArchitecture: all");
  EXPECT_THAT(Urls(packages, {"debian", "12"}),
              ElementsAre("pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64&distro=debian-12&upstream=glibc",
                          "pkg:deb/debian/last@1:2?arch=all&distro=debian-12"));
}

TEST(ApkInstalledTest, Fields) {
  const auto packages = ParseApkInstalled(
      "C:Q1=\nP:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\nF:lib\nR:ld.so\n\nP:x\n\nP:a-libs\nV:2\no:a\n");
  ASSERT_EQ(packages.size(), 2u);
  EXPECT_EQ(packages[0].license, "MIT");
  EXPECT_THAT(Urls(packages, {"alpine", "3.20.1"}),
              ElementsAre("pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.1",
                          "pkg:apk/alpine/a-libs@2?distro=alpine-3.20.1&upstream=a"));
}

std::string BigEndian(uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
  return out;
}

std::string RpmHeader() {
  std::string data;
  for (const char* text : {"bash", "5.2", "1.fc40", "x86_64", "bash-5.2-1.fc40.src.rpm"}) {
    data += text;
    data += '\0';
  }
  data += BigEndian(3);
  const auto entry = [](uint32_t tag, uint32_t type, uint32_t offset) {
    return BigEndian(tag) + BigEndian(type) + BigEndian(offset) + BigEndian(1);
  };
  return BigEndian(6) + BigEndian(static_cast<uint32_t>(data.size())) + entry(1000, 6, 0) +
         entry(1001, 6, 5) + entry(1002, 6, 9) + entry(1022, 6, 16) + entry(1044, 6, 23) +
         entry(1003, 4, static_cast<uint32_t>(data.size() - 4)) + data;
}

TEST(RpmHeaderTest, FieldsAndDamage) {
  const std::string header = RpmHeader();
  const auto package = ParseRpmHeader(header);
  ASSERT_TRUE(package.has_value());
  EXPECT_EQ(package->source, "");
  EXPECT_EQ(PackageUrl(*package, {"fedora", "40"}),
            "pkg:rpm/fedora/bash@3:5.2-1.fc40?arch=x86_64&distro=fedora-40");
  for (size_t n = 0; n < header.size(); ++n) EXPECT_FALSE(ParseRpmHeader(header.substr(0, n)).has_value());
}

TEST(RpmDatabaseTest, ReadsWhatRpmWrites) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &database), SQLITE_OK);
  sqlite3_exec(database, "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO Packages (blob) VALUES (?)", -1, &insert, nullptr);
  const std::string header = RpmHeader();
  sqlite3_bind_blob(insert, 1, header.data(), static_cast<int>(header.size()), SQLITE_STATIC);
  sqlite3_step(insert);
  sqlite3_finalize(insert);
  sqlite3_int64 size = 0;
  unsigned char* bytes = sqlite3_serialize(database, "main", &size, 0);
  std::string file(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  sqlite3_free(bytes);
  sqlite3_close(database);
  file[18] = file[19] = 2;  // with a log beside it, as rpm opens it
  const auto packages = ParseRpmDatabase(file);
  ASSERT_EQ(packages.size(), 1u);
  EXPECT_EQ(packages[0].name, "bash");
  EXPECT_TRUE(ParseRpmDatabase("no database").empty());
  EXPECT_TRUE(ParseRpmDatabase(file.substr(0, 200)).empty());
}

// testdata/Packages.db was written by rpm's own code (4.18), testdata/Packages by Berkeley DB's (5.3, pages
// of 1 KiB) of the same two headers; rpm reads it.
TEST(RpmDatabaseTest, ReadsItsOlderForms) {
  for (const char* name : {"Packages.db", "Packages"}) {
    SCOPED_TRACE(name);
    const std::string file = ReadFile(absl::StrCat("src/sbom/testdata/", name)).value();
    EXPECT_THAT(Urls(ParseRpmDatabase(file), {"x", "1"}),
                testing::UnorderedElementsAre("pkg:rpm/x/probe@4:1.2-3?arch=noarch&distro=x-1",
                                              "pkg:rpm/x/other@1.2-3?arch=noarch&distro=x-1"));
    for (size_t n = 0; n < file.size(); n += 97) EXPECT_LE(ParseRpmDatabase(file.substr(0, n)).size(), 2u);
  }
}

// A big-endian machine's: one page with a value that lies in it.
TEST(RpmDatabaseTest, BerkeleyDbOfTheOtherByteOrder) {
  const std::string header = RpmHeader();
  std::string file(1024, '\0');
  const auto put = [&file](size_t at, const std::string& bytes) { file.replace(at, bytes.size(), bytes); };
  put(12, BigEndian(0x061561));
  put(20, BigEndian(512));
  put(512 + 20, std::string("\0\2", 2));
  file[512 + 25] = 13;
  const size_t key = 512 - 5, value = key - 1 - header.size();
  for (const auto& [at, offset] : {std::pair<size_t, size_t>(26, key), {28, value}}) {
    put(512 + at, BigEndian(static_cast<uint32_t>(offset)).substr(2));
  }
  put(512 + key, std::string("\1\0\0\0\1", 5));
  put(512 + value, "\1" + header);
  ASSERT_EQ(ParseRpmDatabase(file).size(), 1u);
  EXPECT_EQ(ParseRpmDatabase(file)[0].name, "bash");
}

}  // namespace
}  // namespace kasane
