#include "src/sbom/spdx.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace kasane {
namespace {

constexpr char kUnknown[] = "NOASSERTION";
constexpr char kImageId[] = "SPDXRef-Image";

// Letters, digits, '.' and '-' may stand in an identifier.
std::string IdOf(const Package& package) {
  std::string id = absl::StrCat("SPDXRef-Package-", package.type, "-", package.name);
  for (char& c : id) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') c = '-';
  }
  const std::string all =
      absl::StrJoin({package.type, package.name, package.version, package.architecture, package.path}, "\n");
  return absl::StrCat(id, "-", Sha256Of(all).ToHex().substr(0, 12));
}

Json Relationship(absl::string_view from, const char* type, absl::string_view to) {
  Json json = Json::object();
  json["spdxElementId"] = std::string(from);
  json["relationshipType"] = type;
  json["relatedSpdxElement"] = std::string(to);
  return json;
}

Json PackageJson(absl::string_view id, const std::string& name, const std::string& version) {
  Json json = Json::object();
  json["SPDXID"] = std::string(id);
  json["name"] = name;
  if (!version.empty()) json["versionInfo"] = version;
  json["downloadLocation"] = kUnknown;
  json["filesAnalyzed"] = false;
  json["licenseConcluded"] = kUnknown;
  json["licenseDeclared"] = kUnknown;
  json["copyrightText"] = kUnknown;
  return json;
}

Json ImageJson(const Sbom& sbom) {
  Json json = PackageJson(kImageId, sbom.name, sbom.image.ToString());
  Json checksum = Json::object();
  checksum["algorithm"] = "SHA256";
  checksum["checksumValue"] = sbom.image.ToHex();
  json["checksums"] = Json::array({std::move(checksum)});
  json["primaryPackagePurpose"] = "CONTAINER";
  return json;
}

Json InstalledJson(const Package& package, const Distribution& distribution) {
  Json json = PackageJson(IdOf(package), package.name, package.version);
  // What packages say of their licenses is seldom an expression as SPDX wants it, so it is quoted.
  if (!package.license.empty()) {
    json["licenseComments"] = absl::StrCat("the package says: ", package.license);
  }
  json["sourceInfo"] = absl::StrCat("found in /", package.path);
  Json reference = Json::object();
  reference["referenceCategory"] = "PACKAGE-MANAGER";
  reference["referenceType"] = "purl";
  reference["referenceLocator"] = PackageUrl(package, distribution);
  json["externalRefs"] = Json::array({std::move(reference)});
  return json;
}

}  // namespace

Json SpdxJson(const Sbom& sbom) {
  Json json = Json::object();
  json["spdxVersion"] = "SPDX-2.3";
  json["dataLicense"] = "CC0-1.0";
  json["SPDXID"] = "SPDXRef-DOCUMENT";
  json["name"] = sbom.name;
  json["documentNamespace"] = absl::StrCat("urn:kasane:sbom:", sbom.image.ToString());
  json["creationInfo"] = Json::object();
  json["creationInfo"]["created"] = sbom.created;
  json["creationInfo"]["creators"] = Json::array({"Tool: kasane"});
  json["packages"] = Json::array({ImageJson(sbom)});
  json["relationships"] = Json::array({Relationship("SPDXRef-DOCUMENT", "DESCRIBES", kImageId)});
  for (const Package& package : sbom.packages) {
    json["packages"].push_back(InstalledJson(package, sbom.distribution));
    json["relationships"].push_back(Relationship(kImageId, "CONTAINS", IdOf(package)));
  }
  return json;
}

}  // namespace kasane
