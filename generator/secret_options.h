// --secret and --ssh of `gen`, as docker buildx has them.
#ifndef KASANE_GENERATOR_SECRET_OPTIONS_H_
#define KASANE_GENERATOR_SECRET_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/contract/build_secrets.h"

namespace kasane {

using EnvironmentLookup = absl::FunctionRef<absl::optional<std::string>(const std::string& name)>;

// "id=token,src=FILE", "id=token,env=NAME", "id=token": the variable of that name if there is one, else the
// file. Paths become absolute, and must be there. False: `error` and `help` say why. The value is not read.
bool AddSecretOption(absl::string_view value, EnvironmentLookup environment, BuildSecrets* secrets,
                     std::string* error, std::string* help);
// "default", "default=SOCKET", "deploy=KEY,KEY".
bool AddSshOption(absl::string_view value, BuildSecrets* secrets, std::string* error, std::string* help);

// The values that give these secrets again: for --secret, for --ssh.
std::vector<std::string> SecretOptions(const BuildSecrets& secrets);
std::vector<std::string> SshOptions(const BuildSecrets& secrets);

}  // namespace kasane

#endif  // KASANE_GENERATOR_SECRET_OPTIONS_H_
