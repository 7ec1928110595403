// SPDX-License-Identifier: Apache-2.0
#include "sync/service/http_exchange.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <exception>
#include <memory>

#include "sync/service/request_target.h"

namespace passgate::sync {

namespace {

using ResponsePtr = std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)>;

enum class After : std::uint8_t { keep_open, close };

MHD_Result send(MHD_Connection* connection, const HttpReply& reply, After after) {
  // The signature predates const; with MUST_COPY nothing is written.
  const ResponsePtr response(
      MHD_create_response_from_buffer(reply.body.size(), const_cast<char*>(reply.body.data()),
                                      MHD_RESPMEM_MUST_COPY),
      &MHD_destroy_response);
  if (!response) return MHD_NO;
  const auto add = [&](const char* name, const std::string& value) {
    return MHD_add_response_header(response.get(), name, value.c_str()) == MHD_YES;
  };
  bool whole = reply.content_type.empty() || add(MHD_HTTP_HEADER_CONTENT_TYPE, reply.content_type);
  for (const auto& [name, value] : reply.headers) whole = whole && add(name.c_str(), value);
  if (after == After::close) whole = whole && add(MHD_HTTP_HEADER_CONNECTION, "close");
  if (!whole) return MHD_NO;
  return MHD_queue_response(connection, static_cast<unsigned>(reply.status), response.get());
}

MHD_Result collect_header(void* headers, MHD_ValueKind /*kind*/, const char* name,
                          const char* value) {
  std::string key = name;
  std::ranges::transform(key, key.begin(), [](unsigned char c) { return std::tolower(c); });
  static_cast<decltype(HttpAsk::headers)*>(headers)->emplace_back(std::move(key),
                                                                  value == nullptr ? "" : value);
  return MHD_YES;
}

const std::string* header_of(const HttpAsk& ask, std::string_view name) {
  const auto found =
      std::ranges::find(ask.headers, name, [](const auto& one) { return one.first; });
  return found == ask.headers.end() ? nullptr : &found->second;
}

HttpReply too_large() {
  return problem(413, "The body is larger than this service takes.");
}

HttpReply answer_of(const HttpFace::Handler& handler, const HttpAsk& ask) {
  try {
    return handler(ask);
  } catch (const std::exception&) {
    return problem(500, "The request could not be served.");
  }
}

}  // namespace

ConnectionWatch::Connection& watched(MHD_Connection* connection) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return *static_cast<ConnectionWatch::Connection*>(info->socket_context);
}

MHD_Result HttpExchange::step(MHD_Connection* connection, const char* method,
                              std::string_view piece, std::size_t& unread, ConnectionWatch& watch,
                              const HttpFace::Handler& handler) {
  if (!begun_) return begin(connection, method, watch);
  if (!piece.empty()) {
    unread = 0;
    return receive(piece);
  }
  auto& entry = watched(connection);
  if (!watch.may_answer(entry)) return MHD_NO;
  if (refused_) return send(connection, too_large(), After::close);
  return send(connection, answer_of(handler, ask_), After::keep_open);
}

MHD_Result HttpExchange::begin(MHD_Connection* connection, const char* method,
                               ConnectionWatch& watch) {
  begun_ = true;
  ask_.method = method;
  MHD_get_connection_values(connection, MHD_HEADER_KIND, &collect_header, &ask_.headers);
  auto& entry = watched(connection);
  if (const auto reply = refusal_of_head(entry.one_too_many)) {
    return watch.may_answer(entry) ? send(connection, *reply, After::close) : MHD_NO;
  }
  watch.head_came(entry);
  return MHD_YES;
}

std::optional<HttpReply> HttpExchange::refusal_of_head(bool one_too_many) {
  if (one_too_many) {
    auto reply = problem(503, "Too many connections.");
    reply.headers.emplace_back("Retry-After", "30");
    return reply;
  }
  if (!read_target(raw_target_, ask_)) return problem(400, "The request target cannot be read.");
  const auto* length = header_of(ask_, "content-length");
  if (length == nullptr) return std::nullopt;
  // Two lengths of one body are how requests are smuggled past a proxy.
  if (header_of(ask_, "transfer-encoding") != nullptr) {
    return problem(400, "Both a content length and a transfer encoding.");
  }
  std::size_t announced = 0;
  const auto* end = length->data() + length->size();
  const auto read = std::from_chars(length->data(), end, announced);
  if (read.ec == std::errc::result_out_of_range) return too_large();
  if (read.ec != std::errc{} || read.ptr != end) return problem(400, "No content length.");
  if (announced > limits_.drained_bytes) return too_large();
  refused_ = announced > limits_.body_bytes;
  return std::nullopt;
}

/// A body that is somewhat too large is read to its end and thrown away: a peer
/// that is still sending would not see the answer, only a broken connection.
MHD_Result HttpExchange::receive(std::string_view piece) {
  received_ += piece.size();
  if (received_ > limits_.drained_bytes) return MHD_NO;
  refused_ = refused_ || received_ > limits_.body_bytes;
  if (refused_) {
    ask_.body.clear();
  } else {
    ask_.body.append(piece);
  }
  return MHD_YES;
}

}  // namespace passgate::sync
