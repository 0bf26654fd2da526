#include "src/oci/compression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "src/oci/fragment_cutter.h"
#include "src/oci/fragment_pipeline.h"
#include "src/oci/oci_test_util.h"

namespace kasane {
namespace {

using ::testing::HasSubstr;

// Unpacks with input pieces of `step` and output pieces of `room`.
absl::StatusOr<std::string> Unpack(absl::string_view data, size_t step, size_t room) {
  Decompressor decompressor;
  std::string out;
  std::vector<char> buffer(room);
  for (size_t at = 0; at < data.size(); at += step) {
    absl::string_view in = data.substr(at, step);
    while (true) {
      ASSIGN_OR_RETURN(size_t n, decompressor.Read(&in, buffer.data(), room));
      out.append(buffer.data(), n);
      if (n == 0 && in.empty()) break;
    }
  }
  while (true) {
    ASSIGN_OR_RETURN(size_t n, decompressor.ReadEnd(buffer.data(), room));
    if (n == 0) return out;
    out.append(buffer.data(), n);
  }
}

std::string Pack(Compression compression, const std::vector<std::string>& fragments) {
  FragmentCompressor compressor(compression, 6);
  std::string out;
  for (const std::string& fragment : fragments)
    out += std::string(compressor.Compress(fragment).value().view());
  return out;
}

class CompressionTest : public testing::TestWithParam<Compression> {};

TEST_P(CompressionTest, FragmentsComeBackInAnyPieces) {
  std::mt19937 random(1);
  for (int round = 0; round < 40; ++round) {
    std::vector<std::string> fragments;
    std::string all;
    for (uint32_t i = random() % 6; i-- > 0;) {
      fragments.push_back(RandomText(&random, random() % 7 == 0 ? 0 : random() % 90000));
      all += fragments.back();
    }
    std::string packed = Pack(GetParam(), fragments);
    size_t step = round % 3 == 0 ? 1 + random() % 40 : 1 + random() % 100000;
    size_t room = round % 2 == 0 ? 1 + random() % 50 : 1 + random() % 100000;
    absl::StatusOr<std::string> back = Unpack(packed, step, room);
    ASSERT_TRUE(back.ok()) << back.status() << " step " << step << " room " << room;
    ASSERT_EQ(*back, all) << step << " " << room;
  }
}

TEST_P(CompressionTest, CutOffIsNoticed) {
  if (GetParam() == Compression::kNone) return;
  std::mt19937 random(2);
  std::string packed = Pack(GetParam(), {RandomText(&random, 3000), RandomText(&random, 3000)});
  for (size_t cut = 4; cut < packed.size(); cut += 1 + random() % 5) {
    absl::StatusOr<std::string> back = Unpack(absl::string_view(packed).substr(0, cut), 100, 100);
    EXPECT_TRUE(!back.ok() || back->size() == 3000) << cut;  // just between the two
  }
}

TEST_P(CompressionTest, SameBytesForAnyNumberOfJobs) {
  std::mt19937 random(3);
  std::vector<std::string> fragments;
  for (int i = 0; i < 40; ++i) fragments.push_back(RandomText(&random, random() % 100000));
  Sha256 all;
  for (const std::string& fragment : fragments) all.Update(fragment);
  const FragmentCache nothing;
  for (const int jobs : {1, 2, 8}) {
    std::string packed;
    FragmentPipeline pipeline(GetParam(), 6, jobs, Sha256(), nothing, [&](const PipelineFragment& fragment) {
      packed += std::string(fragment.packed.view());
      return absl::OkStatus();
    });
    for (const std::string& fragment : fragments) {
      PipelineFragment next;
      next.size = fragment.size();
      next.raw = FragmentBytes::CopyOf(fragment);
      ASSERT_TRUE(pipeline.Add(std::move(next)).ok());
    }
    ASSERT_TRUE(pipeline.Finish().ok());
    EXPECT_EQ(packed, Pack(GetParam(), fragments)) << jobs;
    EXPECT_EQ(pipeline.diff_id().Finish(), all.Finish()) << jobs;
  }
}

INSTANTIATE_TEST_SUITE_P(All, CompressionTest,
                         testing::Values(Compression::kNone, Compression::kGzip, Compression::kZstd));

TEST(Compression, GzipHeaderHasNoTimeAndNoSystem) {
  std::string packed = Pack(Compression::kGzip, {"abc"});
  EXPECT_EQ(packed.substr(0, 8), absl::string_view("\x1f\x8b\x08\0\0\0\0\0", 8));
  EXPECT_EQ(static_cast<unsigned char>(packed[9]), 255);
}

TEST(Compression, DamageAndTrailingBytesAreRefused) {
  std::string packed = Pack(Compression::kGzip, {std::string(1000, 'x')});
  std::string damaged = packed;
  damaged[damaged.size() - 6] ^= 1;
  EXPECT_THAT(Unpack(damaged, 50, 50).status().ToString(), HasSubstr("checksum"));
  EXPECT_THAT(Unpack(packed + "garbage of some length", 50, 50).status().ToString(),
              HasSubstr("no gzip member"));
  EXPECT_FALSE(Unpack(Pack(Compression::kZstd, {"x"}) + "garbage", 50, 50).ok());
}

// isa-l's count of the bytes left is nonsense after an error; small pieces and every place of damage show it.
TEST(Compression, DamageAnywhereInAnyPieces) {
  std::mt19937 random(6);
  std::string packed = Pack(Compression::kGzip, {RandomText(&random, 300), RandomText(&random, 300)});
  for (size_t at = 0; at < packed.size(); ++at) {
    std::string damaged = packed;
    damaged[at] ^= static_cast<char>(1 + random() % 255);
    for (size_t step : {1, 3, 7, 20}) Unpack(damaged, step, 1000).status().IgnoreError();
  }
}

TEST(Compression, ShortPlainStreams) {
  EXPECT_EQ(Unpack("", 1, 1).value(), "");
  EXPECT_EQ(Unpack("abc", 1, 2).value(), "abc");
}

TEST(FragmentPipeline, SinkErrorIsReported) {
  const FragmentCache nothing;
  for (const int count : {1, 20}) {
    FragmentPipeline pipeline(Compression::kGzip, 1, 2, Sha256(), nothing, [](const PipelineFragment&) {
      return absl::ResourceExhaustedError("disk full");
    });
    absl::Status status;
    for (int i = 0; i < count && status.ok(); ++i) {
      PipelineFragment fragment;
      fragment.size = 1;
      fragment.raw = FragmentBytes::CopyOf("x");
      status = pipeline.Add(std::move(fragment));
    }
    if (status.ok()) status = pipeline.Finish();
    EXPECT_EQ(status.message(), "disk full");
  }
}

// An inserted member may move cuts around it; far away they must stay.
TEST(FragmentCutter, InsertMovesFewCuts) {
  std::mt19937 random(4);
  std::vector<std::pair<std::string, uint64_t>> members;
  for (int i = 0; i < 20000; ++i)
    members.emplace_back(absl::StrCat("usr/share/", i, RandomText(&random, 5)), 512 + 512 * (random() % 40));
  auto cuts = [](const std::vector<std::pair<std::string, uint64_t>>& list) {
    std::vector<std::string> out;
    uint64_t size = 0;
    for (const auto& [path, bytes] : list) {
      if (CutBefore(path, bytes, size)) {
        out.push_back(path);
        size = 0;
      }
      size += bytes;
    }
    return out;
  };
  std::vector<std::string> before = cuts(members);
  EXPECT_GT(before.size(), 400u);
  for (int round = 0; round < 20; ++round) {
    auto edited = members;
    edited.insert(edited.begin() + random() % edited.size(), {absl::StrCat("new", round), 4096});
    std::vector<std::string> after = cuts(edited), gone;
    std::sort(after.begin(), after.end());
    for (const std::string& cut : before) {
      if (!std::binary_search(after.begin(), after.end(), cut)) gone.push_back(cut);
    }
    EXPECT_LE(gone.size(), 12u);
  }
}

}  // namespace
}  // namespace kasane
