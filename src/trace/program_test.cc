#include "src/trace/program.h"

#include <gtest/gtest.h>

#include <cstring>

#include "src/base/binary.h"
#include "src/base/file.h"

namespace kasane {
namespace {

RangeReader Over(const std::string& bytes) {
  return [&bytes](uint64_t offset, uint64_t size) -> absl::StatusOr<std::string> {
    return offset > bytes.size() ? std::string() : bytes.substr(offset, size);
  };
}

std::string Number(uint64_t value, size_t size) {
  std::string out;
  for (size_t i = 0; i < size; ++i) out.push_back(i < 8 ? static_cast<char>(value >> (8 * i)) : '\0');
  return out;
}

// A 64-bit ELF file: header at 0, one program header at 64 that maps the file to 0x400000, the given content
// of .go.buildinfo at 256, three section headers at 4096.
std::string Elf(const std::string& buildinfo, const std::string& more = "", uint64_t more_offset = 1024) {
  const std::string names("\0.go.buildinfo\0.shstrtab\0", 25);
  std::string file(8192, '\0');
  const auto put = [&file](size_t at, const std::string& bytes) { file.replace(at, bytes.size(), bytes); };
  put(0, std::string("\177ELF\2\1\1", 7));
  put(32, Number(64, 8) + Number(4096, 8));  // e_phoff, e_shoff
  put(54, Number(56, 2) + Number(1, 2) + Number(64, 2) + Number(3, 2) + Number(2, 2));
  put(64, Number(1, 4) + Number(4, 4) + Number(0, 8) + Number(0x400000, 8) + Number(0x400000, 8) +
              Number(8192, 8));
  put(256, buildinfo);
  if (!more.empty()) put(more_offset, more);
  put(4096 + 64, Number(1, 4) + Number(1, 4) + Number(0, 8) + Number(0x400100, 8) + Number(256, 8) +
                     Number(buildinfo.size(), 8));
  put(4096 + 128, Number(15, 4) + Number(3, 4) + Number(0, 16) + Number(6000, 8) + Number(names.size(), 8));
  put(6000, names);
  return file;
}

const std::string kMark(16, 'm');
const std::string kInfo = kMark + "path\tcmd/go\nbuild\t-compiler=gc\n" + kMark;

std::string Inline() {
  std::string out("\xff Go buildinf:\x08\x02", 16);
  out.resize(32);
  PutBytes(&out, "go1.26.8");
  PutBytes(&out, kInfo);
  return out;
}

TEST(Program, MainPackageInline) {
  const std::string file = Elf(Inline());
  EXPECT_EQ(GoMainPackage(file.size(), Over(file)), "cmd/go");
}

TEST(Program, MainPackageByPointers) {
  std::string section("\xff Go buildinf:\x08\x00", 16);
  section += Number(0x400000 + 1024, 8) + Number(0x400000 + 1040, 8);
  std::string strings = Number(0x400000 + 1100, 8) + Number(6, 8);  // the version
  strings += Number(0x400000 + 1200, 8) + Number(kInfo.size(), 8);
  strings.resize(1200 - 1024);
  strings += kInfo;
  std::string file = Elf(section, strings);
  EXPECT_EQ(GoMainPackage(file.size(), Over(file)), "cmd/go");
  file[256 + 15] = 1;  // big-endian
  EXPECT_EQ(GoMainPackage(file.size(), Over(file)), "");
}

TEST(Program, DamagedFilesAreNothing) {
  const std::string file = Elf(Inline());
  for (size_t size = 0; size < 6025; size += 7) {
    const std::string cut = file.substr(0, size);
    EXPECT_EQ(GoMainPackage(cut.size(), Over(cut)), "");
  }
  for (size_t at = 0; at < 400; ++at) {  // any answer, but an answer
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = file;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      GoMainPackage(bad.size(), Over(bad));
    }
  }
}

// The real ones, where this machine has them.
TEST(Program, RealPrograms) {
  int found = 0;
  for (const char* path : {"/usr/lib/go-1.19/bin/go", "/usr/local/go/bin/go"}) {
    const auto bytes = ReadFile(path);
    if (!bytes.ok()) continue;
    ++found;
    EXPECT_EQ(GoMainPackage(bytes->size(), Over(*bytes)), "cmd/go") << path;
  }
  const auto cat = ReadFile("/usr/bin/cat");
  ASSERT_TRUE(cat.ok());
  EXPECT_EQ(GoMainPackage(cat->size(), Over(*cat)), "");
  if (found == 0) GTEST_SKIP() << "no go here";
}

TEST(ProgramStrings, WholeOnesBeginningsAndEnds) {
  ProgramStrings strings;
  const size_t whole = strings.Add("GNU coreutils");
  const size_t begins = strings.Add("Print the *");
  const size_t ends = strings.Add("*9.1");
  const size_t not_whole = strings.Add("coreutils");
  const size_t unfinished = strings.Add("tail");
  EXPECT_EQ(strings.Add("*9.1"), ends);
  const char bytes[] = "\177ELF\0GNU coreutils\0Print the first\0v9.1\0\0tail";
  const std::vector<bool> found = strings.Find(absl::string_view(bytes, sizeof(bytes) - 1));
  EXPECT_TRUE(found[whole]);
  EXPECT_TRUE(found[begins]);
  EXPECT_TRUE(found[ends]);
  EXPECT_FALSE(found[not_whole]);
  EXPECT_FALSE(found[unfinished]);
}

}  // namespace
}  // namespace kasane
