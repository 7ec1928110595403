// SPDX-License-Identifier: Apache-2.0
#include "apdu/recording.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "apdu/recording_lines.h"

namespace passgate::apdu {
namespace {

constexpr std::size_t kMaxText = std::size_t{1024} * 1024;
constexpr std::size_t kMaxExchanges = 1024;
constexpr std::size_t kMaxKeys = 64;
constexpr std::size_t kMaxAttempts = 16;
constexpr std::size_t kMaxOpenings = 64;
constexpr std::int64_t kMaxTimeMs = 24LL * 3600 * 1000;

Result<Bytes> spaced_hex(std::string_view text) {
  std::string digits(text);
  std::erase_if(digits, [](char c) { return kBlank.contains(c); });
  return from_hex(digits);
}

constexpr Errc kChannelErrors[] = {Errc::card_removed, Errc::reader_gone, Errc::pcsc_unavailable};

class RecordingReader {
 public:
  Complaint line(std::string_view text);
  Complaint end();
  Recording take() { return std::move(recording_); }

 private:
  Complaint profile(std::string_view rest);
  Complaint key(std::string_view rest);
  Complaint attempt(std::string_view rest);
  Complaint command(std::string_view rest);
  Complaint answer(std::string_view rest);
  Complaint failure(std::string_view rest);
  Complaint outcome(std::string_view rest);
  Complaint opening(std::string_view rest);
  Complaint answered(Result<Bytes> answer, std::optional<Milliseconds> at);

  bool has_profile() const { return recording_.apple || recording_.google; }
  bool in_contact() const {
    const auto& contacts = recording_.contacts;
    return pending_ || (!contacts.empty() && contacts.back().outcome.empty());
  }

  Recording recording_;
  std::vector<RecordedAttempt> attempts_;  ///< Of the next contact.
  bool attempts_used_ = true;              ///< A contact has them already.
  std::optional<Bytes> pending_;           ///< A command without its answer yet.
  std::size_t exchanges_ = 0;
};

Complaint RecordingReader::line(std::string_view text) {
  std::string_view rest = trim(text);
  if (rest.empty() || rest.front() == '#') return {};
  const auto word = take_word(rest);
  if (word == "profile") return profile(rest);
  if (!has_profile()) return wrong("the first line must be a profile");
  if (word == "key") return key(rest);
  if (word == "attempt") return attempt(rest);
  if (word == ">>") return command(rest);
  if (word == "<<") return answer(rest);
  if (word == "!!") return failure(rest);
  if (word == "==") return outcome(rest);
  if (word == "=>") return opening(rest);
  return wrong("a line starts with one of: # profile key attempt >> << !! == =>");
}

Complaint RecordingReader::end() {
  if (!has_profile()) return wrong("no profile");
  if (pending_) return wrong("the last command has no answer");
  if (!attempts_used_) return wrong("the last attempt has no command");
  return {};
}

Complaint RecordingReader::profile(std::string_view rest) {
  const auto wallet = take_word(rest);
  if (wallet != "apple" && wallet != "google") return wrong("a profile is apple or google");
  if (pending_ || !recording_.contacts.empty()) return wrong("a profile after the first command");
  if (wallet == "apple") {
    if (recording_.apple) return wrong("a second profile of apple");
    return read_apple_profile(rest, recording_.apple.emplace());
  }
  if (recording_.google) return wrong("a second profile of google");
  return read_google_profile(rest, recording_.google.emplace());
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

Complaint RecordingReader::attempt(std::string_view rest) {
  if (!recording_.google) return wrong("an attempt without profile google");
  if (in_contact()) return wrong("an attempt within a contact");
  if (std::exchange(attempts_used_, false)) attempts_.clear();
  if (attempts_.size() == kMaxAttempts) return wrong("too many attempts");
  return read_attempt(rest, attempts_.emplace_back());
}

Complaint RecordingReader::command(std::string_view rest) {
  if (pending_) return wrong("the command before has no answer");
  if (recording_.google && attempts_.empty()) return wrong("profile google needs an attempt");
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
  if (contacts.empty() || !contacts.back().outcome.empty()) {
    contacts.emplace_back().attempts = attempts_;
    attempts_used_ = true;
  }
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
  if (contacts.back().openings.size() == kMaxOpenings) return wrong("too many => lines");
  contacts.back().openings.emplace_back(rest);
  return {};
}

}  // namespace

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
