#include "src/registry/upload.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "src/base/status.h"
#include "src/registry/backoff.h"
#include "src/registry/headers.h"

namespace kasane {
namespace {

using Retry = RegistryClient::Retry;

// A size that registries and the proxies before them take (GHCR refuses more, S3 behind a registry wants 5
// MiB at least and says so in OCI-Chunk-Min-Length).
constexpr int64_t kChunk = 4 << 20;

bool IsTransport(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kAborted;
}

// Where an upload goes on. The registry names a new place in each answer, to be used as it is.
struct Session {
  Url location;
  int64_t min_chunk = 0;
  int64_t received = 0;  // bytes that the registry has
};

absl::Status TakeLocation(const HttpResponse& answer, Session* session) {
  const std::string location = answer.Header("location");
  if (location.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(session->location, ResolveUrl(session->location, location));
  return absl::OkStatus();
}

class Uploader {
 public:
  Uploader(RegistryClient* client, const Digest& digest, const BlobRef& blob)
      : client_(client), digest_(digest.ToString()), blob_(blob) {}

  absl::StatusOr<bool> IsPresent() {
    HttpRequest request;
    request.method = "HEAD";
    ASSIGN_OR_RETURN(request.url, client_->At(absl::StrCat("blobs/", digest_)));
    ASSIGN_OR_RETURN(const HttpResponse answer, client_->Send(request, Retry::kAlways));
    if (answer.status == 404) return false;
    if (!answer.ok()) return client_->ErrorOf(answer);
    return true;
  }

  // Opens an upload. Nothing is left in it if the mount succeeded.
  absl::StatusOr<absl::optional<Session>> Start(const std::string& mount_from) {
    std::string path = "blobs/uploads/";
    if (!mount_from.empty()) {
      AppendQuery(&path, "mount", digest_);
      AppendQuery(&path, "from", mount_from);
    }
    HttpRequest request;
    request.method = "POST";
    ASSIGN_OR_RETURN(request.url, client_->At(path));
    Session session;
    session.location = request.url;
    ASSIGN_OR_RETURN(const HttpResponse answer, client_->Send(request, Retry::kAlways));
    if (answer.status == 201 && !mount_from.empty()) return absl::optional<Session>();
    if (!answer.ok()) return client_->ErrorOf(answer);
    RETURN_IF_ERROR(TakeLocation(answer, &session));
    if (!absl::SimpleAtoi(answer.Header("oci-chunk-min-length"), &session.min_chunk)) session.min_chunk = 0;
    return absl::optional<Session>(std::move(session));
  }

  absl::StatusOr<HttpResponse> PutWhole(const Session& session) { return Put(session, blob_); }

  // PATCH by PATCH from where the session is, then the closing PUT. kAborted: the session is lost.
  absl::Status PutChunks(Session* session) {
    const int64_t chunk = std::max(kChunk, session->min_chunk);
    int failures = 0;
    while (session->received < blob_.size) {
      BlobRef piece = blob_;
      piece.offset += session->received;
      piece.size = std::min(chunk, blob_.size - session->received);
      HttpRequest request;
      request.method = "PATCH";
      request.url = session->location;
      request.headers.emplace_back("Content-Type", "application/octet-stream");
      request.headers.emplace_back("Content-Range",
                                   absl::StrCat(session->received, "-", session->received + piece.size - 1));
      request.body_file = piece;
      auto answer = client_->Send(request, Retry::kNo);
      if (answer.ok() && answer->ok()) {
        RETURN_IF_ERROR(TakeLocation(*answer, session));
        const int64_t before = session->received;
        session->received = UploadedBytes(answer->Header("range"), before + piece.size);
        failures = session->received > before ? 0 : failures + 1;
        if (failures < kMaxTries) continue;
        return absl::UnavailableError(absl::StrCat(client_->host(), " takes no more of the blob"));
      }
      if (!answer.ok() && !IsTransport(answer.status())) return answer.status();
      const bool lost_track = answer.ok() && (answer->status == 416 || IsTransient(answer->status));
      if (answer.ok() && !lost_track) return client_->ErrorOf(*answer);
      if (++failures >= kMaxTries) return answer.ok() ? client_->ErrorOf(*answer) : answer.status();
      client_->Pause(failures, answer.ok() ? &*answer : nullptr);
      RETURN_IF_ERROR(AskProgress(session));
    }
    BlobRef nothing = blob_;
    nothing.size = 0;
    ASSIGN_OR_RETURN(const HttpResponse answer, Put(*session, nothing));
    return answer.ok() ? absl::OkStatus() : client_->ErrorOf(answer);
  }

 private:
  absl::StatusOr<HttpResponse> Put(const Session& session, const BlobRef& body) {
    std::string location = session.location.text;
    AppendQuery(&location, "digest", digest_);
    HttpRequest request;
    request.method = "PUT";
    ASSIGN_OR_RETURN(request.url, ParseUrl(location));
    request.headers.emplace_back("Content-Type", "application/octet-stream");
    request.body_file = body;
    return client_->Send(request, Retry::kNo);
  }

  absl::Status AskProgress(Session* session) {
    HttpRequest request;
    request.url = session->location;
    ASSIGN_OR_RETURN(const HttpResponse answer, client_->Send(request, Retry::kAlways));
    if (!answer.ok()) return absl::AbortedError(absl::StrCat(client_->host(), " has lost the upload"));
    session->received = std::min(UploadedBytes(answer.Header("range"), 0), blob_.size);
    return TakeLocation(answer, session);
  }

  RegistryClient* client_;
  std::string digest_;
  BlobRef blob_;
};

}  // namespace

absl::StatusOr<UploadResult> UploadBlob(RegistryClient* client, const Digest& digest, const BlobRef& blob,
                                        const std::string& mount_from) {
  Uploader uploader(client, digest, blob);
  ASSIGN_OR_RETURN(const bool present, uploader.IsPresent());
  if (present) return UploadResult::kPresent;
  std::string mount = mount_from;
  bool chunked = false;
  for (int failures = 1;; ++failures) {
    auto started = uploader.Start(mount);
    if (!started.ok() && !mount.empty()) {  // no right to read there: send it then
      mount.clear();
      started = uploader.Start(mount);
    }
    if (!started.ok()) return started.status();
    if (!started->has_value()) return UploadResult::kMounted;
    Session session = **std::move(started);
    mount.clear();
    absl::Status status;
    if (chunked) {
      status = uploader.PutChunks(&session);
    } else {
      auto answer = uploader.PutWhole(session);
      // What refuses a long body may take it in pieces.
      if (answer.ok() && (answer->status == 413 || answer->status == 416) && blob.size > 0) {
        chunked = true;
        continue;
      }
      status = !answer.ok() ? answer.status() : answer->ok() ? absl::OkStatus() : client->ErrorOf(*answer);
    }
    if (status.ok()) return UploadResult::kSent;
    if (!IsTransport(status) || failures >= kMaxTries) return status;
    client->Pause(failures, nullptr);
  }
}

}  // namespace kasane
