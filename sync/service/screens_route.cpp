// SPDX-License-Identifier: Apache-2.0
#include "sync/service/screens_route.h"

#include <algorithm>
#include <string_view>

#include "core/bytes.h"
#include "crypto/digest.h"
#include "sync/screens/assets.h"
#include "sync/service/accept_language.h"
#include "sync/service/problem.h"

namespace passgate::sync {

namespace {

constexpr std::string_view kWordingEnding = ".json";
constexpr std::string_view kPageEnding = ".html";
constexpr std::string_view kEnglish = "en";
/// How gate.html begins; the language of the wording takes its place.
constexpr std::string_view kLanguageAttribute = "lang=\"en\"";
constexpr auto kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const Asset* asset(std::string_view name) {
  const auto found = std::ranges::find(assets(), name, &Asset::name);
  return found == assets().end() ? nullptr : &*found;
}

/// Of each language there is a file of wordings.
const std::vector<std::string_view>& languages() {
  static const std::vector<std::string_view> all = [] {
    std::vector<std::string_view> found;
    for (const auto& each : assets()) {
      if (!each.name.ends_with(kWordingEnding)) continue;
      found.push_back(each.name.substr(0, each.name.size() - kWordingEnding.size()));
    }
    return found;
  }();
  return all;
}

std::string_view language_for(const HttpAsk& ask) {
  if (const auto* asked = ask.parameter("lang")) {
    const auto known = known_language(*asked, languages());
    if (!known.empty()) return known;
  }
  const auto* header = ask.header("accept-language");
  const auto liked = header == nullptr ? "" : accepted_language(*header, languages());
  return liked.empty() ? kEnglish : liked;
}

std::string gate_page(std::string_view language) {
  std::string page(asset("gate.html")->content);
  const auto at = page.find(kLanguageAttribute);
  if (at == std::string::npos) return page;
  return page.replace(at, kLanguageAttribute.size(), "lang=\"" + std::string(language) + "\"");
}

std::string etag_of(std::string_view content) {
  const auto digest = crypto::sha256(bytes_of(content));
  return "\"" + to_hex(ByteView(digest).first(12)) + "\"";
}

/// If-None-Match (RFC 9110 §13.1.2), by weak comparison.
bool has_already(const HttpAsk& ask, std::string_view etag) {
  const auto* header = ask.header("if-none-match");
  return header != nullptr && (*header == "*" || header->contains(etag));
}

HttpReply guarded(HttpReply reply) {
  reply.headers.insert(reply.headers.end(), {{"Content-Security-Policy", kPolicy},
                                             {"X-Content-Type-Options", "nosniff"},
                                             {"X-Frame-Options", "DENY"},
                                             {"Referrer-Policy", "no-referrer"},
                                             {"Cross-Origin-Opener-Policy", "same-origin"},
                                             {"Cross-Origin-Resource-Policy", "same-origin"}});
  return reply;
}

/// @param content_type  A literal, or of an Asset.
HttpReply content_reply(const HttpAsk& ask, std::string_view content_type, std::string content) {
  const auto etag = etag_of(content);
  HttpReply reply{
      .content_type = {}, .headers = {{"ETag", etag}, {"Cache-Control", "no-cache"}}, .body = {}};
  if (has_already(ask, etag)) {
    reply.status = 304;
    return reply;
  }
  reply.content_type = content_type;
  reply.body = std::move(content);
  return reply;
}

HttpReply asset_reply(const HttpAsk& ask) {
  const auto* found = ask.path.size() == 2 ? asset(ask.path[1]) : nullptr;
  // A page is at its own address only.
  if (found == nullptr || found->name.ends_with(kPageEnding)) {
    return problem(404, "The pages have no such part.");
  }
  return content_reply(ask, found->content_type, std::string(found->content));
}

HttpReply gate_reply(const HttpAsk& ask) {
  auto reply = content_reply(ask, asset("gate.html")->content_type, gate_page(language_for(ask)));
  reply.headers.emplace_back("Vary", "Accept-Language");
  return reply;
}

}  // namespace

ScreensRoute::Page ScreensRoute::page(const HttpAsk& ask) {
  if (ask.path.empty()) return Page::operate;
  if (ask.path[0] == "assets") return Page::asset;
  return ask.path.size() == 1 && ask.path[0] == "gate" ? Page::gate : Page::none;
}

HttpReply ScreensRoute::answer(const HttpAsk& ask) {
  const auto wanted = page(ask);
  if (wanted == Page::none) return guarded(problem(404, "There is nothing here."));
  if (ask.method != "GET" && ask.method != "HEAD") {
    auto reply = guarded(problem(405, "The pages are only read."));
    reply.headers.emplace_back("Allow", "GET, HEAD");
    return reply;
  }
  switch (wanted) {
    case Page::gate: return guarded(gate_reply(ask));
    case Page::operate: {
      const auto& page = *asset("operator.html");
      return guarded(content_reply(ask, page.content_type, std::string(page.content)));
    }
    default: return guarded(asset_reply(ask));
  }
}

}  // namespace passgate::sync
