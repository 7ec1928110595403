// SPDX-License-Identifier: Apache-2.0
#include "apdu/outcome_text.h"

#include <string_view>

namespace passgate::apdu {
namespace {

struct Words {
  std::string operator()(const NotAWallet& other) const {
    return other.label.empty() ? "not-a-wallet" : "not-a-wallet " + other.label;
  }
  std::string operator()(const PhoneLocked&) const { return "phone-locked"; }
  std::string operator()(const NoMatchingPass&) const { return "no-matching-pass"; }
  std::string operator()(const ChooseOnPhone&) const { return "choose-on-phone"; }
  std::string operator()(const UrlAccepted&) const { return "url-accepted"; }
  std::string operator()(const ApplePasses& passes) const {
    return "apple-passes " + std::to_string(passes.sealed.size());
  }
  std::string operator()(const GooglePasses& passes) const {
    return "google-passes " + std::to_string(passes.sealed.collector.value());
  }
};

bool is_status_word(const Error& error) {
  switch (error.code()) {
    case Errc::unexpected_status:
    case Errc::too_many_requests: return true;
    // ISO 7816-4 has no status word below 6000, and no version is as high.
    case Errc::bad_version:
    case Errc::unknown_collector: return error.detail() >= 0x6000;
    default: return false;
  }
}

std::string error_text(const Error& error) {
  std::string text = "error ";
  text += name(error.code());
  if (is_status_word(error)) {
    const auto sw = static_cast<std::uint16_t>(error.detail());
    Bytes bytes;
    append_be16(bytes, sw);
    text += ' ' + to_hex(bytes);
  } else if (error.detail() != 0) {
    text += ' ' + std::to_string(error.detail());
  }
  return text;
}

}  // namespace

std::string outcome_text(const Result<Outcome>& outcome) {
  return outcome ? outcome_text(*outcome) : error_text(outcome.error());
}

std::string outcome_text(const Outcome& outcome) {
  return std::visit(Words{}, outcome);
}

}  // namespace passgate::apdu
