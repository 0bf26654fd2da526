#include "src/config/lock_file.h"

#include "absl/strings/str_cat.h"
#include "src/config/toml.h"

namespace kasane {
namespace {

constexpr int64_t kVersion = 1;

class Reader {
 public:
  Reader(const std::string& file, Diagnostic* error) : file_(file), error_(error) {}

  bool Read(const toml::table& root, LockedNames* lock) {
    const auto version = root["version"].value<int64_t>();
    if (version != kVersion) {
      return Fail(root, "the lock file is not of version 1");
    }
    const bool images = Each(root, "image", [&](const std::string& key, const toml::node& value) {
      return TakeDigest(value, &lock->images[key]);
    });
    const bool files = images && Each(root, "file", [&](const std::string& key, const toml::node& value) {
                         return TakeDigest(value, &lock->files[key]);
                       });
    return files && Each(root, "repository", [&](const std::string& key, const toml::node& value) {
             const toml::table* table = value.as_table();
             if (table == nullptr) return Fail(value, "a repository has ref, object and commit");
             LockedNames::Repository& repository = lock->repositories[key];
             repository.ref = (*table)["ref"].value_or(std::string());
             repository.object = (*table)["object"].value_or(std::string());
             repository.commit = (*table)["commit"].value_or(std::string());
             return !repository.commit.empty() || Fail(value, "a repository has ref, object and commit");
           });
  }

 private:
  bool Fail(const toml::node& node, std::string message) {
    error_->file = file_;
    error_->range = TomlRange(node);
    error_->message = std::move(message);
    error_->help = "`gen lock` writes it";
    return false;
  }

  template <typename Take>
  bool Each(const toml::table& root, const char* name, Take take) {
    const toml::node* node = root.get(name);
    if (node == nullptr) return true;
    const toml::table* table = node->as_table();
    if (table == nullptr) return Fail(*node, absl::StrCat(name, " is a table"));
    for (const auto& [key, value] : *table) {
      if (!take(std::string(key.str()), value)) return false;
    }
    return true;
  }

  bool TakeDigest(const toml::node& node, Digest* out) {
    const absl::StatusOr<Digest> digest = Digest::Parse(node.value_or(std::string()));
    if (!digest.ok()) return Fail(node, "this is no digest: sha256: and 64 hexadecimal digits");
    *out = *digest;
    return true;
  }

  const std::string& file_;
  Diagnostic* error_;
};

}  // namespace

bool ParseLockFile(absl::string_view text, const std::string& file, LockedNames* lock, Diagnostic* error) {
  const absl::optional<toml::table> root = ParseToml(text, file, error);
  return root.has_value() && Reader(file, error).Read(*root, lock);
}

std::string EncodeLockFile(const LockedNames& lock) {
  std::string out =
      absl::StrCat("# Written by `gen lock`: what names in the Dockerfile mean.\nversion = ", kVersion, "\n");
  const auto digests = [&out](const char* name, const std::map<std::string, Digest>& items) {
    if (!items.empty()) absl::StrAppend(&out, "\n[", name, "]\n");
    for (const auto& [key, digest] : items) {
      absl::StrAppend(&out, TomlString(key), " = ", TomlString(digest.ToString()), "\n");
    }
  };
  digests("image", lock.images);
  if (!lock.repositories.empty()) out += "\n[repository]\n";
  for (const auto& [key, repository] : lock.repositories) {
    absl::StrAppend(&out, TomlString(key), " = { ref = ", TomlString(repository.ref),
                    ", object = ", TomlString(repository.object),
                    ", commit = ", TomlString(repository.commit), " }\n");
  }
  digests("file", lock.files);
  return out;
}

}  // namespace kasane
