#include "src/sandbox/etc_files.h"

#include <gtest/gtest.h>

namespace kasane {
namespace {

TEST(MakeHosts, AddsHosts) {
  EXPECT_EQ(
      MakeHosts("box", {{"a", "1.2.3.4"}, {"b", "2001:DB8:0::1"}}),
      "127.0.0.1\tlocalhost box\n::1\tlocalhost ip6-localhost ip6-loopback\n1.2.3.4\ta\n2001:db8::1\tb\n");
}

TEST(MakeResolvConf, KeepsTheHostsForItsOwnNetwork) {
  EXPECT_EQ(
      MakeResolvConf("# x\nnameserver 127.0.0.53\nsearch a b\noptions ndots:2\noptions edns0\nsortlist 1\n",
                     Network::kHost),
      "nameserver 127.0.0.53\nsearch a b\noptions ndots:2 edns0\nsortlist 1\n");
}

TEST(MakeResolvConf, LeavesLoopbackOut) {
  EXPECT_EQ(MakeResolvConf("nameserver 127.0.0.1\nnameserver 9.9.9.9\n", Network::kNone),
            "nameserver 9.9.9.9\n");
  EXPECT_EQ(MakeResolvConf("nameserver 127.0.0.1\n", Network::kIsolated), "nameserver 10.0.2.3\n");
  EXPECT_EQ(MakeResolvConf("", Network::kNone),
            "nameserver 8.8.8.8\nnameserver 8.8.4.4\nnameserver 2001:4860:4860::8888\nnameserver "
            "2001:4860:4860::8844\n");
}

}  // namespace
}  // namespace kasane
