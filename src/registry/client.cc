#include "src/registry/client.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/registry/backoff.h"

namespace kasane {
namespace {

constexpr int kMaxRedirects = 10;
constexpr size_t kMaxMessage = 300;  // bytes of a registry's words that are worth repeating

bool IsRedirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Whether an error is about the transfer, not about what was transferred.
bool IsTransport(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kAborted;
}

}  // namespace

std::string ServerOf(absl::string_view host) {
  return std::string(host == "docker.io" || host == "index.docker.io" ? "registry-1.docker.io" : host);
}

std::string RegistryMessage(absl::string_view body) {
  std::string out;
  auto json = ParseJson(body, "answer");
  if (!json.ok()) return out;
  for (const Json& error : JsonMember(*json, "errors")) {
    std::string text = JsonString(error, "message");
    if (text.empty()) text = absl::AsciiStrToLower(JsonString(error, "code"));
    if (!text.empty()) absl::StrAppend(&out, out.empty() ? "" : "; ", text);
  }
  for (const char* key : {"details", "message", "error_description"}) {
    if (out.empty()) out = JsonString(*json, key);
  }
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  }
  size_t end = std::min(out.size(), kMaxMessage);
  while (end < out.size() && (out[end] & 0xc0) == 0x80) --end;  // no half of a character
  return out.substr(0, end);
}

RegistryClient::RegistryClient(HttpClient* http, RegistryEndpoint endpoint, Credential credential, bool push)
    : http_(http),
      endpoint_(std::move(endpoint)),
      credential_(std::move(credential)),
      insecure_(endpoint_.insecure || IsLoopbackHost(endpoint_.host)),
      random_(static_cast<unsigned>(absl::GetCurrentTimeNanos() ^ getpid())) {
  scopes_.push_back(RepositoryScope(endpoint_.repository, push));
}

void RegistryClient::AddReadScope(absl::string_view repository) {
  AddScopes(RepositoryScope(repository, false), &scopes_);
}

absl::Status RegistryClient::Connect() {
  if (connected_) return connect_status_;
  connected_ = true;
  connect_status_ = ConnectOver("https");
  const bool may_be_http = connect_status_.code() == absl::StatusCode::kFailedPrecondition ||
                           connect_status_.code() == absl::StatusCode::kUnavailable;
  if (!insecure_ && connect_status_.code() == absl::StatusCode::kFailedPrecondition) {
    connect_status_ = absl::FailedPreconditionError(
        absl::StrCat(connect_status_.message(),
                     " (insecure = true in registries.conf allows plain http and unverified certificates)"));
  }
  if (insecure_ && may_be_http) {
    const absl::Status over_tls = connect_status_;
    connect_status_ = ConnectOver("http");
    // If neither works, the first error is the one to be read; unless that is only TLS's surprise at plain
    // http.
    if (connect_status_.code() == absl::StatusCode::kUnavailable) connect_status_ = over_tls;
  }
  return connect_status_;
}

absl::Status RegistryClient::ConnectOver(const std::string& scheme) {
  ASSIGN_OR_RETURN(base_, ParseUrl(absl::StrCat(scheme, "://", ServerOf(endpoint_.host), "/v2/")));
  HttpRequest request;
  request.url = base_;
  // Where http may be the answer, a port that nobody listens on is not worth waiting for.
  auto answer = Send(request, scheme == "https" && insecure_ ? Retry::kIfReached : Retry::kAlways);
  if (!answer.ok()) return answer.status();
  // 401 and the like: reading may be allowed all the same. A server that has no /v2/ will say so again.
  return IsTransient(answer->status) ? ErrorOf(*answer) : absl::OkStatus();
}

absl::StatusOr<Url> RegistryClient::At(absl::string_view path) const {
  return ParseUrl(absl::StrCat(base_.text, endpoint_.repository, "/", path));
}

absl::StatusOr<HttpResponse> RegistryClient::SendOnce(HttpRequest request, const BodySink& sink) {
  request.verify_tls = !insecure_;
  if (!authorization_.empty() && request.url.SameOrigin(base_)) {
    request.headers.emplace_back("Authorization", authorization_);
  }
  return http_->Send(request, sink);
}

absl::StatusOr<HttpResponse> RegistryClient::SendFollowing(HttpRequest request, const BodySink& sink) {
  bool authenticated = false;
  for (int hops = 0; hops <= kMaxRedirects;) {
    ASSIGN_OR_RETURN(HttpResponse answer, SendOnce(request, sink));
    if (answer.status == 401 && !authenticated && request.url.SameOrigin(base_)) {
      authenticated = true;
      ASSIGN_OR_RETURN(const bool again, Authenticate(answer));
      if (!again) return answer;
      continue;
    }
    const bool follows = request.method == "GET" || request.method == "HEAD";
    if (!follows || !IsRedirect(answer.status) || answer.Header("location").empty()) return answer;
    ASSIGN_OR_RETURN(Url target, ResolveUrl(request.url, answer.Header("location")));
    if (request.url.scheme == "https" && target.scheme == "http" && !insecure_) {
      return absl::FailedPreconditionError(absl::StrCat(host(), " redirects to ", target.Authority(),
                                                        " over plain http, which is not followed"));
    }
    request.url = std::move(target);
    ++hops;
  }
  return absl::FailedPreconditionError(absl::StrCat(host(), " redirects in circles"));
}

void RegistryClient::Pause(int failures, const HttpResponse* answer) {
  absl::optional<absl::Duration> wanted;
  if (answer != nullptr) wanted = ParseRetryAfter(answer->Header("retry-after"), absl::Now());
  const double jitter = std::uniform_real_distribution<double>(0, 1)(random_);
  absl::SleepFor(RetryDelay(failures, jitter, wanted));
}

absl::StatusOr<HttpResponse> RegistryClient::Send(const HttpRequest& request, Retry retry,
                                                  const BodySink& sink) {
  bool delivered = false;
  BodySink watched;
  if (sink) {
    watched = [&](const HttpResponse& so_far, absl::string_view data) {
      delivered = true;
      return sink(so_far, data);
    };
  }
  for (int failures = 1;; ++failures) {
    auto answer = SendFollowing(request, watched);
    const bool transient = answer.ok() ? IsTransient(answer->status) : IsTransport(answer.status());
    const bool no_connection = answer.status().code() == absl::StatusCode::kUnavailable;
    const int tries = no_connection ? kMaxConnectTries : kMaxTries;
    if (retry == Retry::kNo || (retry == Retry::kIfReached && no_connection)) return answer;
    if (!transient || delivered || failures >= tries) return answer;
    Pause(failures, answer.ok() ? &*answer : nullptr);
  }
}

absl::StatusOr<bool> RegistryClient::Authenticate(const HttpResponse& answer) {
  const std::vector<Challenge> challenges = ParseChallenges(answer.Header("www-authenticate"));
  const auto find = [&](const char* scheme) {
    return std::find_if(challenges.begin(), challenges.end(),
                        [&](const Challenge& c) { return c.scheme == scheme; });
  };
  if (auto bearer = find("bearer"); bearer != challenges.end() && !bearer->Get("realm").empty()) {
    RETURN_IF_ERROR(FetchToken(*bearer));
    return true;
  }
  if (find("basic") == challenges.end() || credential_.username.empty()) return false;
  std::string value = absl::StrCat(
      "Basic ", absl::Base64Escape(absl::StrCat(credential_.username, ":", credential_.password)));
  if (value == authorization_) return false;  // refused already
  authorization_ = std::move(value);
  return true;
}

absl::StatusOr<HttpRequest> RegistryClient::TokenRequest(const Challenge& challenge, bool refresh) const {
  HttpRequest request;
  const std::string realm = challenge.Get("realm"), service = challenge.Get("service");
  std::string query;
  const auto add = [&](absl::string_view key, absl::string_view value) { AppendQuery(&query, key, value); };
  if (!service.empty()) add("service", service);
  if (refresh) {
    add("grant_type", "refresh_token");
    add("refresh_token", credential_.identity_token);
    add("client_id", "kasane");
    std::string all;
    for (const std::string& scope : scopes_) absl::StrAppend(&all, all.empty() ? "" : " ", scope);
    add("scope", all);
    request.method = "POST";
    request.body = query.substr(1);
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    ASSIGN_OR_RETURN(request.url, ParseUrl(realm));
  } else {
    for (const std::string& scope : scopes_) add("scope", scope);
    if (!credential_.username.empty()) {
      add("account", credential_.username);
      request.headers.emplace_back(
          "Authorization", absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(credential_.username, ":",
                                                                                  credential_.password))));
    }
    if (absl::StrContains(realm, "?") && !query.empty()) query[0] = '&';
    ASSIGN_OR_RETURN(request.url, ParseUrl(absl::StrCat(realm, query)));
  }
  // The realm is the registry's word: it must not make us send secrets in the clear, nor ask this machine's
  // own services for a stranger.
  const bool own = request.url.IsLoopback() && !base_.IsLoopback();
  if (own || (request.url.scheme != "https" && !insecure_)) {
    return absl::FailedPreconditionError(
        absl::StrCat(host(), " wants tokens fetched from ", realm, ", which is refused"));
  }
  request.verify_tls = !insecure_;
  return request;
}

absl::Status RegistryClient::FetchToken(const Challenge& challenge) {
  if (!credential_.registry_token.empty()) {
    authorization_ = absl::StrCat("Bearer ", credential_.registry_token);
    return absl::OkStatus();
  }
  AddScopes(challenge.Get("scope"), &scopes_);
  HttpResponse answer;
  bool refresh = !credential_.identity_token.empty();
  for (int failures = 1;; ++failures) {
    ASSIGN_OR_RETURN(const HttpRequest request, TokenRequest(challenge, refresh));
    auto sent = http_->Send(request, nullptr, 1 << 20);
    // The POST form is younger than some token servers.
    if (refresh && sent.ok() && (sent->status == 404 || sent->status == 405) &&
        !credential_.username.empty()) {
      refresh = false;
      continue;
    }
    const bool transient = sent.ok() ? IsTransient(sent->status) : IsTransport(sent.status());
    if (!transient || failures >= kMaxConnectTries) {
      if (!sent.ok()) return sent.status();
      answer = *std::move(sent);
      break;
    }
    Pause(failures, sent.ok() ? &*sent : nullptr);
  }
  if (!answer.ok()) {
    const std::string words = RegistryMessage(answer.body);
    if (answer.status != 400 && answer.status != 401 && answer.status != 403) return ErrorOf(answer);
    const std::string who = credential_.empty()            ? "an anonymous client"
                            : credential_.username.empty() ? "the stored token"
                                                           : absl::StrCat("user ", credential_.username);
    return absl::PermissionDeniedError(absl::StrCat("access denied: ", host(), " gives no token to ", who,
                                                    words.empty() ? "" : ": ", words));
  }
  auto json = ParseJson(answer.body, "token");
  std::string token = json.ok() ? JsonString(*json, "token") : "";
  if (token.empty() && json.ok()) token = JsonString(*json, "access_token");
  if (token.empty() || token.find_first_of("\r\n") != std::string::npos) {
    return absl::DataLossError(absl::StrCat("the token server of ", host(), " gave no token"));
  }
  authorization_ = absl::StrCat("Bearer ", token);
  return absl::OkStatus();
}

absl::Status RegistryClient::ErrorOf(const HttpResponse& response) const {
  const std::string words = RegistryMessage(response.body);
  const std::string tail = words.empty() ? "" : absl::StrCat(": ", words);
  switch (response.status) {
    case 404:
      return absl::NotFoundError("not found");
    case 401:
    case 403: {
      const bool known = !credential_.empty();
      return absl::PermissionDeniedError(absl::StrCat(
          "access denied by ", host(), tail,
          known ? ""
                : " (it does not exist, or needs a login: no credentials for this registry were found)"));
    }
    case 429:
      return absl::ResourceExhaustedError(absl::StrCat(host(), " limits the number of requests", tail));
    default:
      return absl::UnavailableError(absl::StrCat(host(), " answered ", response.status, tail));
  }
}

}  // namespace kasane
