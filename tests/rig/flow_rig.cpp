// SPDX-License-Identifier: Apache-2.0
#include "tests/rig/flow_rig.h"

#include "core/require.h"
#include "tests/rig/temp_folder.h"

namespace passgate::test {
namespace {

SecretBytes copy(const SecretBytes& secret) {
  Bytes bytes(secret.expose().begin(), secret.expose().end());
  return SecretBytes::take(bytes);
}

daemon::PassTerms make_terms(const FlowRig::Options& options, const SecretBytes& key) {
  crypto::VasKeyRing ring{PassTypeId(kRigPassType)};
  PG_REQUIRE(ring.add(key));
  crypto::CollectorKeys collector{kRigCollector};
  PG_REQUIRE(collector.add(1, key));
  auto pattern = gate::PassPattern::compile(options.pattern);
  auto type = hid::TypingTemplate::parse(options.type);
  PG_REQUIRE(pattern && type);
  return {.name = "rig-pass",
          .provider = options.provider,
          .pass_template = kRigTemplate,
          .signup_url = "",
          .apple_keys = std::move(ring),
          .apple_remote = {},
          .google = daemon::GoogleTerms{.keys = std::move(collector), .services = options.services},
          .pattern = std::move(*pattern),
          .type = std::move(*type),
          .display = options.display,
          .policy = options.policy};
}

}  // namespace

FlowRig::FlowRig(const std::filesystem::path& folder, Options options)
    : folder_(folder),
      options_(std::move(options)),
      key_(crypto::new_private_key_pem()),
      log_(false, options_.log) {
  auto opened = gate::Journal::open(
      {.path = folder_ / "journal.db", .vfs = options_.vfs, .synchronous = options_.synchronous});
  PG_REQUIRE(opened);
  journal.emplace(std::move(*opened));
  auto sink = hid::open_sink({.device = "text:" + (folder_ / "typed.txt").string()});
  PG_REQUIRE(sink);
  sink_ = std::move(*sink);
  terms_.push_back(make_terms(options_, key_));
  if (!options_.second_pattern.empty()) {
    Options second = options_;
    second.pattern = options_.second_pattern;
    terms_.push_back(make_terms(second, key_));
    terms_.back().pass_template = kRigSecondTemplate;
  }
  if (options_.remote) {
    daemon::PassTerms& terms = terms_.at(options_.remote_template);
    terms.apple_remote = {.merchant = crypto::merchant_hash(PassTypeId(kRigPassType)),
                          .service = options_.remote};
    terms.apple_keys.reset();
  }
  north_ = flow("north-1");
}

std::unique_ptr<daemon::TapFlow> FlowRig::flow(const std::string& reader,
                                               gate::Direction direction) {
  std::vector<const daemon::PassTerms*> passes;
  for (const auto& terms : terms_) passes.push_back(&terms);
  return std::make_unique<daemon::TapFlow>(
      daemon::TapFlow::Parts{.journal = *journal,
                             .claims = claims_,
                             .keyboard = *sink_,
                             .clock = time(),
                             .log = log_,
                             .zones = options_.zones,
                             .publish =
                                 [this](const daemon::TapReport& report) {
                                   reports.with([&](auto& all) { all.push_back(report); });
                                 },
                             .passes_db = folder_ / "passes.db",
                             .sync_sock = folder_ / "sync.sock",
                             .terminal = "rig",
                             .boot_id = "boot"},
      daemon::ReaderRole{.name = reader,
                         .zone = "north",
                         .direction = direction,
                         .wedge = options_.wedge,
                         .rearm = options_.rearm,
                         .passes = std::move(passes)});
}

daemon::TapReport FlowRig::tap(sim::Phone& phone) {
  sim::PhoneChannel channel(phone);
  north_->visit(channel, lamp);
  PG_REQUIRE(channel.released());
  return reports.with([](const auto& all) { return all.back(); });
}

std::unique_ptr<sim::VirtualIphone> FlowRig::phone(const std::string& payload,
                                                   sim::IphoneOptions options) const {
  std::vector<sim::WalletPass> passes;
  const ByteView message = bytes_of(payload);
  passes.push_back({.id = PassTypeId(kRigPassType),
                    .terminal_key = copy(key_),
                    .message = Bytes(message.begin(), message.end())});
  return std::make_unique<sim::VirtualIphone>(std::move(passes), options, time());
}

std::unique_ptr<sim::VirtualAndroid> FlowRig::android(const std::string& service_number,
                                                      sim::AndroidOptions options) const {
  std::vector<sim::KnownCollector> collectors;
  collectors.push_back({.id = kRigCollector,
                        .key_version = 1,
                        .key = crypto::CollectorPublicKey::read(key_).value()});
  const sim::GoogleObject object{.kind = apdu::ObjectKind::event_ticket,
                                 .collector = kRigCollector,
                                 .id = {1, 2, 3, 4, 5, 6, 7, 8},
                                 .service_number = service_number};
  return std::make_unique<sim::VirtualAndroid>(std::move(collectors), std::vector{object}, options);
}

SecretBytes FlowRig::key() const {
  return copy(key_);
}

std::string FlowRig::typed() const {
  return content_of(folder_ / "typed.txt");
}

}  // namespace passgate::test
