// Statements about an image (in-toto), and how BuildKit puts them beside it: a manifest of their own in the
// image's index.
#ifndef KASANE_SRC_OCI_ATTESTATION_H_
#define KASANE_SRC_OCI_ATTESTATION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/base/json.h"
#include "src/contract/record.h"
#include "src/oci/image_config.h"

namespace kasane {

inline constexpr char kSpdxPredicate[] = "https://spdx.dev/Document";
inline constexpr char kProvenancePredicate[] = "https://slsa.dev/provenance/v1";
inline constexpr char kEmptyConfig[] = "{}";  // of every manifest of statements

// "pkg:docker/app@1.0?platform=linux%2Famd64"
std::string ImageUrl(absl::string_view reference, absl::string_view platform);

// The statement, of the image by each of its names; by "_" if it has none.
absl::StatusOr<std::string> MakeStatement(const char* predicate_type, const Json& predicate,
                                          const Digest& image, const std::vector<std::string>& names,
                                          absl::string_view platform);

// `statements`: the records of the steps that made them.
std::string MakeAttestationManifest(const ImageDescriptor& image, const std::vector<Record>& statements);
// Its descriptor in the index.
ImageDescriptor AttestationDescriptor(const ImageDescriptor& image, const std::string& manifest);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_ATTESTATION_H_
