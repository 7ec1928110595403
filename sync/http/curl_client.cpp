// SPDX-License-Identifier: Apache-2.0
#include "sync/http/curl_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstring>

#include "core/require.h"

namespace passgate::sync {

namespace {

constexpr std::size_t kMaxHeaderBytes = 64UL * 1024;

/// What the callbacks fill while an answer comes in.
struct Incoming {
  HttpAnswer answer;
  std::size_t body_limit = 0;
  bool keep_body = true;
  std::size_t header_bytes = 0;
  bool too_large = false;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& incoming = *static_cast<Incoming*>(user);
  const std::size_t bytes = size * count;
  if (!incoming.keep_body) return bytes;
  if (bytes > incoming.body_limit - incoming.answer.body.size()) {
    incoming.too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  incoming.answer.body.append(data, bytes);
  return bytes;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& incoming = *static_cast<Incoming*>(user);
  const std::string_view line(data, size * count);
  incoming.header_bytes += line.size();
  if (incoming.header_bytes > kMaxHeaderBytes) {
    incoming.too_large = true;
    return 0;
  }
  // A status line starts an answer: what an interim one (1xx) said is void.
  if (line.starts_with("HTTP/")) incoming.answer.headers.clear();
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](unsigned char c) {
      return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    incoming.answer.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

/// A header list that wipes its lines before it frees them.
class HeaderList {
 public:
  HeaderList() = default;
  ~HeaderList() {
    for (auto* line = list_; line != nullptr; line = line->next) {
      wipe({reinterpret_cast<std::uint8_t*>(line->data), std::strlen(line->data)});
    }
    curl_slist_free_all(list_);
  }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  /// Errors: bad_value for a line that would break out of its header.
  Status add(std::string_view name, std::string_view scheme, ByteView value) {
    const std::size_t size = name.size() + 2 + scheme.size() + value.size() + 1;
    SecretBytes line(size);
    auto to = line.writable().begin();
    const auto put = [&to](std::string_view text) {
      to = std::ranges::copy(bytes_of(text), to).out;
    };
    put(name);
    put(": ");
    put(scheme);
    put(text_of(value));
    const auto text = text_of(line.expose().first(size - 1));
    if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
      return fail(Errc::bad_value);
    }
    return add_raw(reinterpret_cast<const char*>(line.expose().data()));
  }
  Status add_raw(const char* line) {
    auto* longer = curl_slist_append(list_, line);
    if (longer == nullptr) return fail(Errc::bad_value);
    list_ = longer;
    return {};
  }
  curl_slist* get() const noexcept { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

Status fill(HeaderList& list, const HttpRequest& request) {
  // An empty value takes the header away: we never wait for 100 (Continue),
  // and a content type is said or not sent.
  if (auto ok = list.add_raw("Expect:"); !ok) return ok;
  for (const auto& [name, value] : request.headers) {
    if (auto ok = list.add(name, "", bytes_of(value)); !ok) return ok;
  }
  for (const auto& header : request.secret_headers) {
    PG_REQUIRE(header.value != nullptr);
    if (auto ok = list.add(header.name, header.scheme, header.value->expose()); !ok) return ok;
  }
  return {};
}

Error error_from(CURLcode code, bool too_large) {
  if (too_large) return Error(Errc::too_large);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return Error(Errc::deadline_exceeded);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH: return Error(Errc::auth_failed, code);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return Error(Errc::bad_value, code);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR: return Error(Errc::unreachable, code);
    default: return Error(Errc::connection_lost, code);
  }
}

void set_options(CURL* easy, const HttpRequest& request, const HeaderList& list,
                 Incoming& incoming) {
  const auto budget = std::max<std::int64_t>(1, request.budget.count());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  // A name server that hangs must not hold up our end.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "passgate/" PASSGATE_VERSION);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(budget));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(budget));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &incoming);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &incoming);
  // libcurl sends a request again by itself when a connection it had kept open
  // closes without a byte: the peer may have acted on it before. On a fresh
  // connection it never does.
  if (request.once) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  if (request.method == "GET") {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
}

}  // namespace

CurlLibrary::CurlLibrary() {
  PG_REQUIRE(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}
CurlLibrary::~CurlLibrary() {
  curl_global_cleanup();
}

/// The multi handle is there for its wake-up: a blocking easy transfer looks
/// round only once a second, this one can be ended at once.
struct CurlClient::Handles {
  CURLM* multi = curl_multi_init();
  CURL* easy = curl_easy_init();
  std::atomic<bool> stopping{false};

  Handles() { PG_REQUIRE(multi != nullptr && easy != nullptr); }
  ~Handles() {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;

  /// Absent when the client was stopped.
  std::optional<CURLcode> transfer() {
    PG_REQUIRE(curl_multi_add_handle(multi, easy) == CURLM_OK);
    int running = 1;
    CURLMcode state = CURLM_OK;
    while (!stopping.load()) {
      state = curl_multi_perform(multi, &running);
      if (state != CURLM_OK || running == 0) break;
      state = curl_multi_poll(multi, nullptr, 0, 60000, nullptr);
      if (state != CURLM_OK) break;
    }
    std::optional<CURLcode> result;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE) result = message->data.result;
    }
    if (state != CURLM_OK) result = CURLE_FAILED_INIT;
    curl_multi_remove_handle(multi, easy);
    return result;
  }
};

CurlClient::CurlClient() : handles_(std::make_unique<Handles>()) {}
CurlClient::~CurlClient() = default;

Result<HttpAnswer> CurlClient::perform(const HttpRequest& request) {
  if (handles_->stopping.load()) return fail(Errc::stopped);
  Incoming incoming;
  incoming.body_limit = request.answer_limit;
  incoming.keep_body = request.keep_body;
  HeaderList headers;
  if (auto ok = fill(headers, request); !ok) return std::unexpected(ok.error());

  auto* easy = handles_->easy;
  curl_easy_reset(easy);
  set_options(easy, request, headers, incoming);
  const auto code = handles_->transfer();
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_reset(easy);  // Nothing in it may outlive the request it was lent.

  if (!code) return fail(Errc::stopped);
  if (*code != CURLE_OK) return std::unexpected(error_from(*code, incoming.too_large));
  if (status < 200 || status > 599) return fail(Errc::bad_reply, static_cast<int>(status));
  incoming.answer.status = static_cast<int>(status);
  return std::move(incoming.answer);
}

void CurlClient::stop() noexcept {
  handles_->stopping.store(true);
  curl_multi_wakeup(handles_->multi);
}

}  // namespace passgate::sync
