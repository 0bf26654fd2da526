// Certificates for one registry host, as containers-certs.d(5) and Docker place them: in HOST[:PORT]/ below
// ~/.config/containers/certs.d, /etc/containers/certs.d or /etc/docker/certs.d (the first that exists), *.crt
// are certificate authorities beside the system's, NAME.cert and NAME.key are a client's.
#ifndef KASANE_SRC_REGISTRY_CERTIFICATES_H_
#define KASANE_SRC_REGISTRY_CERTIFICATES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace kasane {

struct HostCertificates {
  // All authorities to trust, as PEM: $SSL_CERT_FILE or the system's, and the host's own. Empty: libcurl's
  // default.
  std::string authorities;
  std::string client_certificate;  // paths; both or none
  std::string client_key;
};

// `authority`: "host" or "host:port". What cannot be read is left out; TLS then says what is missing.
HostCertificates FindCertificates(absl::string_view authority);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_CERTIFICATES_H_
