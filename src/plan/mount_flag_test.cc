#include "src/plan/mount_flag.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

// A flag as it stands in "RUN --mount=...".
Flag MakeFlag(const std::string& name, const std::string& value) {
  Flag flag;
  flag.name = name;
  flag.value = value;
  flag.has_value = true;
  flag.range = {1, 5, 1, 5 + static_cast<int>(name.size() + value.size() + 3)};
  return flag;
}

bool Same(absl::string_view text, const SourceRange&, std::string* out) {
  *out = std::string(text);
  return true;
}

// What is wrong with it, and where; or the mount.
std::string Read(const std::string& value) {
  std::vector<Diagnostic> diagnostics;
  Report report("f", &diagnostics);
  MountFlag mount;
  const Flag flag = MakeFlag("mount", value);
  if (!CheckMountFlag(flag, &report) || !ReadMountFlag(flag, Same, &report, &mount)) {
    const Diagnostic& d = diagnostics.back();
    const std::string line = absl::StrCat("RUN --mount=", value);
    return absl::StrCat(d.message, " [",
                        line.substr(static_cast<size_t>(d.range.column) - 1,
                                    static_cast<size_t>(d.range.end_column - d.range.column)),
                        "]", d.help.empty() ? "" : absl::StrCat(" ", d.help));
  }
  std::string out = mount.type;
  const auto text = [&](absl::string_view name, const std::string& v) {
    if (!v.empty()) absl::StrAppend(&out, " ", name, "=", v);
  };
  text("from", mount.from);
  text("source", mount.source);
  text("target", mount.target);
  text("id", mount.id);
  text("sharing", mount.sharing);
  if (mount.read_only) out += " ro";
  if (mount.required) out += " required";
  if (mount.size > 0) absl::StrAppend(&out, " size=", mount.size);
  if (mount.mode.has_value()) absl::StrAppend(&out, " mode=", *mount.mode);
  if (mount.uid.has_value()) absl::StrAppend(&out, " uid=", *mount.uid);
  if (mount.gid.has_value()) absl::StrAppend(&out, " gid=", *mount.gid);
  if (mount.env.has_value()) absl::StrAppend(&out, " env=", *mount.env);
  return out;
}

TEST(MountFlag, KeysAndDefaults) {
  EXPECT_EQ(Read("target=/a"), "bind target=/a ro");
  EXPECT_EQ(Read("from=x,src=/s,dst=/a,rw"), "bind from=x source=/s target=/a");
  EXPECT_EQ(Read("source=s,destination=/a,ro=0"), "bind source=s target=/a");
  EXPECT_EQ(Read("target=/a,readwrite=false"), "bind target=/a ro");
  EXPECT_EQ(Read("Type=CACHE,ID=X,sharing=Locked,mode=0750,uid=1,gid=4294967295,target=/c"),
            "cache target=/c id=X sharing=locked mode=488 uid=1 gid=4294967295");
  EXPECT_EQ(Read("type=cache,target=/c,readonly"), "cache target=/c ro");
  EXPECT_EQ(Read("type=tmpfs,target=/t,size=1.5k"), "tmpfs target=/t size=1536");
  EXPECT_EQ(Read("type=secret,id=a,required,env=E"), "secret id=a ro required env=E");
  EXPECT_EQ(Read("type=ssh,required=T"), "ssh ro required");
  EXPECT_EQ(Read("\"target=/a,b\""), "bind target=/a,b ro");
}

TEST(MountFlag, ErrorsStandWhereTheyAre) {
  EXPECT_EQ(Read("type=bnd,target=/a"), "unsupported mount type \"bnd\" [type=bnd] did you mean bind?");
  EXPECT_EQ(Read("size=1,type=tmpfs"),
            "unexpected key \"size\" for a mount of type bind [size=1] type= must stand before the keys that "
            "only this type has");
  EXPECT_EQ(Read("tagret=/a"), "unexpected key \"tagret\" in \"tagret=/a\" [tagret=/a] did you mean target?");
  EXPECT_EQ(Read("target"), "invalid field \"target\": it must be key=value [target]");
  EXPECT_EQ(Read("type=cache,mode=8"),
            "invalid value \"8\" for mode [mode=8] it is an octal number, as 0755");
  EXPECT_EQ(Read("type=cache,uid=4294967296"),
            "invalid value \"4294967296\" for uid [uid=4294967296] it is a number");
  EXPECT_EQ(
      Read("target=/a,mode=700"),
      "mode is not allowed for mounts of type bind [mode=700] only cache, secret and ssh have an owner and "
      "a mode");
  EXPECT_EQ(Read("target=/a,sharing=locked"),
            "a mount of type bind has no sharing [sharing=locked] only caches are shared");
  EXPECT_EQ(Read("type=cache,sharing=all"),
            "unsupported sharing value \"all\" [sharing=all] it can be shared, private, locked");
  EXPECT_EQ(
      Read("from=$X"),
      "variables are not expanded in from [from=$X] name a stage: FROM $IMAGE AS name with a global ARG, "
      "then from=name");
  EXPECT_EQ(Read("from=x$"), "bind from=x$ ro");
  EXPECT_EQ(Read("type=secret"),
            "a secret mount needs an id or a target [--mount=type=secret] write id=NAME");
  EXPECT_EQ(Read("type=secret,id=a,source=b"),
            "source and id of a secret mean the same: give one [source=b]");
  EXPECT_EQ(Read("type=secret,id=a,from=b"), "a secret mount has no from [from=b]");
  EXPECT_EQ(
      Read(""),
      "the fields of --mount cannot be told apart: nothing is there [] they are separated by commas; put "
      "\"...\" around a field that holds one");
}

TEST(MountFlag, FromIsKnownBeforeEvaluation) {
  SourceRange range;
  EXPECT_EQ(MountFrom(MakeFlag("mount", "type=cache,from=a,target=/a,from=b"), &range), "b");
  EXPECT_EQ(range.column, 5 + 8 + 28);
  EXPECT_EQ(MountFrom(MakeFlag("mount", "target=/a"), &range), "");
}

std::string Device(const std::string& value) {
  std::vector<Diagnostic> diagnostics;
  Report report("f", &diagnostics);
  DeviceSpec device;
  if (!ReadDeviceFlag(MakeFlag("device", value), &report, &device)) return diagnostics.back().message;
  return absl::StrCat(device.name, device.required ? " required" : "");
}

TEST(MountFlag, Devices) {
  EXPECT_EQ(Device("vendor.com/gpu=all"), "vendor.com/gpu=all");
  EXPECT_EQ(Device("vendor.com/gpu,required"), "vendor.com/gpu required");
  EXPECT_EQ(Device("required=true,name=x"), "x required");
  EXPECT_EQ(Device("name=a,name=b"), "the device's name is a already");
  EXPECT_EQ(Device("a,required=maybe"), "invalid value \"maybe\" for required");
  EXPECT_EQ(Device("a,b"), "invalid field \"b\": it must be key=value");
  EXPECT_EQ(Device("a,need=1"), "unexpected key \"need\" in \"need=1\"");
}

TEST(MountFlag, Sizes) {
  const auto size = [](absl::string_view text) {
    int64_t bytes = -1;
    return ParseMemorySize(text, &bytes) ? bytes : -1;
  };
  EXPECT_EQ(size("0"), 0);
  EXPECT_EQ(size("64m"), 64 << 20);
  EXPECT_EQ(size("1.5 KiB"), 1536);
  EXPECT_EQ(size("2gb"), int64_t{2} << 30);
  EXPECT_EQ(size("7b"), 7);
  for (absl::string_view bad : {"", "many", "-1", "1kk", "1 k m", "1mbb", "k", "99999999p", "nan"}) {
    EXPECT_EQ(size(bad), -1) << bad;
  }
}

}  // namespace
}  // namespace kasane
