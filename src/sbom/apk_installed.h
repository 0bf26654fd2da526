// apk's database of what is installed: /lib/apk/db/installed.
#ifndef KASANE_SRC_SBOM_APK_INSTALLED_H_
#define KASANE_SRC_SBOM_APK_INSTALLED_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "src/sbom/package.h"

namespace kasane {

// Entries without a name or a version are skipped.
std::vector<Package> ParseApkInstalled(absl::string_view text);

}  // namespace kasane

#endif  // KASANE_SRC_SBOM_APK_INSTALLED_H_
