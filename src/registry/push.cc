#include "src/registry/push.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/oci/manifest_reader.h"
#include "src/registry/blob_origin.h"
#include "src/registry/upload.h"

namespace kasane {
namespace {

constexpr size_t kMaxParallel = 4;  // transfers at once, as docker has it
constexpr int kMaxNesting = 4;

class Pusher {
 public:
  Pusher(RegistryAccess* access, Store* store, RegistryEndpoint endpoint, Credential credential)
      : access_(access), store_(store), endpoint_(std::move(endpoint)), credential_(std::move(credential)) {}

  absl::StatusOr<PushCounts> Push(const Digest& manifest, const std::string& media_type) {
    RETURN_IF_ERROR(Collect(manifest, media_type, /*is_top=*/true, 0));
    RETURN_IF_ERROR(SendBlobs());
    RegistryClient client(&access_->http, endpoint_, credential_, /*push=*/true);
    RETURN_IF_ERROR(client.Connect());
    for (const Document& document : documents_) RETURN_IF_ERROR(SendManifest(&client, document));
    return counts_;
  }

 private:
  struct Document {
    Digest digest;
    std::string media_type;
    std::string bytes;
    bool is_top = false;
  };

  // Blobs and manifests of the image; what others need comes first.
  absl::Status Collect(const Digest& digest, const std::string& media_type, bool is_top, int depth) {
    ASSIGN_OR_RETURN(std::string bytes, store_->ReadBlob(digest));
    ASSIGN_OR_RETURN(const Json json, ParseJson(bytes, "manifest"));
    if (depth >= kMaxNesting) return absl::DataLossError("the index is nested too deep");
    for (const Json& item : JsonMember(json, "manifests")) {
      ASSIGN_OR_RETURN(const Descriptor child, ParseDescriptor(item));
      RETURN_IF_ERROR(Collect(child.digest, child.media_type, /*is_top=*/false, depth + 1));
    }
    for (const Json& item : JsonMember(json, "layers")) {
      ASSIGN_OR_RETURN(const Descriptor layer, ParseDescriptor(item));
      AddBlob(layer.digest);
    }
    if (json.contains("config")) {
      ASSIGN_OR_RETURN(const Descriptor config, ParseDescriptor(json["config"]));
      AddBlob(config.digest);
    }
    documents_.push_back({digest, media_type, std::move(bytes), is_top});
    return absl::OkStatus();
  }

  void AddBlob(const Digest& digest) {
    if (seen_.insert(digest).second) blobs_.push_back(digest);
  }

  absl::Status SendBlobs() {
    std::atomic<size_t> next{0};
    absl::Status first_error;
    std::mutex mutex;  // first_error, counts_
    const auto work = [&] {
      HttpClient http;
      for (size_t i = next++; i < blobs_.size(); i = next++) {
        auto result = SendBlob(&http, blobs_[i]);
        const std::lock_guard<std::mutex> lock(mutex);
        if (!result.ok()) {
          if (first_error.ok()) first_error = result.status();
          next = blobs_.size();
          return;
        }
        ++(*result == UploadResult::kPresent   ? counts_.present
           : *result == UploadResult::kMounted ? counts_.mounted
                                               : counts_.sent);
      }
    };
    std::vector<std::thread> threads;
    for (size_t i = 1; i < std::min(kMaxParallel, blobs_.size()); ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    return first_error;
  }

  absl::StatusOr<UploadResult> SendBlob(HttpClient* http, const Digest& digest) {
    ASSIGN_OR_RETURN(const BlobRef blob, store_->OpenBlob(digest));
    std::string origin = FindBlobOrigin(*store_, digest, endpoint_.host);
    if (origin == endpoint_.repository) origin.clear();
    RegistryClient client(http, endpoint_, credential_, /*push=*/true);
    if (!origin.empty()) client.AddReadScope(origin);
    RETURN_IF_ERROR(client.Connect());
    auto result = UploadBlob(&client, digest, blob, origin);
    if (!result.ok()) return Annotate(result.status(), absl::StrCat("blob ", digest.ToString()));
    if (origin.empty())
      SaveBlobOrigin(store_, digest, absl::StrCat(endpoint_.host, "/", endpoint_.repository));
    return result;
  }

  absl::Status SendManifest(RegistryClient* client, const Document& document) {
    HttpRequest request;
    request.method = "PUT";
    const bool tagged = document.is_top && !endpoint_.tag.empty();
    ASSIGN_OR_RETURN(request.url, client->At(absl::StrCat(
                                      "manifests/", tagged ? endpoint_.tag : document.digest.ToString())));
    request.headers.emplace_back("Content-Type", document.media_type);
    request.body = document.bytes;
    ASSIGN_OR_RETURN(const HttpResponse answer, client->Send(request, RegistryClient::Retry::kAlways));
    if (!answer.ok()) return Annotate(client->ErrorOf(answer), "manifest");
    const std::string said = answer.Header("docker-content-digest");
    if (said.empty() || said == document.digest.ToString()) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat("wrong digest: ", client->host(), " stored the manifest as ", said));
  }

  RegistryAccess* access_;
  Store* store_;
  RegistryEndpoint endpoint_;
  Credential credential_;
  std::set<Digest> seen_;
  std::vector<Digest> blobs_;
  std::vector<Document> documents_;
  PushCounts counts_;
};

}  // namespace

absl::StatusOr<PushCounts> PushImage(RegistryAccess* access, Store* store, const Digest& manifest,
                                     const std::string& media_type, const std::string& name) {
  ASSIGN_OR_RETURN(const RegistryEndpoint endpoint, access->conf.WriteEndpoint(name));
  Credential credential = access->credentials.Find(endpoint.host, endpoint.repository);
  auto counts = Pusher(access, store, endpoint, std::move(credential)).Push(manifest, media_type);
  if (!counts.ok()) return Annotate(counts.status(), name);
  return counts;
}

}  // namespace kasane
