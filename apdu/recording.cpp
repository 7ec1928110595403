// SPDX-License-Identifier: Apache-2.0
#include "apdu/recording.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace passgate::apdu {
namespace {

constexpr std::size_t kMaxText = std::size_t{1024} * 1024;
constexpr std::size_t kMaxExchanges = 1024;
constexpr std::size_t kMaxKeys = 64;
constexpr std::size_t kMaxMerchants = 64;
constexpr std::int64_t kMaxTimeMs = 24LL * 3600 * 1000;
constexpr std::string_view kBlank = " \t\r";

/// Wrong with the line at hand; the reader adds its number.
using Complaint = std::expected<void, std::string>;
std::unexpected<std::string> wrong(std::string message) {
  return std::unexpected(std::move(message));
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// Takes the first word from the front of `text`.
std::string_view take_word(std::string_view& text) {
  text = trim(text);
  const auto word = text.substr(0, text.find_first_of(kBlank));
  text = trim(text.substr(word.size()));
  return word;
}

Result<Bytes> spaced_hex(std::string_view text) {
  std::string digits(text);
  std::erase_if(digits, [](char c) { return kBlank.contains(c); });
  return from_hex(digits);
}

template <std::size_t N>
Complaint fixed_hex(std::string_view text, std::optional<std::array<std::uint8_t, N>>& out) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != N) return wrong("not " + std::to_string(N) + " bytes in hex");
  out.emplace();
  std::ranges::copy(*bytes, out->begin());
  return {};
}

constexpr Errc kChannelErrors[] = {Errc::card_removed, Errc::reader_gone, Errc::pcsc_unavailable};

class RecordingReader {
 public:
  Complaint line(std::string_view text);
  Complaint end();
  Recording take() { return std::move(recording_); }

 private:
  Complaint profile(std::string_view rest);
  Complaint profile_entry(std::string_view key, std::string_view value);
  Complaint merchants(std::string_view list);
  Complaint key(std::string_view rest);
  Complaint command(std::string_view rest);
  Complaint answer(std::string_view rest);
  Complaint failure(std::string_view rest);
  Complaint outcome(std::string_view rest);
  Complaint opening(std::string_view rest);
  Complaint answered(Result<Bytes> answer, std::optional<Milliseconds> at);

  Recording recording_;
  bool has_profile_ = false;
  std::optional<Bytes> pending_;  ///< A command without its answer yet.
  std::size_t exchanges_ = 0;
};

Complaint RecordingReader::line(std::string_view text) {
  std::string_view rest = trim(text);
  if (rest.empty() || rest.front() == '#') return {};
  const auto word = take_word(rest);
  if (word == "profile") return profile(rest);
  if (!has_profile_) return wrong("the first line must be a profile");
  if (word == "key") return key(rest);
  if (word == ">>") return command(rest);
  if (word == "<<") return answer(rest);
  if (word == "!!") return failure(rest);
  if (word == "==") return outcome(rest);
  if (word == "=>") return opening(rest);
  return wrong("a line starts with one of: # profile key >> << !! == =>");
}

Complaint RecordingReader::end() {
  if (!has_profile_) return wrong("no profile");
  if (pending_) return wrong("the last command has no answer");
  return {};
}

Complaint RecordingReader::profile(std::string_view rest) {
  if (std::exchange(has_profile_, true)) return wrong("a second profile");
  if (take_word(rest) != "apple") return wrong("the profile must be apple");
  while (!rest.empty()) {
    const auto entry = take_word(rest);
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) return wrong("not KEY=VALUE");
    if (auto ok = profile_entry(entry.substr(0, equals), entry.substr(equals + 1)); !ok) return ok;
  }
  const auto& apple = recording_.profile;
  if (apple.merchants.empty() && apple.url.empty()) return wrong("neither merchants nor url");
  return {};
}

Complaint RecordingReader::profile_entry(std::string_view key, std::string_view value) {
  auto& apple = recording_.profile;
  if (value.empty()) return wrong("a value is empty");
  if (key == "merchants") return merchants(value);
  if (key == "nonce") return fixed_hex(value, apple.nonce);
  if (key == "filter") return fixed_hex(value, apple.filter);
  if (key == "url") {
    apple.url = value;
    return {};
  }
  if (key != "mode") return wrong("a profile has merchants, url, nonce, filter, mode");
  const auto* mode =
      std::ranges::find(kVasModes, value, &std::pair<std::string_view, VasMode>::first);
  if (mode == std::end(kVasModes))
    return wrong("a mode is vas_or_payment, vas_and_payment, vas_only");
  apple.mode = mode->second;
  return {};
}

Complaint RecordingReader::merchants(std::string_view list) {
  auto& ids = recording_.profile.merchants;
  for (bool more = true; more;) {
    const auto comma = list.find(',');
    const auto id = list.substr(0, comma);
    if (id.empty()) return wrong("a merchant is empty");
    if (ids.size() == kMaxMerchants) return wrong("too many merchants");
    ids.emplace_back(std::string(id));
    more = comma != std::string_view::npos;
    if (more) list.remove_prefix(comma + 1);
  }
  return {};
}

Complaint RecordingReader::key(std::string_view rest) {
  constexpr std::string_view kPrefix = "hex:";
  auto scalar =
      rest.starts_with(kPrefix) ? from_hex(rest.substr(kPrefix.size())) : fail(Errc::bad_hex);
  if (!scalar || scalar->size() != 32) return wrong("a key is hex: and 32 bytes");
  if (recording_.keys.size() == kMaxKeys) return wrong("too many keys");
  recording_.keys.push_back(SecretBytes::take(*scalar));
  return {};
}

Complaint RecordingReader::command(std::string_view rest) {
  if (pending_) return wrong("the command before has no answer");
  const auto wire = spaced_hex(rest);
  if (!wire) return wrong("not hex");
  if (!CommandApdu::parse(*wire)) return wrong("not a command of ISO 7816-4 in short form");
  if (++exchanges_ > kMaxExchanges) return wrong("too many exchanges");
  pending_ = *wire;
  return {};
}

Complaint RecordingReader::answer(std::string_view rest) {
  std::optional<Milliseconds> at;
  const auto sign = rest.find('@');
  if (sign != std::string_view::npos) {
    const auto time = rest.substr(sign + 1);
    std::int64_t ms = -1;
    const auto [stop, error] = std::from_chars(time.data(), time.data() + time.size(), ms);
    if (error != std::errc{} || std::string_view(stop, time.data() + time.size()) != "ms" ||
        ms < 0 || ms > kMaxTimeMs) {
      return wrong("a time is written @38ms");
    }
    at = Milliseconds(ms);
    rest = rest.substr(0, sign);
  }
  auto wire = spaced_hex(rest);
  if (!wire) return wrong("not hex");
  return answered(std::move(*wire), at);
}

Complaint RecordingReader::failure(std::string_view rest) {
  const auto* error = std::ranges::find(kChannelErrors, rest, [](Errc code) { return name(code); });
  if (error == std::end(kChannelErrors)) {
    return wrong("a failure is card_removed, reader_gone or pcsc_unavailable");
  }
  return answered(fail(*error), std::nullopt);
}

Complaint RecordingReader::answered(Result<Bytes> answer, std::optional<Milliseconds> at) {
  if (!pending_) return wrong("an answer without a command");
  auto& contacts = recording_.contacts;
  if (contacts.empty() || !contacts.back().outcome.empty()) contacts.emplace_back();
  contacts.back().exchanges.push_back(
      {.exchange = {.command = std::move(*pending_), .answer = std::move(answer)}, .at = at});
  pending_.reset();
  return {};
}

Complaint RecordingReader::outcome(std::string_view rest) {
  if (pending_) return wrong("the command before has no answer");
  if (rest.empty()) return wrong("an outcome is missing");
  auto& contacts = recording_.contacts;
  if (contacts.empty() || !contacts.back().outcome.empty()) {
    return wrong("an outcome without exchanges");
  }
  contacts.back().outcome = rest;
  return {};
}

Complaint RecordingReader::opening(std::string_view rest) {
  auto& contacts = recording_.contacts;
  if (pending_ || contacts.empty() || contacts.back().outcome.empty()) {
    return wrong("=> belongs after ==");
  }
  if (contacts.back().openings.size() == kMaxMerchants) return wrong("too many => lines");
  contacts.back().openings.emplace_back(rest);
  return {};
}

}  // namespace

VasRequest vas_request(const AppleProfile& profile) {
  VasRequest request;
  request.merchants.reserve(profile.merchants.size());
  for (const auto& id : profile.merchants) request.merchants.push_back(crypto::merchant_hash(id));
  request.signup_url = profile.url;
  request.terminal_nonce = profile.nonce;
  request.filter = profile.filter;
  request.mode = profile.mode;
  return request;
}

std::vector<ScriptedExchange> Contact::script() const {
  std::vector<ScriptedExchange> all;
  all.reserve(exchanges.size());
  for (const auto& recorded : exchanges) all.push_back(recorded.exchange);
  return all;
}

std::expected<Recording, RecordingError> parse_recording(std::string_view text) {
  if (text.size() > kMaxText) return std::unexpected(RecordingError{0, "larger than 1 MiB"});
  RecordingReader reader;
  int number = 0;
  while (!text.empty()) {
    ++number;
    const auto length = std::min(text.find('\n'), text.size());
    if (auto ok = reader.line(text.substr(0, length)); !ok) {
      return std::unexpected(RecordingError{number, std::move(ok.error())});
    }
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  if (auto ok = reader.end(); !ok) {
    return std::unexpected(RecordingError{number, std::move(ok.error())});
  }
  return reader.take();
}

}  // namespace passgate::apdu
