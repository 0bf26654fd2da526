#include "src/config/cdi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

using testing::ElementsAre;

constexpr char kYaml[] = R"(---
cdiVersion: "0.7.0"
kind: vendor.com/gpu
annotations: # of all
  org.mobyproject.buildkit.device.autoallow: "true"
containerEdits:
  env: [ALL=1]
devices:
- name: 0
  containerEdits:
    deviceNodes:
    - path: /dev/gpu0
      hostPath: /dev/x
      type: c
      major: 195
      fileMode: 0640
      permissions: rw
    mounts:
    - {}
- name: all
  annotations:
    org.mobyproject.buildkit.device.class: fast
    org.mobyproject.buildkit.device.autoallow: "no"
  containerEdits:
    additionalGids: [44]
    hooks:
    - hookName: createContainer
      path: /bin/true
)";

std::string Yaml() {
  std::string text = kYaml;
  return text.replace(text.find("    - {}\n"), 9,
                      "    - hostPath: /h\n      containerPath: /c\n      options: [ro]\n");
}

std::string Fault(const std::string& text, bool json = false) {
  return std::string(ParseCdiFile(text, json).status().message());
}

TEST(Cdi, Yaml) {
  absl::StatusOr<std::vector<CdiDevice>> devices = ParseCdiFile(Yaml(), false);
  ASSERT_TRUE(devices.ok()) << devices.status();
  ASSERT_EQ(devices->size(), 2u);
  const CdiDevice& zero = (*devices)[0];
  EXPECT_EQ(zero.name, "vendor.com/gpu=0");
  EXPECT_TRUE(IsAllowedToAll(zero));
  EXPECT_THAT(zero.file_edits.env, ElementsAre("ALL=1"));
  ASSERT_EQ(zero.edits.nodes.size(), 1u);
  EXPECT_EQ(zero.edits.nodes[0].major, 195);
  EXPECT_EQ(zero.edits.nodes[0].mode, 0640);
  EXPECT_EQ(zero.edits.nodes[0].uid, -1);
  ASSERT_EQ(zero.edits.mounts.size(), 1u);
  EXPECT_THAT(zero.edits.mounts[0].options, ElementsAre("ro"));
  const CdiDevice& all = (*devices)[1];
  EXPECT_FALSE(IsAllowedToAll(all));
  EXPECT_THAT(all.edits.groups, ElementsAre(44));
  EXPECT_THAT(all.edits.others, ElementsAre("hooks"));
}

TEST(Cdi, Json) {
  constexpr char kJson[] = R"({"cdiVersion":"1.1.0","kind":"a.b/c","devices":[
      {"name":"x","containerEdits":{"deviceNodes":[{"path":"/dev/d","fileMode":416,"gid":0}]}}]})";
  for (const bool json : {true, false}) {
    absl::StatusOr<std::vector<CdiDevice>> devices = ParseCdiFile(kJson, json);
    ASSERT_TRUE(devices.ok()) << devices.status();
    EXPECT_EQ((*devices)[0].edits.nodes[0].mode, 0640);
    EXPECT_EQ((*devices)[0].edits.nodes[0].gid, 0);
  }
}

TEST(Cdi, Faults) {
  EXPECT_EQ(Fault(kYaml), "device 0: a mount needs a hostPath and a containerPath");
  EXPECT_EQ(Fault("cdiVersion: 9\n"), "unknown cdiVersion \"9\"");
  EXPECT_EQ(Fault("a"), "unknown cdiVersion \"\"");
  const std::string head = "cdiVersion: 0.6.0\nkind: v.com/x\n";
  EXPECT_EQ(Fault("cdiVersion: 0.6.0\nkind: x"), "invalid kind \"x\": it must be vendor/class");
  EXPECT_EQ(Fault(head), "there are no devices in it");
  EXPECT_EQ(Fault(head + "more: 1\ndevices: []"), "there is no member \"more\"");
  EXPECT_EQ(Fault(head + "devices: x"), "devices is no list");
  EXPECT_EQ(Fault(head + "devices:\n- name: -x\n"), "a device: invalid name \"-x\"");
  EXPECT_EQ(Fault(head + "devices:\n- name: x\n"), "a device: device x has no containerEdits");
  const std::string device = head + "devices:\n- name: x\n  containerEdits:\n    ";
  EXPECT_EQ(Fault(device + "env: [A]"), "device x: invalid environment variable \"A\"");
  EXPECT_EQ(Fault(device + "deviceNodes: [{}]"), "device x: a device node needs a path");
  EXPECT_EQ(Fault(device + "deviceNodes: [{}"), "line 6: did not find expected ',' or ']'");
  EXPECT_EQ(Fault(device + "deviceNodes:\n    - path: /d\n      type: q"),
            "device x: device /d: invalid type \"q\"");
  EXPECT_EQ(Fault(device + "deviceNodes:\n    - path: /d\n      major: x"), "device x: major is no number");
  EXPECT_EQ(Fault(device + "deviceNodes:\n    - path: /d\n      permissions: rx"),
            "device x: device /d: invalid permissions \"rx\"");
}

TEST(Cdi, Directories) {
  std::string top = "/tmp/cdi_test.XXXXXX";
  ASSERT_NE(mkdtemp(top.data()), nullptr);
  const auto write = [&](const std::string& file, const std::string& kind, const std::string& name,
                         const std::string& value) {
    ASSERT_TRUE(MakeDirs(absl::StrCat(top, "/", Dirname(file))).ok());
    ASSERT_TRUE(WriteFileAtomic(absl::StrCat(top, "/", file),
                                absl::StrCat("cdiVersion: 0.6.0\nkind: ", kind, "\ndevices:\n- name: ", name,
                                             "\n  annotations:\n    org.mobyproject.buildkit.device.class: c",
                                             "\n  containerEdits: \n    env: [A=", value, "]\n"))
                    .ok());
  };
  write("a/1.yaml", "v/k", "x", "1");
  write("a/2.yaml", "v/k", "y", "2");
  write("b/1.json.yaml", "v/k", "x", "3");
  write("b/no.txt", "v/k", "z", "4");
  write("b/5.yaml", "v/k", "twice", "5");
  write("b/6.yaml", "v/k", "twice", "6");
  const CdiDevices devices = CdiDevices::Load({top + "/a", top + "/b", top + "/none"});
  ASSERT_EQ(devices.problems.size(), 1u);
  EXPECT_EQ(devices.problems[0].message(), top + "/b: two files describe v/k=twice");
  const auto find = [&](const std::string& name) {
    std::string out;
    for (const CdiDevice* device : devices.Find(name)) absl::StrAppend(&out, device->edits.env[0], " ");
    return out;
  };
  EXPECT_EQ(find("v/k=x"), "A=3 ");
  EXPECT_EQ(find("v/k"), "A=3 ");
  EXPECT_EQ(find("v/k=*"), "A=3 A=2 ");
  EXPECT_EQ(find("c"), "A=3 A=2 ");
  EXPECT_EQ(find("v/k=z"), "");
  EXPECT_EQ(find("x"), "");
  EXPECT_TRUE(RemoveTree(top).ok());
}

}  // namespace
}  // namespace kasane
