// The isolated network: a way out, but not to the host.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/sandbox/sandbox_test_util.h"

namespace kasane {
namespace {

TEST_F(SandboxTest, IsolatedNetworkHasAWayOutButNotToTheHost) {
  if (access("/usr/bin/slirp4netns", X_OK) != 0 || access("/dev/net/tun", R_OK) != 0) {
    GTEST_SKIP() << "needs slirp4netns";
  }
  UniqueFd server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(server.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(server.get(), 9), 0);
  ASSERT_EQ(getsockname(server.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  options_.network = Network::kIsolated;
  std::string port = absl::StrCat(ntohs(address.sin_port));
  Changes(absl::StrCat("grep -c ^tap0 /proc/net/route; for a in 127.0.0.1 10.0.2.2; do nc -w 2 $a ", port,
                       " </dev/null 2>/dev/null && echo reached $a; done; true"));
  EXPECT_EQ(output_, "2\n");
}

}  // namespace
}  // namespace kasane
