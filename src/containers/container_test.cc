#include "src/containers/container.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

class ContainerTest : public testing::Test {
 protected:
  ContainerTest() {
    std::string pattern = absl::StrCat(testing::TempDir(), "/kasane-container-XXXXXX");
    root_ = mkdtemp(pattern.data());
    store_ = Store::Open(root_ + "/store").value();
  }
  ~ContainerTest() override {
    store_.reset();
    RemoveTree(root_).IgnoreError();
  }
  Container Named(const std::string& name) {
    EXPECT_TRUE(TakeContainerName(*store_, name).ok());
    Container container;
    container.name = name;
    container.manifest = Sha256Of(name);
    return container;
  }
  std::string root_;
  std::unique_ptr<Store> store_;
};

TEST_F(ContainerTest, AStateComesBackAsItWas) {
  Container container = Named("web");
  container.image = "app:1";
  container.command = {"sh", "-c", "x"};
  container.env = {"A=b c"};
  container.workdir = "/w";
  container.uid = 5, container.gid = 6, container.groups = {6, 7};
  container.ports = {"0.0.0.0:1->2/tcp"};
  container.stop_signal = 3;
  container.created = 1000;
  container.supervisor = {1, 2};
  container.process = {3, 4};
  ASSERT_TRUE(SaveContainer(*store_, container).ok());
  Container read = LoadContainer(*store_, "web").value();
  EXPECT_EQ(read.image, container.image);
  EXPECT_EQ(read.manifest, container.manifest);
  EXPECT_EQ(read.command, container.command);
  EXPECT_EQ(read.env, container.env);
  EXPECT_EQ(read.workdir, container.workdir);
  EXPECT_EQ(read.uid, 5u);
  EXPECT_EQ(read.gid, 6u);
  EXPECT_EQ(read.groups, container.groups);
  EXPECT_EQ(read.ports, container.ports);
  EXPECT_EQ(read.stop_signal, 3);
  EXPECT_EQ(read.created, 1000);
  EXPECT_EQ(read.supervisor.ticks, 2);
  EXPECT_EQ(read.process.pid, 3);
  EXPECT_EQ(read.ended, 0);
  container.ended = 2000, container.exit_code = 7;
  ASSERT_TRUE(SaveContainer(*store_, container).ok());
  read = LoadContainer(*store_, "web").value();
  EXPECT_EQ(read.ended, 2000);
  EXPECT_EQ(read.exit_code, 7);
}

TEST_F(ContainerTest, ANameIsTakenOnceAndFreeAgainAfterwards) {
  ASSERT_TRUE(TakeContainerName(*store_, "web").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(TakeContainerName(*store_, "web")));
  EXPECT_TRUE(absl::IsNotFound(LoadContainer(*store_, "web").status()));  // it does not run yet
  ASSERT_TRUE(RemoveContainer(*store_, "web").ok());
  EXPECT_TRUE(TakeContainerName(*store_, "web").ok());
}

TEST_F(ContainerTest, TheNewestComesFirst) {
  for (int64_t created : {1, 3, 2}) {
    Container container = Named(absl::StrCat("c", created));
    container.created = created;
    ASSERT_TRUE(SaveContainer(*store_, container).ok());
  }
  std::string names;
  for (const Container& container : ListContainers(*store_)) absl::StrAppend(&names, container.name, " ");
  EXPECT_EQ(names, "c3 c2 c1 ");
}

TEST_F(ContainerTest, NamesThatWouldLeaveTheStoreAreNone) {
  for (const char* name : {"", ".", "..", "-a", "a/b", "../x", "a b"}) {
    EXPECT_FALSE(IsContainerName(name)) << name;
    EXPECT_TRUE(absl::IsNotFound(LoadContainer(*store_, name).status())) << name;
  }
  EXPECT_FALSE(IsContainerName(std::string(129, 'a')));
  EXPECT_TRUE(IsContainerName("a_B.c-9"));
}

TEST_F(ContainerTest, AProcessIsAliveUntilItEndsAndNoOtherOfItsNumberIs) {
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  const ProcessName process = NameProcess(child);
  EXPECT_TRUE(IsAlive(process));
  EXPECT_FALSE(IsAlive({process.pid, process.ticks + 1}));
  kill(child, SIGKILL);
  siginfo_t info;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(IsAlive(process));  // nobody has asked for its end yet
  waitpid(child, nullptr, 0);
  EXPECT_FALSE(IsAlive(process));
}

TEST_F(ContainerTest, ANameOfOneWhoWasKilledIsFree) {
  const pid_t child = fork();
  if (child == 0) _exit(TakeContainerName(*store_, "web").ok() ? 0 : 1);
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_TRUE(IsLeftOver(*store_, "web"));
  ASSERT_TRUE(TakeContainerName(*store_, "web").ok());
  EXPECT_FALSE(IsLeftOver(*store_, "web"));  // ours
  EXPECT_TRUE(absl::IsAlreadyExists(TakeContainerName(*store_, "web")));
  EXPECT_EQ(TakeFreeContainerName(*store_, "app").value(), "app-1");
  EXPECT_EQ(TakeFreeContainerName(*store_, "app").value(), "app-2");
  EXPECT_FALSE(IsLeftOver(*store_, "nosuch"));
}

}  // namespace
}  // namespace kasane
