#include "generator/device_check.h"

#include <dirent.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

// The first description that is there, or empty.
std::string FindDescription(const std::vector<std::string>& directories) {
  for (const std::string& directory : directories) {
    DIR* dir = opendir(directory.c_str());
    if (dir == nullptr) continue;
    std::string found;
    while (const dirent* entry = readdir(dir)) {
      const std::string name = entry->d_name;
      if (absl::EndsWith(name, ".json") || absl::EndsWith(name, ".yaml"))
        found = absl::StrCat(directory, "/", name);
    }
    closedir(dir);
    if (!found.empty()) return found;
  }
  return "";
}

}  // namespace

const std::vector<std::string>& CdiDirectories() {
  static const auto* directories = new std::vector<std::string>{"/etc/cdi", "/var/run/cdi"};
  return *directories;
}

bool CheckDevices(const Plan& plan, const std::vector<std::string>& directories, Diagnostic* error) {
  for (const PlanStage& stage : plan.stages) {
    for (const PlanStep& step : stage.steps) {
      const auto* run = std::get_if<RunSpec>(&step.spec);
      if (run == nullptr || run->devices.empty()) continue;
      error->range = step.range;
      const std::string description = FindDescription(directories);
      if (!description.empty()) {
        error->message = absl::StrCat("RUN --device=", run->devices[0].name, " is not supported yet");
        error->help = absl::StrCat("this machine has descriptions of devices: ", description);
        return false;
      }
      for (const DeviceSpec& device : run->devices) {
        if (!device.required) continue;
        error->message = absl::StrCat("required device \"", device.name, "\" is not registered");
        error->help = "no device is described in /etc/cdi or /var/run/cdi";
        return false;
      }
    }
  }
  return true;
}

}  // namespace kasane
