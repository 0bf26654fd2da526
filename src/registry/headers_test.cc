#include "src/registry/headers.h"

#include "gtest/gtest.h"

namespace kasane {
namespace {

TEST(Headers, Lines) {
  HttpResponse answer;
  AddHeaderLine("HTTP/1.1 100 Continue\r\n", &answer);
  AddHeaderLine("X-Old: 1\r\n", &answer);
  AddHeaderLine("\r\n", &answer);
  AddHeaderLine("HTTP/2 206 \r\n", &answer);
  AddHeaderLine("WWW-Authenticate:Basic realm=\"a: b\"\r\n", &answer);
  AddHeaderLine("www-authenticate:  Bearer realm=\"c\" \r\n", &answer);
  AddHeaderLine("no header\r\n", &answer);
  EXPECT_EQ(answer.status, 206);
  EXPECT_EQ(answer.headers.size(), 1);
  EXPECT_EQ(answer.Header("www-authenticate"), "Basic realm=\"a: b\", Bearer realm=\"c\"");
  for (const char* line : {"HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20O OK", "HTTP/1.1 99999999999999999999"}) {
    AddHeaderLine(line, &answer);
    EXPECT_EQ(answer.status, 0) << line;
  }
}

TEST(Headers, ContentRange) {
  EXPECT_EQ(ContentRangeStart("bytes 100-199/200"), 100);
  EXPECT_EQ(ContentRangeStart("bytes 0-0/*"), 0);
  for (const char* bad : {"", "bytes", "bytes ", "bytes */200", "bytes -1-5/6", "items 1-2/3",
                          "bytes 99999999999999999999-1/2"}) {
    EXPECT_EQ(ContentRangeStart(bad), -1) << bad;
  }
}

TEST(Headers, UploadedBytes) {
  EXPECT_EQ(UploadedBytes("0-1023", 7), 1024);
  EXPECT_EQ(UploadedBytes("bytes=0-1023", 7), 1024);
  for (const char* nothing : {"", "0-0", "0--1", "0-", "1023", "0-9223372036854775807"}) {
    EXPECT_EQ(UploadedBytes(nothing, 7), 7) << nothing;
  }
}

}  // namespace
}  // namespace kasane
