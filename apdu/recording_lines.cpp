// SPDX-License-Identifier: Apache-2.0
#include "apdu/recording_lines.h"

#include <charconv>
#include <utility>

namespace passgate::apdu {
namespace {

constexpr std::size_t kMaxMerchants = 64;
constexpr std::size_t kMaxServices = 16;
constexpr std::size_t kMaxSignature = 72;  // DER, both numbers with a leading zero

/// Calls `take(key, value)` for each KEY=VALUE word.
template <class Take>
Complaint each_entry(std::string_view rest, Take take) {
  while (!rest.empty()) {
    const auto entry = take_word(rest);
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) return wrong("not KEY=VALUE");
    if (equals + 1 == entry.size()) return wrong("a value is empty");
    if (auto ok = take(entry.substr(0, equals), entry.substr(equals + 1)); !ok) return ok;
  }
  return {};
}

/// Calls `take(item)` for each item between commas.
template <class Take>
Complaint each_item(std::string_view list, Take take) {
  for (bool more = true; more;) {
    const auto comma = list.find(',');
    if (auto ok = take(list.substr(0, comma)); !ok) return ok;
    more = comma != std::string_view::npos;
    if (more) list.remove_prefix(comma + 1);
  }
  return {};
}

Complaint read_merchants(std::string_view list, std::vector<PassTypeId>& ids) {
  return each_item(list, [&ids](std::string_view id) -> Complaint {
    if (id.empty()) return wrong("a merchant is empty");
    if (ids.size() == kMaxMerchants) return wrong("too many merchants");
    ids.emplace_back(std::string(id));
    return {};
  });
}

Complaint read_services(std::string_view list, std::vector<ServiceType>& services) {
  services.clear();
  return each_item(list, [&services](std::string_view item) -> Complaint {
    std::array<std::uint8_t, 1> type{};
    if (auto ok = fixed_hex(item, type); !ok) return ok;
    if (services.size() == kMaxServices) return wrong("too many services");
    services.push_back(static_cast<ServiceType>(type[0]));
    return {};
  });
}

Complaint read_number(std::string_view text, std::uint32_t& out) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || stop != text.data() + text.size()) {
    return wrong("not a number of 32 bits");
  }
  return {};
}

Complaint read_signature(std::string_view text, Bytes& out) {
  auto bytes = from_hex(text);
  if (!bytes || bytes->empty() || bytes->size() > kMaxSignature) {
    return wrong("a signature is 1 to 72 bytes in hex");
  }
  out = std::move(*bytes);
  return {};
}

/// An attempt while it is read: what was there so far.
struct HalfAttempt {
  std::optional<std::uint32_t> collector;
  std::optional<std::uint32_t> version;
  std::optional<crypto::SmartTapSessionId> session;
  std::optional<crypto::SmartTapNonce> nonce;
  std::optional<std::array<std::uint8_t, 32>> ephemeral;
  Bytes signature;
};

Complaint read_attempt_entry(std::string_view key, std::string_view value, HalfAttempt& half) {
  if (key == "collector") return read_number(value, half.collector.emplace());
  if (key == "version") return read_number(value, half.version.emplace());
  if (key == "session") return fixed_hex(value, half.session);
  if (key == "nonce") return fixed_hex(value, half.nonce);
  if (key == "ephemeral") return fixed_hex(value, half.ephemeral);
  if (key == "signature") return read_signature(value, half.signature);
  return wrong("an attempt has collector, version, session, nonce, ephemeral, signature");
}

}  // namespace

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view take_word(std::string_view& text) {
  text = trim(text);
  const auto word = text.substr(0, text.find_first_of(kBlank));
  text = trim(text.substr(word.size()));
  return word;
}

Complaint read_apple_profile(std::string_view rest, AppleProfile& profile) {
  const auto entry = [&profile](std::string_view key, std::string_view value) -> Complaint {
    if (key == "merchants") return read_merchants(value, profile.merchants);
    if (key == "nonce") return fixed_hex(value, profile.nonce);
    if (key == "filter") return fixed_hex(value, profile.filter);
    if (key == "url") {
      profile.url = value;
      return {};
    }
    if (key != "mode") return wrong("a profile has merchants, url, nonce, filter, mode");
    const auto* mode =
        std::ranges::find(kVasModes, value, &std::pair<std::string_view, VasMode>::first);
    if (mode == std::end(kVasModes))
      return wrong("a mode is vas_or_payment, vas_and_payment, vas_only");
    profile.mode = mode->second;
    return {};
  };
  if (auto ok = each_entry(rest, entry); !ok) return ok;
  if (profile.merchants.empty() && profile.url.empty()) return wrong("neither merchants nor url");
  return {};
}

Complaint read_google_profile(std::string_view rest, GoogleProfile& profile) {
  return each_entry(rest, [&profile](std::string_view key, std::string_view value) -> Complaint {
    if (key == "services") return read_services(value, profile.services);
    if (key != "pcr") return wrong("a profile has services, pcr");
    profile.pos_capabilities.reset();
    if (value == "none") return {};
    return fixed_hex(value, profile.pos_capabilities);
  });
}

Complaint read_attempt(std::string_view rest, RecordedAttempt& attempt) {
  constexpr std::string_view kPreSigned = " pre-signed";
  const bool pre_signed = rest.ends_with(kPreSigned);
  if (pre_signed) rest.remove_suffix(kPreSigned.size());
  HalfAttempt half;
  auto ok = each_entry(rest, [&half](std::string_view key, std::string_view value) {
    return read_attempt_entry(key, value, half);
  });
  if (!ok) return ok;
  if (!half.collector || !half.version || !half.session) {
    return wrong("an attempt needs collector, version and session");
  }
  attempt = {.collector = CollectorId(*half.collector),
             .key_version = *half.version,
             .session = *half.session,
             .authentication = std::nullopt};
  const int parts =
      (half.nonce ? 1 : 0) + (half.ephemeral ? 1 : 0) + (half.signature.empty() ? 0 : 1);
  if (parts == 0 && !pre_signed) return {};
  if (parts != 3) return wrong("nonce, ephemeral and signature belong together");
  attempt.authentication = {.nonce = *half.nonce,
                            .ephemeral = *half.ephemeral,
                            .signature = std::move(half.signature),
                            .pre_signed = pre_signed};
  return {};
}

}  // namespace passgate::apdu
