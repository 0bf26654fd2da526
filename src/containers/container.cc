#include "src/containers/container.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/list_directory.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;
constexpr size_t kLongestName = 128;
constexpr char kTaken[] = "taken";

std::string AllContainers(const Store& store) { return JoinPath(store.directory(), "containers"); }

std::string StatePath(const Store& store, absl::string_view name) {
  return JoinPath(ContainerDirectory(store, name), "state.json");
}

Json ToJson(const ProcessName& process) { return Json::array({process.pid, process.ticks}); }

int64_t Number(const Json& array, size_t index) {
  return array.is_array() && index < array.size() && array[index].is_number_integer()
             ? array[index].get<int64_t>()
             : 0;
}

ProcessName ProcessFrom(const Json& json) { return {static_cast<pid_t>(Number(json, 0)), Number(json, 1)}; }

}  // namespace

ProcessName NameProcess(pid_t pid) {
  ProcessName process = {pid, 0};
  const absl::StatusOr<std::string> text = ReadFile(absl::StrCat("/proc/", pid, "/stat"));
  if (!text.ok()) return process;
  // proc(5): the second field is a name in brackets that may hold anything; the 22nd is the start time.
  const size_t end = text->rfind(')');
  if (end == std::string::npos) return process;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(absl::string_view(*text).substr(end + 1), ' ', absl::SkipEmpty());
  // A zombie has ended.
  if (fields.size() < 20 || fields[0] == "Z" || !absl::SimpleAtoi(fields[19], &process.ticks))
    process.ticks = 0;
  return process;
}

bool IsAlive(const ProcessName& process) {
  return process.ticks != 0 && NameProcess(process.pid).ticks == process.ticks;
}

bool IsContainerName(absl::string_view name) {
  if (name.empty() || name.size() > kLongestName || !absl::ascii_isalnum(name[0])) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-'; });
}

std::string ContainerDirectory(const Store& store, absl::string_view name) {
  return JoinPath(AllContainers(store), name);
}

std::string ContainerLog(const Store& store, absl::string_view name) {
  return JoinPath(ContainerDirectory(store, name), "log");
}

bool IsLeftOver(const Store& store, absl::string_view name) {
  const std::string directory = ContainerDirectory(store, name);
  if (!PathExists(directory) || PathExists(StatePath(store, name))) return false;
  const absl::StatusOr<std::string> text = ReadFile(JoinPath(directory, kTaken));
  const absl::StatusOr<Json> json =
      text.ok() ? ParseJson(*text, kTaken) : absl::StatusOr<Json>(text.status());
  return !json.ok() || !IsAlive(ProcessFrom(JsonMember(*json, "by")));
}

absl::Status TakeContainerName(const Store& store, absl::string_view name) {
  RETURN_IF_ERROR(MakeDirs(AllContainers(store), 0700));
  if (IsLeftOver(store, name)) RETURN_IF_ERROR(RemoveContainer(store, name));
  // It appears with the word of who took it.
  const std::string fresh = JoinPath(AllContainers(store), absl::StrCat(".", name, ".", getpid()));
  RETURN_IF_ERROR(RemoveTree(fresh));
  if (mkdir(fresh.c_str(), 0700) != 0)
    return ErrnoStatus(errno, absl::StrCat("cannot make a container ", name));
  Json taken = Json::object();
  taken["by"] = ToJson(NameProcess(getpid()));
  RETURN_IF_ERROR(WriteFileAtomic(JoinPath(fresh, kTaken), DumpJson(taken), 0600));
  if (rename(fresh.c_str(), ContainerDirectory(store, name).c_str()) == 0) return absl::OkStatus();
  const int error = errno;
  RETURN_IF_ERROR(RemoveTree(fresh));
  if (error == EEXIST || error == ENOTEMPTY)
    return absl::AlreadyExistsError(absl::StrCat("there is a container ", name, " already"));
  return ErrnoStatus(error, absl::StrCat("cannot make a container ", name));
}

absl::StatusOr<std::string> TakeFreeContainerName(const Store& store, absl::string_view stem) {
  for (int i = 1;; ++i) {
    std::string name = absl::StrCat(stem, "-", i);
    const absl::Status taken = TakeContainerName(store, name);
    if (taken.ok()) return name;
    if (!absl::IsAlreadyExists(taken)) return taken;
  }
}

absl::Status SaveContainer(const Store& store, const Container& container) {
  Json json = Json::object();
  json["version"] = kVersion;
  json["name"] = container.name;
  json["image"] = container.image;
  if (!container.manifest.empty()) json["manifest"] = container.manifest.ToString();
  json["command"] = container.command;
  json["env"] = container.env;
  json["workdir"] = container.workdir;
  Json user = Json::array({container.uid, container.gid});
  for (uint32_t group : container.groups) user.push_back(group);
  json["user"] = std::move(user);
  json["ports"] = container.ports;
  json["stop_signal"] = container.stop_signal;
  json["created"] = container.created;
  json["supervisor"] = ToJson(container.supervisor);
  json["process"] = ToJson(container.process);
  if (container.ended != 0) {
    json["ended"] = container.ended;
    json["exit_code"] = container.exit_code;
  }
  return WriteFileAtomic(StatePath(store, container.name), DumpJson(json), 0600);
}

absl::StatusOr<Container> LoadContainer(const Store& store, absl::string_view name) {
  const absl::Status none = absl::NotFoundError(absl::StrCat("there is no container ", name));
  if (!IsContainerName(name)) return none;
  const absl::StatusOr<std::string> text = ReadFile(StatePath(store, name));
  if (!text.ok()) return none;
  ASSIGN_OR_RETURN(const Json json, ParseJson(*text, StatePath(store, name)));
  if (JsonInt(json, "version") != kVersion) return none;
  Container container;
  container.name = std::string(name);
  container.image = JsonString(json, "image");
  if (const std::string manifest = JsonString(json, "manifest"); !manifest.empty()) {
    ASSIGN_OR_RETURN(container.manifest, Digest::Parse(manifest));
  }
  container.command = JsonStrings(json, "command");
  container.env = JsonStrings(json, "env");
  container.workdir = JsonString(json, "workdir");
  const Json& user = JsonMember(json, "user");
  container.uid = static_cast<uint32_t>(Number(user, 0));
  container.gid = static_cast<uint32_t>(Number(user, 1));
  for (size_t i = 2; i < user.size(); ++i) container.groups.push_back(static_cast<uint32_t>(Number(user, i)));
  container.ports = JsonStrings(json, "ports");
  container.stop_signal = static_cast<int>(JsonInt(json, "stop_signal"));
  container.created = JsonInt(json, "created");
  container.supervisor = ProcessFrom(JsonMember(json, "supervisor"));
  container.process = ProcessFrom(JsonMember(json, "process"));
  container.ended = JsonInt(json, "ended");
  container.exit_code = static_cast<int>(JsonInt(json, "exit_code"));
  return container;
}

std::vector<Container> ListContainers(const Store& store) {
  std::vector<Container> containers;
  for (const std::string& name : NamesIn(AllContainers(store))) {
    absl::StatusOr<Container> container = LoadContainer(store, name);
    if (container.ok()) containers.push_back(*std::move(container));
  }
  std::sort(containers.begin(), containers.end(), [](const Container& a, const Container& b) {
    return a.created != b.created ? a.created > b.created : a.name < b.name;
  });
  return containers;
}

absl::Status RemoveContainer(const Store& store, absl::string_view name) {
  return RemoveTree(ContainerDirectory(store, name));
}

}  // namespace kasane
