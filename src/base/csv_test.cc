#include "src/base/csv.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

// "text|text", or the error and its place.
std::string Split(absl::string_view line) {
  std::vector<CsvField> fields;
  std::string error, out;
  size_t offset = 0;
  if (!SplitCsv(line, &fields, &error, &offset)) return absl::StrCat(offset, ": ", error);
  for (const CsvField& field : fields) absl::StrAppend(&out, out.empty() ? "" : "|", field.text);
  return out;
}

TEST(Csv, FieldsAndQuotes) {
  EXPECT_EQ(Split("a=b,c"), "a=b|c");
  EXPECT_EQ(Split("\"a,b\",c"), "a,b|c");
  EXPECT_EQ(Split("\"say \"\"hi\"\"\",x"), "say \"hi\"|x");
  EXPECT_EQ(Split(" a , b"), " a | b");
  std::vector<CsvField> fields;
  std::string error;
  size_t offset;
  ASSERT_TRUE(SplitCsv("a,\"b,c\",", &fields, &error, &offset));
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(fields[1].begin, 2u);
  EXPECT_EQ(fields[1].end, 7u);
  EXPECT_EQ(fields[2].text, "");
}

TEST(Csv, WhatIsQuotedIsSplitAgain) {
  EXPECT_EQ(QuoteCsv("a b"), "a b");
  EXPECT_EQ(QuoteCsv("a,\"b\""), "\"a,\"\"b\"\"\"");
  EXPECT_EQ(Split(QuoteCsv("a,\"b\"") + ",c"), "a,\"b\"|c");
}

TEST(Csv, Errors) {
  EXPECT_EQ(Split(""), "0: nothing is there");
  EXPECT_EQ(Split("a,\"b"), "2: the quote is not closed");
  EXPECT_EQ(Split("a,b\"c"), "3: a quote must stand around the whole field");
  EXPECT_EQ(Split("\"a\"b"), "2: a comma must follow the closing quote");
}

}  // namespace
}  // namespace kasane
