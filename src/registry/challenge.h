// WWW-Authenticate (RFC 9110, 11.6.1), and the scopes of bearer tokens as distribution defines them.
#ifndef KASANE_SRC_REGISTRY_CHALLENGE_H_
#define KASANE_SRC_REGISTRY_CHALLENGE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

struct Challenge {
  std::string scheme;                              // lower case: "bearer", "basic"
  std::map<std::string, std::string> parameters;   // by lower-case name, unquoted
  std::string Get(const std::string& name) const;  // "" if there is none
};

// All challenges of a header (or of several, joined by commas). What is malformed ends the list.
std::vector<Challenge> ParseChallenges(absl::string_view header);

// "repository:NAME:pull,push"
std::string RepositoryScope(absl::string_view repository, bool push);
// Appends the scopes of a challenge (separated by blanks) that are not there yet.
void AddScopes(absl::string_view scopes, std::vector<std::string>* out);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_CHALLENGE_H_
