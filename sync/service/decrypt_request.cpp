// SPDX-License-Identifier: Apache-2.0
#include "sync/service/decrypt_request.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/json_text.h"

namespace passgate::sync {

namespace {

constexpr std::size_t kLargestPayload = std::size_t{64} << 10;  // bytes

/// Keeps the members that are asked for and lets all others pass by.
class Picker final : public nlohmann::json_sax<nlohmann::json> {
 public:
  DecryptRequest request;
  bool has_payload = false;

  bool key(string_t& name) override {
    text_ = nullptr;
    if (depth_ == 1) {
      session_next_ = name == "session";
      if (name == "payload") text_ = &request.payload;
      if (name == "passType") text_ = &request.pass_type.emplace();
      has_payload = has_payload || text_ == &request.payload;
    } else if (depth_ == 2 && in_session_) {
      const auto& all = DecryptRequest::kSessionMembers;
      const auto found = std::ranges::find(all, name);
      if (found != all.end()) {
        text_ = &(*request.session)[static_cast<std::size_t>(found - all.begin())];
      }
    }
    return true;
  }
  bool string(string_t& value) override {
    if (depth_ == 0 || session_next_) return false;
    if (text_ != nullptr) *std::exchange(text_, nullptr) = std::move(value);
    return true;
  }
  /// No session is as good as none at all.
  bool null() override { return std::exchange(session_next_, false) || other(); }
  bool boolean(bool) override { return other(); }
  bool number_integer(number_integer_t) override { return other(); }
  bool number_unsigned(number_unsigned_t) override { return other(); }
  bool number_float(number_float_t, const string_t&) override { return other(); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    if (text_ != nullptr || depth_ == runtime::kDeepestJson) return false;
    if (std::exchange(session_next_, false)) {
      in_session_ = true;
      request.session.emplace();
    }
    ++depth_;
    return true;
  }
  bool end_object() override {
    --depth_;
    in_session_ = in_session_ && depth_ > 1;
    return true;
  }
  bool start_array(std::size_t) override {
    if (!other() || depth_ == runtime::kDeepestJson) return false;
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  /// A value that is neither text nor object: fine where nothing is wanted.
  bool other() const { return depth_ > 0 && text_ == nullptr && !session_next_; }

  std::size_t depth_ = 0;
  std::string* text_ = nullptr;  ///< Where the value that comes next belongs.
  bool session_next_ = false;
  bool in_session_ = false;
};

/// Something, in hexadecimal of either case.
Status check_hex(std::string_view text) {
  const auto is_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  if (text.empty()) return fail(Errc::bad_value);
  if (text.size() % 2 != 0 || !std::ranges::all_of(text, is_digit)) return fail(Errc::bad_hex);
  return {};
}

}  // namespace

Result<DecryptRequest> read_decrypt_request(std::string_view body) {
  Picker picker;
  if (!nlohmann::json::sax_parse(body, &picker) || !picker.has_payload) {
    return fail(Errc::bad_value);
  }
  auto& request = picker.request;
  if (request.payload.size() > 2 * kLargestPayload) return fail(Errc::too_large);
  if (auto good = check_hex(request.payload); !good) return std::unexpected(good.error());
  if (request.session) {
    for (const auto& member : *request.session) {
      if (auto good = check_hex(member); !good) return std::unexpected(good.error());
    }
  }
  return std::move(request);
}

}  // namespace passgate::sync
