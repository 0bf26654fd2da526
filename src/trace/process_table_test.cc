#include "src/trace/process_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>

#include "src/base/file.h"
#include "src/tree/delta.h"

namespace kasane {
namespace {

// A process of another program than this one, which a profile is for.
class ProcessTableTest : public testing::Test {
 protected:
  void SetUp() override {
    char* const real = realpath("/bin/cat", nullptr);
    ASSERT_NE(real, nullptr);
    program_ = real;
    free(real);
    char name[] = "/tmp/process_table_test.XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    upper_ = name;
    ASSERT_EQ(pipe2(input_, O_CLOEXEC), 0);
    int started[2];
    ASSERT_EQ(pipe2(started, O_CLOEXEC), 0);
    pid_ = fork();
    ASSERT_GE(pid_, 0);
    if (pid_ == 0) {
      dup2(input_[0], 0);
      execl(program_.c_str(), "cat", nullptr);
      _exit(127);
    }
    close(started[1]);
    char byte;
    ASSERT_EQ(read(started[0], &byte, 1), 0);  // exec has closed it
    close(started[0]);
  }
  void TearDown() override {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(input_[0]);
    close(input_[1]);
    EXPECT_TRUE(RemoveTree(upper_).ok());
  }

  ProcessTable::Options Options() {
    DeltaEntry file;
    file.path = program_.substr(1);
    file.entry.mode = 0755;
    file.entry.size = 100;
    ProcessTable::Options options;
    options.profiles = &profiles_;
    options.tree = Tree().Apply(Delta::FromEntries({file}).value()).value();
    options.read = [this](const Node&, uint64_t offset, uint64_t size) -> absl::StatusOr<std::string> {
      ++reads_;
      std::string program(100, '\0');
      return program.replace(0, 4, "\177ELF").replace(10, 15, "a known program").substr(offset, size);
    };
    return options;
  }
  uint32_t Pid() const { return static_cast<uint32_t>(pid_); }

  const Profiles profiles_ = Profiles::Load({},
                                            "[[profile]]\nname = \"known\"\n"
                                            "[profile.program]\nstrings = [\"a known program\"]\n"
                                            "[profile.stat]\nmeaning = \"mode\"\n")
                                 .value();
  std::string program_, upper_;
  int input_[2];
  pid_t pid_ = -1;
  int reads_ = 0;
};

TEST_F(ProcessTableTest, AProfileIsChosenOnce) {
  ProcessTable table(Options());
  table.SetUppers({upper_});
  const TableProcess process = table.Find(Pid());
  ASSERT_NE(process.profile, nullptr);
  EXPECT_EQ(process.number, 1);
  EXPECT_EQ(table.processes()[0].profile, "known");
  EXPECT_EQ(table.processes()[0].name, "cat");
  const int reads = reads_;
  EXPECT_EQ(table.Find(Pid()).number, 1);
  EXPECT_EQ(table.Number(Pid()), 1);
  EXPECT_EQ(reads_, reads);
}

// Where a program that asks for an xattr is in the middle of a copy up, its upper directory is locked.
TEST_F(ProcessTableTest, WhoAsksIsNamedWithoutALookAtItsFiles) {
  ProcessTable table(Options());
  table.SetUppers({upper_});
  EXPECT_EQ(table.Number(Pid()), 1);
  EXPECT_EQ(reads_, 0);
  EXPECT_EQ(table.processes()[0].profile, "");
  const TableProcess process = table.Find(Pid());
  EXPECT_EQ(process.number, 1);
  EXPECT_NE(process.profile, nullptr);
  EXPECT_EQ(table.processes().size(), 1);
  EXPECT_EQ(table.processes()[0].profile, "known");
}

TEST_F(ProcessTableTest, AllAreKnownWhereTheyAreToBe) {
  ProcessTable::Options options = Options();
  options.all_are_known = true;
  ProcessTable table(std::move(options));
  table.SetUppers({upper_});
  EXPECT_EQ(table.Number(Pid()), 1);
  EXPECT_EQ(table.processes()[0].profile, "known");
}

TEST_F(ProcessTableTest, WhatTheRunMadeHasNoProfile) {
  ProcessTable table(Options());
  table.SetUppers({upper_});
  ASSERT_TRUE(MakeDirs(upper_ + std::string(Dirname(program_))).ok());
  ASSERT_TRUE(WriteFileAtomic(upper_ + program_, "another").ok());
  EXPECT_EQ(table.Find(Pid()).profile, nullptr);
}

}  // namespace
}  // namespace kasane
