// registries.conf from a stranger: a diagnostic or rules, never a crash; and rules that can be asked.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "src/config/registries_conf.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  kasane::RegistriesConf conf;
  std::vector<kasane::Diagnostic> diagnostics;
  if (!conf.Add(text, "fuzz.conf", &diagnostics)) {
    if (diagnostics.empty()) __builtin_trap();
    for (const kasane::Diagnostic& diagnostic : diagnostics) kasane::Render(diagnostic, text, false);
  }
  for (const char* name :
       {"docker.io/library/golang:latest", "a.b:5000/c@sha256:00", "x.example.com/y/z:1"}) {
    (void)conf.ReadEndpoints(name);
    (void)conf.BlobEndpoints(name);
    (void)conf.WriteEndpoint(name);
  }
  return 0;
}
