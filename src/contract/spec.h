// The edge contract, first half: specs. A spec describes one step completely and canonically: no line
// numbers, no stat facts, no paths of this machine, no version but the format's. The generator writes specs,
// the steps read them; neither includes the other.
//
// A spec is a JSON object, compact, keys in the order in which ToJson writes them, default values left out;
// its digest is the SHA-256 of those bytes and stands in the edge's command. All specs of a build lie in one
// file (spec_file.h). Changing the meaning of any field changes kSpecFormat, and so every digest.
#ifndef KASANE_SRC_CONTRACT_SPEC_H_
#define KASANE_SRC_CONTRACT_SPEC_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/digest.h"
#include "src/base/json.h"

namespace kasane {

inline constexpr int kSpecFormat = 1;

// Seconds since 1970; when set (SOURCE_DATE_EPOCH), every mtime outside the base image and every `created` is
// it.
using Epoch = absl::optional<int64_t>;

// Brings one layer blob into the store: the blob itself, its uncompressed tar as a pack, its delta.
// Record: delta, layer.
struct PullSpec {
  // Where the blob is: "docker.io/library/golang" (registry and repository), "oci-layout:<absolute path>" or
  // "archive:<absolute path>" (a docker or OCI archive). Not part of the result's key: that is the blob's
  // digest.
  std::string source;
  Digest blob;  // of the compressed blob
  int64_t size = 0;
  std::string media_type;
  Digest diff_id;  // of the uncompressed tar; checked
};

// Composes the tree of a base image from its layers' records (--below, in order). Record: tree, layers; of an
// image that another build makes also its manifest and config.
struct BaseSpec {
  std::vector<Digest> diff_ids;
  bool built = false;  // by another build of this machine: the only input (--source) is the image's record
};

// A file behind a URL. Record: delta, of a tree that holds that file alone: mode 0600, owner 0:0, the
// server's Last-Modified (else 1970) as its mtime.
struct HttpSpec {
  std::string url;
  std::string name;  // of the file
  Digest checksum;   // of its content, if the Dockerfile says it; then the server is asked once
};

// The files of a commit, in a tree of their own. Record: delta.
struct GitSpec {
  std::string remote;  // as the git program takes it
  std::string ref;     // what was asked for, or the default branch
  std::string commit;  // 40 or 64 hexadecimal digits: of a commit, or of a tag that leads to one
  std::string subdir;  // relative and clean; empty: all of it
  bool keep_git_dir = false;
  bool skip_submodules = false;
  bool commit_time = false;  // mtimes are the commit's
};

// COPY and ADD. Record: delta.
struct CopySpec {
  // Source words after expansion; wildcards still in them (Go's filepath.Match). Each is relative to the
  // source's root; a leading '/' and "../" were cut, but not with `parents`.
  std::vector<std::string> sources;
  // Absolute, not cleaned at its end: a trailing '/' (or "/.") means "into this directory".
  std::string destination;
  // "context" (the main one), "context:NAME" (a named directory; "context:-" is .kasane/inputs, whose files
  // are named by their digests), or "stage": then the source tree is composed from the records of --source.
  std::string from = "context";
  std::string chown;  // as written, after expansion
  std::string chmod;  // as written, after expansion: octal or symbolic
  bool link = false;
  bool parents = false;
  std::vector<std::string> excludes;
  // Inline files of heredocs: (name, content); they come after `sources`.
  std::vector<std::pair<std::string, std::string>> inline_files;
  // ADD: the sources (indices, ascending) that are trees of their own, made by fetch and git edges. Their
  // records, one each, stand last in --source; the word is then a file's name in that tree, or "" for all of
  // it.
  std::vector<int> remotes;
  // ADD: files that are archives are unpacked instead of copied; of the context, of URLs.
  bool unpack = false;
  bool unpack_remotes = false;
  Epoch epoch;
};

// WORKDIR: makes the directory if it is missing. Record: delta.
struct WorkdirSpec {
  std::string path;  // absolute, cleaned
  std::string user;  // owner of what is made, as USER says; "" is root
  Epoch epoch;
};

// RUN --mount. Values of secrets, agents and caches are no part of it.
struct MountSpec {
  std::string type;    // bind, cache, tmpfs, secret, ssh
  std::string target;  // absolute, clean; secret: empty if it is a variable alone
  // bind, cache: what of the tree or cache, relative and clean, "" for all of it.
  std::string source;
  // bind: as CopySpec::from. cache: "" or "stage": what it holds when it is made. The records of a stage are
  // the next `records` of --source.
  std::string from;
  int records = 0;
  std::string id;       // cache (its namespace in front), secret, ssh
  std::string sharing;  // cache: shared, private, locked
  // cache: a later RUN of the plan mounts the same one, and may count on what this one put there
  // (soundness.md A13).
  bool needed = false;
  std::string env;  // secret: the variable to set
  bool read_only = false;
  bool required = false;                  // secret, ssh
  int64_t size = 0;                       // tmpfs: bytes, 0: no limit of its own
  int64_t mode = -1, uid = -1, gid = -1;  // cache, secret, ssh: -1 is the default
};

// RUN --device: a device of the Container Device Interface.
struct DeviceSpec {
  std::string name;  // vendor/class=name, vendor/class=*, vendor/class, or a class
  bool required = false;
};

// What the devices of a RUN come to on this machine (the descriptions of devices are read by gen).
struct DeviceNodeSpec {
  std::string path;
  std::string host;  // the node of this machine
  std::string type;  // b, c, p
  int64_t major = 0, minor = 0;
  int64_t mode = -1;           // permissions; -1: 0666
  int64_t uid = -1, gid = -1;  // -1: those of the RUN's user
  std::string access;          // of r, w, m
};
struct DeviceMountSpec {
  std::string source;  // a path of this machine
  std::string target;
  std::vector<std::string> options;  // as in fstab
  Digest files;  // of what lstat says of all that is there: the RUN is another one when a driver is
};

// RUN. Record: delta, log.
struct RunSpec {
  std::vector<std::string> argv;  // after SHELL
  // "K=V" in the order in which BuildKit gives them to the process: ARGs and ENV variables of the stage as
  // they were set (a variable set again moves to the end), each name once, PATH always among them. HOME is
  // not in it unless the image or an ARG sets it: the run step adds it, from the user's entry in /etc/passwd.
  // Nothing else is added: no HOSTNAME, no TERM.
  std::vector<std::string> env;
  // "HTTP_PROXY=...", "http_proxy=...": appended to `env` for the process, but never part of a result's key.
  std::vector<std::string> proxy_env;
  std::string user;                 // as USER says; resolved in the tree below
  std::string workdir;              // absolute
  std::string network = "default";  // default, host, none
  std::string security = "sandbox";
  std::string hostname = "buildkitsandbox";
  std::vector<std::string> add_hosts;  // "name:ip" as given
  std::vector<std::string> ulimits;
  int64_t shm_size = 0;  // bytes, 0: the default of 64 MiB
  std::vector<MountSpec> mounts;
  std::vector<DeviceSpec> devices;
  std::vector<std::string> device_env;  // replaces what `env` has
  std::vector<DeviceNodeSpec> device_nodes;
  std::vector<DeviceMountSpec> device_mounts;
  std::vector<int> device_groups;
  std::string platform;  // "linux/amd64"
  // What the project says of tools, beside rules/profiles: TOML of the same form, and the least that a stat
  // means (1 to 3; Profiles::WithLeastLevel). Not part of a result's key as such: what they come to is.
  std::string profiles;
  int64_t stat_level = 1;
  bool warm = false;  // its layer reaches no image, so tools may find their caches as earlier RUNs left them
  // Heredoc scripts: (file name, content) shown under /dev/pipes.
  std::vector<std::pair<std::string, std::string>> inline_files;
  Epoch epoch;
};

// The tar of one delta, or of several as one. Inputs: the records that made them (--source), the records
// below the first (--below) for the metadata of implied directories. Record: layer.
struct LayerSpec {
  std::string compression = "gzip";  // gzip, zstd, uncompressed
  int level = 6;
  Epoch epoch;
};

// Config, manifest, OCI layout. Inputs (--source): the base record if there is one, then, for each layer, its
// record followed by those of the steps that made it: one, or as many as `grouped` says.
struct ImageSpec {
  // The whole config document as the Dockerfile makes it (members of the base's that BuildKit does not know
  // are dropped, as it drops them), but without rootfs, created and the times of the new history entries. The
  // history of a base that another build makes (BaseSpec::built) is not in it: the base's record leads there.
  Json config;
  // The new entries of `history`, in order; entries of the base are in `config` already.
  struct History {
    std::string created_by;
    std::string comment;
    std::string author;
    int step = -1;  // index of the layer that this entry made; -1: empty_layer
  };
  std::vector<History> history;
  bool has_base = false;
  int steps = 0;             // number of the new layers
  std::vector<int> grouped;  // steps of each of these; empty: one each
  std::vector<std::string>
      names;  // full references "docker.io/library/app:latest" for the layout and the archive
  std::vector<std::pair<std::string, std::string>> annotations;  // of the manifest, sorted
  std::string platform;
  bool part = false;  // of an index: then there is no layout of this image alone
  Epoch epoch;
};

// One image for several platforms, or with statements about it, and its OCI layout. Inputs (--source): the
// records of the images, in the order of `parts`, then, in that order, those of the statements about each.
struct IndexSpec {
  using Annotations = std::vector<std::pair<std::string, std::string>>;  // sorted
  struct Part {
    Annotations annotations;  // of the manifest's descriptor
    int statements = 0;
  };
  std::vector<Part> parts;
  std::vector<std::string> names;      // as ImageSpec::names
  Annotations annotations;             // of the index
  Annotations descriptor_annotations;  // of the descriptor of the index
};

// A tar that docker load, podman load and skopeo take. Input (--source): the record of the image or index.
struct ArchiveSpec {
  std::vector<std::string> names;
  IndexSpec::Annotations descriptor_annotations;  // as IndexSpec's
};

// A statement about an image (in-toto): what software is in it. Inputs (--source): the record of the image,
// then those that make its tree. Record: statement.
struct SbomSpec {
  std::vector<std::string> names;  // as ImageSpec::names
  std::string platform;
};

// Another one: what the image was made of (SLSA provenance). Inputs (--source): the record of the image, then
// those of `steps`. Record: statement.
struct ProvenanceSpec {
  struct Material {
    std::string uri;
    Digest digest;       // empty: not known, or in the record of `step`
    int step = -1;       // that fetched it
    std::string commit;  // of a repository
  };
  struct Step {
    Digest spec;
    std::vector<int> below, source;  // indices into the steps
    std::string text;                // the instruction
    std::string stage;
  };
  std::vector<std::string> names;
  std::string platform, build_platform;
  bool is_full = false;                                      // mode=max
  std::vector<std::pair<std::string, std::string>> request;  // what the build was given, sorted
  std::vector<std::string> secrets, ssh;                     // names, never values
  std::vector<Material> materials;
  std::vector<Step> steps;
  std::vector<int> target;  // those that make the image's tree
  Epoch epoch;
};

// Input (--source): the image record. Runs whenever it is asked for.
struct PushSpec {
  std::vector<std::string> names;
};

using Spec = std::variant<PullSpec, BaseSpec, CopySpec, WorkdirSpec, RunSpec, LayerSpec, ImageSpec,
                          ArchiveSpec, PushSpec, HttpSpec, GitSpec, IndexSpec, SbomSpec, ProvenanceSpec>;

absl::string_view SpecKind(const Spec& spec);  // "pull", "base", "copy", "workdir", "run", "layer", ...
std::string EncodeSpec(const Spec& spec);      // the canonical JSON
Digest SpecDigest(const Spec& spec);
absl::StatusOr<Spec> DecodeSpec(absl::string_view json);

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_SPEC_H_
