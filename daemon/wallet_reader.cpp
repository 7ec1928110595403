// SPDX-License-Identifier: Apache-2.0
#include "daemon/wallet_reader.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "crypto/digest.h"
#include "crypto/vas_key_id.h"
#include "runtime/largest_party.h"

namespace passgate::daemon {
namespace {

using gate::Reason;

/// Of one bundle. A wallet gives one pass a tap, a few at most; whoever plays a
/// phone shall not try ids by the dozen.
constexpr std::size_t kMostPasses = 8;

/// The services of all passes together; "all" stands alone.
void add_services(std::vector<apdu::ServiceType>& wanted, const GoogleTerms& terms) {
  for (const apdu::ServiceType service : terms.services) {
    if (std::ranges::find(wanted, service) == wanted.end()) wanted.push_back(service);
  }
  constexpr auto kAll = apdu::ServiceType::all;
  if (std::ranges::find(wanted, kAll) != wanted.end()) wanted = {kAll};
}

/// Passes may share a collector: it is asked once with each of its keys.
void add_attempts(std::vector<apdu::SmartTapAttempt>& attempts, const GoogleTerms& terms) {
  const crypto::CollectorKeys& keys = terms.keys;
  for (const std::uint32_t version : keys.versions()) {
    const bool there = std::ranges::any_of(attempts, [&](const apdu::SmartTapAttempt& attempt) {
      return attempt.collector == keys.id() && attempt.key_version == version;
    });
    if (there) continue;
    attempts.push_back(
        {.collector = keys.id(),
         .key_version = version,
         .sign = [&keys, version](ByteView message) { return keys.sign(version, message); },
         .ephemeral = crypto::SmartTapEphemeral::make()});
  }
}

/// A stranger's text, which may come to stand in JSON.
std::string text_of_value(const std::optional<apdu::ObjectValue>& value) {
  return value ? to_valid_utf8(bytes_of(value->text)) : "";
}

const hid::Fields& no_object() {
  static const hid::Fields none = [] {
    hid::Fields fields;
    for (const std::string_view name : kObjectFields) fields.emplace(name, "");
    return fields;
  }();
  return none;
}

/// Templates may share a merchant or a collector: the first whose pattern fits
/// has the pass, else the first that could not be tried, else the first that was
/// asked. Nothing when none is.
/// @param present  The pass as one template's, or nothing: not this one's.
template <class Present>
std::optional<Presented> first_that_fits(const std::vector<const PassTerms*>& asked,
                                         Present present) {
  std::optional<Presented> best;
  for (const PassTerms* terms : asked) {
    std::optional<Presented> presented = present(*terms);
    if (!presented) continue;
    const bool fits = presented->trouble == Reason::ok;
    const bool untried = presented->trouble == Reason::remote_unavailable && best &&
                         best->trouble != Reason::remote_unavailable;
    if (fits || untried || !best) best = std::move(presented);
    if (fits) break;
  }
  return best;
}

/// What every object of a tap has in common: its owner, where the phone says.
hid::Fields customer_of(const std::vector<apdu::SmartTapObject>& objects) {
  hid::Fields fields = no_object();
  const auto customer =
      std::ranges::find(objects, apdu::ObjectKind::customer, &apdu::SmartTapObject::kind);
  if (customer == objects.end()) return fields;
  fields["customer_id"] = to_hex(customer->customer_id);
  fields["language"] = to_valid_utf8(bytes_of(customer->language));
  return fields;
}

/// How many come, as the pattern found it; a pattern without that group, or one
/// that may leave it empty, is for one person. Absent: no number of people, or more
/// than any max_party may be, which nobody shall override at a row for each.
std::optional<unsigned> party_in(const gate::PassFields& groups) {
  const auto found = groups.find(kPartyGroup);
  if (found == groups.end() || found->second.empty()) return 1;
  constexpr unsigned kMost = runtime::kLargestParty;
  const std::string& digits = found->second;
  unsigned party = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), party);
  const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  return whole && party >= 1 && party <= kMost ? std::optional(party) : std::nullopt;
}

/// Which key it was made for, as `passgate keys list` writes ids: what an operator
/// compares. "-": it is too short to name one.
std::string key_id_text(ByteView cryptogram) {
  const auto id = crypto::key_id_in(cryptogram);
  return id ? to_hex(id->value()) : "-";
}

}  // namespace

WalletReader::WalletReader(std::vector<const PassTerms*> passes, std::string reader,
                           const runtime::Log& log, std::filesystem::path sync_sock)
    : passes_(std::move(passes)),
      reader_(std::move(reader)),
      log_(log),
      remote_(std::move(sync_sock)) {
  for (const PassTerms* terms : passes_) {
    if (terms->merchant() != nullptr) ask_apple_for(*terms);
    if (!terms->apple_remote) continue;
    remote_patience_ = std::max(remote_patience_, terms->apple_remote->service->budget);
  }
  prepare();
}

void WalletReader::ask_apple_for(const PassTerms& terms) {
  if (!vas_) vas_.emplace();
  const MerchantHash& merchant = *terms.merchant();
  const auto known = std::ranges::find(vas_->merchants, merchant);
  const auto index = static_cast<std::size_t>(known - vas_->merchants.begin());
  if (known == vas_->merchants.end()) {
    vas_->merchants.push_back(merchant);
    asked_.emplace_back();
  }
  asked_[index].push_back(&terms);
  if (vas_->signup_url.empty()) vas_->signup_url = terms.signup_url;
}

void WalletReader::prepare() {
  apdu::SmartTapRequest request;
  request.services.clear();
  for (const PassTerms* terms : passes_) {
    if (!terms->google) continue;
    add_attempts(request.attempts, *terms->google);
    add_services(request.services, *terms->google);
  }
  smart_tap_.reset();
  if (!request.attempts.empty()) smart_tap_ = std::move(request);
}

Result<apdu::Outcome> WalletReader::read(apdu::CardChannel& card, const Clock& clock) {
  apdu::WalletRequest request{.apple = vas_, .google = std::exchange(smart_tap_, std::nullopt)};
  if (request.apple) crypto::random_fill(request.apple->terminal_nonce.emplace());
  apdu::WalletTap tap(std::move(request));
  return apdu::drive(tap, card, clock);
}

std::vector<Presented> WalletReader::open(const apdu::Outcome& outcome, WallTime at) {
  if (const auto* apple = std::get_if<apdu::ApplePasses>(&outcome)) return open_apple(*apple, at);
  if (const auto* google = std::get_if<apdu::GooglePasses>(&outcome)) {
    return open_google(*google, at);
  }
  return {};
}

std::vector<Presented> WalletReader::open_apple(const apdu::ApplePasses& passes, WallTime at) {
  // One for all of them: a person waits at the reader.
  const MonoTime deadline = std::chrono::steady_clock::now() + remote_patience_;
  std::vector<Presented> all;
  for (const apdu::SealedVas& sealed : passes.sealed) {
    auto presented = first_that_fits(asked_[sealed.merchant], [&](const PassTerms& terms) {
      return std::optional(open_vas(terms, sealed, at, deadline));
    });
    if (presented) all.push_back(std::move(*presented));
  }
  return all;
}

Presented WalletReader::open_vas(const PassTerms& terms, const apdu::SealedVas& sealed, WallTime at,
                                 MonoTime deadline) {
  Presented presented{
      .terms = &terms, .wallet = gate::Wallet::apple, .digest = crypto::sha256(sealed.cryptogram)};
  const auto opened = unseal(terms, sealed.cryptogram, deadline);
  if (!opened) {
    const bool answered = !terms.apple_remote || does_not_open(opened.error().code());
    presented.trouble = answered ? Reason::undecryptable : Reason::remote_unavailable;
    return presented;
  }
  presented.stamped_at = opened->stamped_at;
  name_pass(presented, opened->payload.expose(), no_object(), at);
  return presented;
}

/// By our keys, or by whoever has them.
Result<RemoteOpener::Opened> WalletReader::unseal(const PassTerms& terms, ByteView cryptogram,
                                                  MonoTime deadline) {
  if (terms.apple_remote) {
    auto answer =
        remote_.open(*terms.apple_remote->service, terms.pass_template, cryptogram, deadline);
    note_remote(terms, answer, cryptogram);
    return answer;
  }
  auto opened = terms.apple_keys->open(cryptogram);
  if (opened) {
    return RemoteOpener::Opened{.payload = std::move(opened->payload),
                                .stamped_at = opened->stamped_at};
  }
  note_unopened(terms, opened.error(), cryptogram);
  return std::unexpected(opened.error());
}

std::vector<Presented> WalletReader::open_google(const apdu::GooglePasses& passes,
                                                 WallTime at) const {
  const CollectorId collector = passes.sealed.collector;
  const auto objects = apdu::open_bundle(passes.sealed);
  if (!objects) {
    const auto asked = std::ranges::find_if(passes_, [&](const PassTerms* terms) {
      return terms->google && terms->google->keys.id() == collector;
    });
    note_unopened(**asked, objects.error());
    return {{.terms = *asked, .wallet = gate::Wallet::google, .trouble = Reason::undecryptable}};
  }
  std::vector<Presented> all;
  const hid::Fields common = customer_of(*objects);
  for (const apdu::SmartTapObject& object : *objects) {
    if (!object.service_number) continue;
    if (all.size() == kMostPasses) break;
    auto presented = open_object(object, common, collector, at);
    if (presented) all.push_back(std::move(*presented));
  }
  return all;
}

std::optional<Presented> WalletReader::open_object(const apdu::SmartTapObject& object,
                                                   const hid::Fields& common, CollectorId collector,
                                                   WallTime at) const {
  hid::Fields fields = common;
  fields["object_id"] = to_hex(object.object_id);
  fields["object_type"] = name(object.kind);
  fields["issuer_id"] = to_hex(object.issuer_id);
  fields["pin"] = text_of_value(object.pin);
  fields["track1"] = text_of_value(object.track1);
  fields["track2"] = text_of_value(object.track2);
  return first_that_fits(passes_, [&](const PassTerms& terms) -> std::optional<Presented> {
    const bool asked = terms.google && terms.google->keys.id() == collector;
    if (!asked || !terms.google->accepts(object.kind)) return std::nullopt;
    Presented presented{.terms = &terms, .wallet = gate::Wallet::google};
    presented.object_id = fields["object_id"];
    name_pass(presented, bytes_of(object.service_number->text), fields, at);
    return presented;
  });
}

/// 4: the pattern finds the pass id in what the pass says, the same way for both
/// wallets.
void WalletReader::name_pass(Presented& presented, ByteView payload, const hid::Fields& object,
                             WallTime at) {
  auto groups = presented.terms->pattern.match(payload);
  if (!groups) {
    presented.trouble = Reason::wrong_template;
    return;
  }
  const auto party = party_in(*groups);
  if (!party) {
    presented.trouble = Reason::wrong_template;
    return;
  }
  presented.party = *party;
  presented.pass_id = groups->at("pass_id");
  presented.fields = std::move(*groups);
  presented.fields.insert(object.begin(), object.end());
  presented.fields.emplace("payload", text_of(payload));
  presented.fields.emplace("template", presented.terms->pass_template);
  presented.fields.emplace("time", to_rfc3339(at));
}

void WalletReader::note_unopened(const PassTerms& terms, const Error& error) const {
  log_(runtime::Level::warning, "a pass did not open", error,
       {{"reader", reader_}, {"pass", terms.name}});
}

void WalletReader::note_unopened(const PassTerms& terms, const Error& error,
                                 ByteView cryptogram) const {
  log_(runtime::Level::warning, "a pass did not open", error,
       {{"reader", reader_}, {"pass", terms.name}, {"key_id", key_id_text(cryptogram)}});
}

void WalletReader::note_remote(const PassTerms& terms, const Result<RemoteOpener::Opened>& answer,
                               ByteView cryptogram) const {
  const RemoteService& service = *terms.apple_remote->service;
  if (!answer) {
    const bool answered = does_not_open(answer.error().code());
    log_(runtime::Level::warning,
         answered ? "a pass did not open" : "a pass could not be opened elsewhere", answer.error(),
         {{"reader", reader_},
          {"pass", terms.name},
          {"service", service.name},
          {"key_id", key_id_text(cryptogram)}});
  } else if (!answer->stamped_at && !service.told_unstamped.exchange(true)) {
    log_(runtime::Level::notice,
         "a decryption service does not tell when a phone made its answer: copies are refused for "
         "a day, freshness is not checked",
         {{"service", service.name}});
  }
}

}  // namespace passgate::daemon
