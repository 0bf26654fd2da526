#include "src/registry/fetch.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/oci/layer_ingest.h"
#include "src/registry/backoff.h"
#include "src/registry/blob_origin.h"
#include "src/registry/headers.h"

namespace kasane {
namespace {

// A broken transfer that had got this far is no reason to lose patience.
constexpr int64_t kProgress = 64 << 10;

// One blob on its way: how far it is, and where its bytes go.
struct Download {
  std::string path;  // "blobs/sha256:..."
  int64_t size = 0;
  const std::function<absl::Status(absl::string_view)>& write;
  int64_t received = 0;
  absl::Status refused;  // by `write`, or because the bytes do not fit
};

// One GET, from where the download is.
absl::Status Continue(RegistryClient* client, Download* download) {
  HttpRequest request;
  ASSIGN_OR_RETURN(request.url, client->At(download->path));
  const int64_t start = download->received;
  if (start > 0) request.headers.emplace_back("Range", absl::StrCat("bytes=", start, "-"));
  int64_t skip = -1;  // what a server that knows no ranges sends again; -1: not known yet
  const BodySink sink = [&](const HttpResponse& answer, absl::string_view data) {
    if (skip < 0) {
      skip = start;
      if (answer.status == 206) skip = start - ContentRangeStart(answer.Header("content-range"));
      if (skip < 0 || skip > start) {
        return absl::AbortedError(absl::StrCat(client->host(), " sends another range than asked for"));
      }
      int64_t said = 0;
      if (answer.status == 200 && absl::SimpleAtoi(answer.Header("content-length"), &said) &&
          said != download->size) {
        download->refused = absl::DataLossError(
            absl::StrCat("wrong size: ", client->host(), " has ", said, " bytes, expected ", download->size));
        return download->refused;
      }
    }
    const int64_t dropped = std::min<int64_t>(skip, static_cast<int64_t>(data.size()));
    skip -= dropped;
    data = data.substr(static_cast<size_t>(dropped));
    if (static_cast<int64_t>(data.size()) > download->size - download->received) {
      download->refused =
          absl::DataLossError(absl::StrCat(client->host(), " sends more than ", download->size, " bytes"));
      return download->refused;
    }
    download->received += static_cast<int64_t>(data.size());
    download->refused = download->write(data);
    return download->refused;
  };
  ASSIGN_OR_RETURN(const HttpResponse answer, client->Send(request, RegistryClient::Retry::kAlways, sink));
  if (!answer.ok()) return client->ErrorOf(answer);
  if (download->received < download->size) {
    return absl::AbortedError(
        absl::StrCat(client->host(), " sent ", download->received, " of ", download->size, " bytes"));
  }
  return absl::OkStatus();
}

absl::Status FetchFrom(RegistryClient* client, Download* download) {
  RETURN_IF_ERROR(client->Connect());
  for (int failures = 1; download->received < download->size; ++failures) {
    const int64_t before = download->received;
    absl::Status status = Continue(client, download);
    if (status.ok() || !download->refused.ok()) return status;
    // Where nothing came, Send has tried often enough.
    const int64_t progress = download->received - before;
    if (progress >= kProgress) failures = 1;
    if (status.code() != absl::StatusCode::kAborted || progress == 0 || failures >= kMaxTries) return status;
    client->Pause(failures, nullptr);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FetchBlob(RegistryAccess* access, const std::vector<RegistryEndpoint>& endpoints, size_t* at,
                       const Digest& digest, int64_t size,
                       const std::function<absl::Status(absl::string_view)>& write) {
  Download download{absl::StrCat("blobs/", digest.ToString()), size, write, 0, absl::OkStatus()};
  std::vector<RegistryEndpoint> tried;
  std::vector<absl::Status> errors;
  for (; *at < endpoints.size(); ++*at) {
    RegistryClient client = access->Client(endpoints[*at], /*push=*/false);
    absl::Status status = FetchFrom(&client, &download);
    if (status.ok() || !download.refused.ok()) return status;
    tried.push_back(endpoints[*at]);
    errors.push_back(std::move(status));
  }
  return CombineErrors(tried, errors);
}

absl::StatusOr<Record> PullLayer(RegistryAccess* access, Store* store, const PullSpec& spec) {
  const std::string subject = absl::StrCat(spec.source, ": layer ", spec.blob.ToString());
  ASSIGN_OR_RETURN(const std::vector<RegistryEndpoint> endpoints, access->conf.BlobEndpoints(spec.source));
  absl::Status error;
  for (size_t at = 0; at < endpoints.size(); ++at) {
    LayerIngest ingest(store, spec);
    error = FetchBlob(access, endpoints, &at, spec.blob, spec.size,
                      [&](absl::string_view data) { return ingest.Write(data); });
    if (error.ok()) {
      auto record = ingest.Finish();
      if (record.ok()) {
        SaveBlobOrigin(store, spec.blob, spec.source);
        return record;
      }
      error = record.status();
    }
    if (error.code() != absl::StatusCode::kDataLoss) break;
  }
  return Annotate(error, subject);
}

}  // namespace kasane
