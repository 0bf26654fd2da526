// The tar writer and reader, against each other and against hand-made archives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "src/oci/oci_test_util.h"
#include "src/oci/pax.h"
#include "src/oci/tar_writer.h"

namespace kasane {
namespace {

using ::testing::HasSubstr;

std::string OneMember(const TarHeader& header, absl::string_view content = "") {
  std::string out;
  EXPECT_TRUE(AppendTarHeader(header, &out).ok());
  out.append(content.data(), content.size());
  AppendTarPadding(content.size(), &out);
  AppendTarEnd(&out);
  return out;
}

TarHeader Back(const std::string& tar) {
  TarCollector got;
  EXPECT_TRUE(ReadTar(tar, 100, &got).ok());
  EXPECT_EQ(got.members.size(), 1u);
  return got.members.empty() ? TarHeader() : got.members[0].header;
}

// A header block as strangers write it.
struct Raw {
  char block[kTarBlock] = {};
  Raw(absl::string_view name, char type, absl::string_view size = "00000000000") {
    Set(kTarName, name);
    Set(kTarMode, "0000644");
    Set(kTarUid, "0000000");
    Set(kTarGid, "0000000");
    Set(kTarSize, size);
    Set(kTarMtime, "00000000000");
    block[kTarTypeFlag.offset] = type;
    Set(kTarMagic, kUstarMagic);
  }
  Raw& Set(TarField field, absl::string_view text) {
    std::fill_n(block + field.offset, field.size, '\0');
    std::copy_n(text.data(), std::min(text.size(), field.size), block + field.offset);
    return *this;
  }
  std::string Sealed() {
    std::string sum(8, '\0');
    snprintf(sum.data(), sum.size(), "%06o", TarChecksum(block, false));
    Set(kTarChecksum, sum);
    return std::string(block, kTarBlock);
  }
};

absl::Status Refused(const std::string& tar) {
  TarCollector got;
  return ReadTar(tar, 512, &got);
}

TEST(TarWriter, PlainHeaderIsGosUstar) {
  TarHeader header;
  header.name = "d/f";
  header.mode = 04755;
  header.uid = 1000;
  header.size = 3;
  header.mtime.seconds = 1735689600;
  std::string tar = OneMember(header, "abc");
  ASSERT_EQ(tar.size(), 4 * kTarBlock);
  EXPECT_EQ(tar.substr(100, 8), absl::string_view("0004755\0", 8));
  EXPECT_EQ(tar.substr(108, 8), absl::string_view("0001750\0", 8));
  EXPECT_EQ(tar.substr(124, 12), absl::string_view("00000000003\0", 12));
  EXPECT_EQ(tar.substr(136, 12), absl::string_view("14735102600\0", 12));
  EXPECT_EQ(tar.substr(257, 8), absl::string_view("ustar\00000", 8));
  EXPECT_EQ(tar.substr(329, 16), absl::string_view("0000000\0"
                                                   "0000000\0",
                                                   16));
  EXPECT_EQ(tar.substr(512, 4), absl::string_view("abc\0", 4));
}

TEST(TarWriter, LongNameIsSplitNotPax) {
  TarHeader header;
  header.name = std::string(80, 'd') + "/" + std::string(90, 'f');
  std::string tar = OneMember(header);
  EXPECT_EQ(tar.size(), 3 * kTarBlock);
  EXPECT_EQ(Back(tar).name, header.name);
}

TEST(TarWriter, PaxOnlyWhereNeeded) {
  TarHeader header;
  header.name = "\xc3\xa9";
  header.uid = 3000000;
  header.mtime.seconds = -5;
  header.xattrs = {{"security.capability", std::string("\1\0\n", 3)}};
  std::string tar = OneMember(header);
  EXPECT_EQ(tar[kTarTypeFlag.offset], 'x');
  EXPECT_EQ(tar.substr(0, 12), "PaxHeaders.0");
  std::string records("40 SCHILY.xattr.security.capability=\1\0\n\n", 40);
  records += "12 mtime=-5\n11 path=\xc3\xa9\n15 uid=3000000\n";
  EXPECT_EQ(tar.substr(512, 79), records + std::string(1, '\0'));
  TarHeader back = Back(tar);
  EXPECT_EQ(back.name, header.name);
  EXPECT_EQ(back.uid, header.uid);
  EXPECT_EQ(back.mtime, header.mtime);
  EXPECT_EQ(back.xattrs, header.xattrs);
}

TEST(TarWriter, RefusesWhatTarCannotSay) {
  std::string out;
  TarHeader header;
  header.name = "x";
  header.device_major = 1 << 21;
  EXPECT_FALSE(AppendTarHeader(header, &out).ok());
  EXPECT_TRUE(out.empty());
}

TEST(TarReader, GnuLongNamesAndBase256) {
  std::string name(200, 'l');
  std::string tar = Raw("././@LongLink", 'L', "00000000310").Sealed() + name;
  AppendTarPadding(name.size(), &tar);
  tar += Raw("short", '0').Set(kTarUid, absl::string_view("\x80\0\0\0\0\x2d\xc6\xc0", 8)).Sealed();
  AppendTarEnd(&tar);
  TarHeader back = Back(tar);
  EXPECT_EQ(back.name, name);
  EXPECT_EQ(back.uid, 3000000u);
}

TEST(TarReader, NegativeBase256Time) {
  std::string tar =
      Raw("f", '0')
          .Set(kTarMtime, absl::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfb", 12))
          .Sealed();
  AppendTarEnd(&tar);
  EXPECT_EQ(Back(tar).mtime.seconds, -5);
}

TEST(TarReader, V7DirectoryAndOddSizes) {
  std::string tar = Raw("d/", '\0').Set(kTarMagic, "").Sealed() +
                    Raw("l", '1', "00000000777").Set(kTarLinkName, "t").Sealed();
  TarCollector got;
  ASSERT_TRUE(ReadTar(tar, 7, &got).ok());  // no trailer: allowed
  ASSERT_EQ(got.members.size(), 2u);
  EXPECT_EQ(got.members[0].header.type, TarType::kDirectory);
  EXPECT_EQ(got.members[1].header.size, 0u);
  EXPECT_EQ(got.members[1].header.link_name, "t");
}

TEST(TarReader, TellsWhereContentLies) {
  TarHeader header;
  header.name = std::string(300, 'x');  // takes a PAX header
  header.size = 3;
  std::string tar = OneMember(header, "abc") + "what follows the end is ignored";
  TarCollector got;
  ASSERT_TRUE(ReadTar(tar, 1, &got).ok());
  EXPECT_EQ(tar.substr(static_cast<size_t>(got.members[0].offset), 3), "abc");
  EXPECT_EQ(got.members[0].content, "abc");
  EXPECT_TRUE(got.members[0].ended);
}

TEST(TarReader, Refuses) {
  std::string end(2 * kTarBlock, '\0');
  EXPECT_THAT(Refused(std::string(512, 'x') + end).ToString(), HasSubstr("wrong checksum"));
  EXPECT_THAT(Refused(Raw("s", 'S').Sealed() + end).ToString(), HasSubstr("sparse"));
  EXPECT_THAT(Refused(Raw("v", 'V').Sealed() + end).ToString(), HasSubstr("unknown type"));
  EXPECT_THAT(Refused(Raw("", '0').Sealed() + end).ToString(), HasSubstr("without a name"));
  EXPECT_THAT(Refused(Raw("f", '0', "0000000000x").Sealed() + end).ToString(), HasSubstr("malformed number"));
  EXPECT_THAT(
      Refused(Raw("f", '0', absl::string_view("\xff\0\0\0\0\0\0\0\0\0\0\1", 12)).Sealed() + end).ToString(),
      HasSubstr("malformed"));
  EXPECT_THAT(Refused(Raw("f", '0', "00000000010").Sealed()).ToString(), HasSubstr("middle of a member"));
  EXPECT_THAT(Refused(Raw("f", '0').Sealed().substr(0, 100)).ToString(), HasSubstr("middle of a member"));
  EXPECT_THAT(
      Refused(Raw("x", 'x', "00000000005").Sealed() + "9 a=b" + std::string(507, '\0') + end).ToString(),
      HasSubstr("malformed PAX"));
  EXPECT_THAT(Refused(Raw("x", 'x', "77777777777").Sealed()).ToString(), HasSubstr("more than 1 MiB"));
  EXPECT_THAT(Refused(std::string(512, '\0') + Raw("f", '0').Sealed()).ToString(),
              HasSubstr("lone zero block"));
}

// A PAX archive of one member; `content` is what is stored.
std::string PaxMember(const std::vector<std::string>& records, const std::string& content, char type = '0') {
  std::string pax;
  for (const std::string& record : records) {
    size_t size = record.size() + 3;
    while (absl::StrCat(size).size() + record.size() + 2 != size) ++size;
    absl::StrAppend(&pax, size, " ", record, "\n");
  }
  char text[12];
  snprintf(text, sizeof(text), "%011o", static_cast<unsigned>(pax.size()));
  std::string tar = Raw("x", 'x', text).Sealed() + pax;
  AppendTarPadding(pax.size(), &tar);
  snprintf(text, sizeof(text), "%011o", static_cast<unsigned>(content.size()));
  absl::StrAppend(&tar, Raw("GNUSparseFile.0/f", type, text).Sealed(), content);
  AppendTarPadding(content.size(), &tar);
  AppendTarEnd(&tar);
  return tar;
}

TEST(TarReader, SparseFiles) {
  const std::string file = std::string(3, '\0') + "ab" + std::string(2, '\0') + "c" + std::string(2, '\0');
  std::string map = "3\n3\n2\n7\n1\n10\n0\n";
  map.resize(kTarBlock);
  const std::string archives[] = {
      PaxMember({"GNU.sparse.size=10", "GNU.sparse.numblocks=2", "GNU.sparse.offset=3",
                 "GNU.sparse.numbytes=2", "GNU.sparse.offset=7", "GNU.sparse.numbytes=1", "path=d/f"},
                "abc"),
      PaxMember(
          {"GNU.sparse.size=10", "GNU.sparse.numblocks=2", "GNU.sparse.name=d/f", "GNU.sparse.map=3,2,7,1"},
          "abc"),
      PaxMember({"GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=d/f", "GNU.sparse.realsize=10"},
                map + "abc")};
  for (const std::string& tar : archives) {
    for (const size_t step : {1, 100, 512, 100000}) {
      TarCollector got;
      ASSERT_TRUE(ReadTar(tar, step, &got).ok());
      ASSERT_EQ(got.members.size(), 1u);
      EXPECT_EQ(got.members[0].header.name, "d/f");
      EXPECT_EQ(got.members[0].header.size, 10u);
      EXPECT_TRUE(got.members[0].header.sparse);
      EXPECT_EQ(got.members[0].content, file);
      EXPECT_TRUE(got.members[0].ended);
    }
  }
  TarCollector got;
  ASSERT_TRUE(ReadTar(PaxMember({"GNU.sparse.size=70000", "GNU.sparse.numblocks=0", "GNU.sparse.map=,"}, ""),
                      512, &got)
                  .code() == absl::StatusCode::kDataLoss);
  ASSERT_TRUE(
      ReadTar(PaxMember({"GNU.sparse.size=70000", "GNU.sparse.numblocks=1", "GNU.sparse.map=70000,0"}, ""),
              512, &got)
          .ok());
  EXPECT_EQ(got.members.back().content, std::string(70000, '\0'));
  // A version that nobody knows says nothing.
  ASSERT_TRUE(ReadTar(PaxMember({"GNU.sparse.major=2", "GNU.sparse.realsize=9"}, "abc"), 512, &got).ok());
  EXPECT_EQ(got.members.back().content, "abc");
}

TEST(TarReader, SparseFilesThatContradictThemselves) {
  const std::vector<std::string> size = {"GNU.sparse.size=10", "GNU.sparse.numblocks=1"};
  for (const char* map :
       {"8,3", "3", "x,1", "-1,2", "0,9223372036854775807", "9223372036854775807,2", "0,2,1,2", "0,1,2"}) {
    std::vector<std::string> records = size;
    records.push_back(absl::StrCat("GNU.sparse.map=", map));
    EXPECT_THAT(Refused(PaxMember(records, "abc")).ToString(), HasSubstr("malformed map")) << map;
  }
  std::vector<std::string> records = size;
  records.emplace_back("GNU.sparse.map=0,2");
  EXPECT_THAT(Refused(PaxMember(records, "abc")).ToString(), HasSubstr("more content"));
  EXPECT_THAT(Refused(PaxMember(records, "a")).ToString(), HasSubstr("less content"));
  EXPECT_THAT(Refused(PaxMember(records, "ab", '5')).ToString(), HasSubstr("no file"));
  EXPECT_THAT(Refused(PaxMember({"GNU.sparse.numbytes=1"}, "a")).ToString(), HasSubstr("malformed map"));
  const std::vector<std::string> front = {"GNU.sparse.major=1", "GNU.sparse.minor=0",
                                          "GNU.sparse.realsize=5"};
  EXPECT_THAT(Refused(PaxMember(front, "ab")).ToString(), HasSubstr("less content"));
  EXPECT_THAT(Refused(PaxMember(front, "x\n" + std::string(600, '\0'))).ToString(),
              HasSubstr("malformed map"));
  EXPECT_THAT(Refused(PaxMember(front, "900000\n" + std::string(2 << 20, '\0'))).ToString(),
              HasSubstr("malformed map"));
}

TEST(Pax, Times) {
  EXPECT_EQ(ParsePaxTime("1350244992.023960108").value(), (Timestamp{1350244992, 23960108}));
  EXPECT_EQ(ParsePaxTime("-1.5").value(), (Timestamp{-2, 500000000}));
  EXPECT_EQ(ParsePaxTime("-5").value(), (Timestamp{-5, 0}));
  EXPECT_EQ(ParsePaxTime("3.1234567899").value(), (Timestamp{3, 123456789}));
  for (const char* bad : {"", ".", "x", "1.x", " 1", "1 ", "99999999999999999999"})
    EXPECT_FALSE(ParsePaxTime(bad).ok()) << bad;
}

TEST(Pax, Records) {
  EXPECT_EQ(ParsePax("6 a=b\n8 c=d=\n\n").value(), (PaxRecords{{"a", "b"}, {"c", "d=\n"}}));
  for (const char* bad :
       {"6 a=b", "5 a=b\n", "7 a=b\n", "x a=b\n", "6 =bb\n", "5 ab\n", "99999999999 a=b\n", "-6 a=b\n"}) {
    EXPECT_FALSE(ParsePax(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace kasane
