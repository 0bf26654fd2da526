// The files of a Compose project: one compose.yaml, those that it includes, those that services extend.
//
// `include` and `extends` are followed as the Compose specification has them: an included file keeps its own
// directory and .env, its services and secrets count as this file's, and two of a name are an error. An
// include of several files is one project, whose directory is the first one's: what a later file says of a
// service is put above what the earlier ones say. A service that extends another one has what that one has,
// and its own above it. Circles are an error that shows the way.
#ifndef KASANE_SRC_CONFIG_COMPOSE_PROJECT_H_
#define KASANE_SRC_CONFIG_COMPOSE_PROJECT_H_

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/diagnostic.h"
#include "src/config/variables.h"
#include "src/config/yaml.h"

namespace kasane {

// kNotFound: there is no such file.
using FileReader = std::function<absl::StatusOr<std::string>(const std::string& path)>;

// A URL or a repository, which no directory stands before.
bool IsRemotePath(absl::string_view word);

struct ComposeFile {
  std::string path;
  std::string directory;  // what paths in it are seen from; "" is the working directory
  YamlNode root;
  Variables variables;

  // As the directory in which gen runs sees a path of the file. A remote one stays.
  std::string FromHere(const std::string& path) const;
};

// A member of a mapping, and the file that it stands in.
struct ComposePart {
  const ComposeFile* file = nullptr;
  const YamlMember* member = nullptr;
};

class ComposeProject {
 public:
  // `texts` gets what was read, by path; a .env that was looked for and is not there is in it as "".
  ComposeProject(FileReader read, std::map<std::string, std::string>* texts,
                 std::vector<Diagnostic>* diagnostics)
      : read_(std::move(read)), texts_(*texts), diagnostics_(*diagnostics) {}

  // The file, and all that it includes. `environment`: what counts more than a .env. False: reported.
  bool Load(const std::string& path, const Variables& environment);

  // In the order of the files; those of an included file before those of the file that includes it.
  const std::vector<ComposePart>& services() const { return services_; }
  const ComposePart* FindService(const std::string& name) const { return Find(services_, name); }
  // As a service of that file means it.
  absl::optional<ComposePart> FindSecret(const ComposeFile& here, const std::string& name) const;
  // Whether anything in it says how it is built, or what it extends.
  bool MayBuild(const ComposePart& service) const;
  std::vector<std::string> ServiceNames() const { return Names(services_); }
  std::vector<std::string> SecretNames() const { return Names(secrets_); }

  // What a service is made of: what it extends, the farthest first, then itself, then what other files say
  // of it. Empty: reported.
  std::vector<ComposePart> Layers(const ComposePart& service);

  const ComposeFile& main() const { return files_.front(); }

 private:
  bool Error(const std::string& file, const SourceRange& range, std::string message, std::string help = "");
  const ComposeFile* Open(const std::string& path, const std::string& directory, const Variables& variables,
                          const ComposePart* from, const SourceRange& range);
  // A file that is named somewhere, as gen sees it.
  struct NamedFile {
    std::string path;
    SourceRange range;
  };
  bool Include(const std::vector<NamedFile>& files, const std::string& directory, const Variables& variables,
               const ComposeFile* from);
  bool IncludeOne(const NamedFile& named, const std::string& directory, const Variables& variables,
                  const ComposeFile* from, std::vector<const ComposeFile*>* opened);
  bool FollowInclude(const ComposeFile& file, const YamlNode& item);
  bool ReadVariables(const ComposeFile& file, const YamlNode* env_files, const std::string& directory,
                     const SourceRange& range, Variables* out);
  bool ReadEnvFile(const std::string& path, bool must_exist, const ComposeFile* from,
                   const SourceRange& range, const Variables& environment,
                   std::map<std::string, std::string>* values);
  bool AddAll(const std::vector<const ComposeFile*>& files, const char* key, std::vector<ComposePart>* parts);
  bool Expand(const ComposeFile& file, const YamlNode& node, std::string* out);
  bool AddLayers(const ComposePart& service, std::vector<ComposePart>* way, std::vector<ComposePart>* out);
  static const ComposePart* Find(const std::vector<ComposePart>& parts, const std::string& name);
  static std::vector<std::string> Names(const std::vector<ComposePart>& parts);

  FileReader read_;
  std::map<std::string, std::string>& texts_;
  std::vector<Diagnostic>& diagnostics_;
  Variables environment_;
  std::deque<ComposeFile> files_;                     // stable addresses
  std::map<std::string, const ComposeFile*> opened_;  // by path
  std::set<const YamlMember*> circular_;              // services of circles that have been told
  std::set<std::vector<std::string>> included_;       // paths of files that are one include
  std::vector<std::string> way_;                      // files that are being included
  std::vector<ComposePart> services_, secrets_;
  std::map<const YamlMember*, std::vector<ComposePart>> overrides_;  // by the service or secret
};

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_COMPOSE_PROJECT_H_
