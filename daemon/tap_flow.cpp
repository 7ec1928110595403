// SPDX-License-Identifier: Apache-2.0
#include "daemon/tap_flow.h"

#include <algorithm>

#include "core/require.h"
#include "daemon/new_tap_id.h"

namespace passgate::daemon {
namespace {

using gate::Decision;
using gate::Reason;

/// A pass that nobody could be asked to open, where no other could be read.
const Presented* only_untried(const std::vector<Presented>& passes) {
  if (std::ranges::find(passes, Reason::ok, &Presented::trouble) != passes.end()) return nullptr;
  const auto found = std::ranges::find(passes, Reason::remote_unavailable, &Presented::trouble);
  return found == passes.end() ? nullptr : &*found;
}

/// An ordinary end of a conversation that gave no pass, in the operator's words.
Reason reason_of(const apdu::Outcome& outcome) {
  if (std::holds_alternative<apdu::PhoneLocked>(outcome)) return Reason::locked;
  if (std::holds_alternative<apdu::ChooseOnPhone>(outcome)) return Reason::choose;
  if (std::holds_alternative<apdu::NotAWallet>(outcome)) return Reason::not_a_wallet;
  return Reason::no_pass;
}

/// And of one that broke off.
Reason reason_of(const Error& error) {
  switch (error.code()) {
    case Errc::card_removed:
    case Errc::deadline_exceeded:
    case Errc::too_many_requests:
      return Reason::lost;  // tap again
    // A phone that has no pass of ours may not know our key either. If none
    // knows it, the mistake is ours, and the log has it.
    case Errc::unknown_collector: return Reason::no_pass;
    default: return Reason::not_a_wallet;
  }
}

/// Nobody goes through; but what is our own failure does not look like a bad pass.
apdu::Signal refusal_signal(Reason reason) {
  return gate::is_own_fault(reason) ? apdu::Signal::fault : apdu::Signal::deny;
}

}  // namespace

// The whole product. Numbers are those of the design's "one tap". A throw in
// here can only be std::bad_alloc: noexcept stops the process, systemd starts
// it again, and the journal knows what was shown.
void TapFlow::visit(apdu::CardChannel& contact, apdu::Lamp& lamp) noexcept {
  StageClock stage(parts_.clock);
  TimedCard card(contact, parts_.clock);
  TapReport report{.tap_id = {},
                   .position = {},
                   .at = parts_.clock.now(),
                   .reader = role_.name,
                   .zone = role_.zone,
                   .direction = role_.direction};
  report.tap_id = new_tap_id(report.at);

  const auto outcome = wallet_.read(card, parts_.clock);  // 2
  report.stages.session = stage.lap() - card.spent();
  card.release();  // opening may take as long as somebody else's service
  report.stages.exchange = card.spent();
  stage.lap();
  const auto passes = outcome ? wallet_.open(*outcome, report.at)  // 3, 4
                              : std::vector<Presented>{};
  report.stages.open = stage.lap();

  if (passes.empty()) {
    conclude_without_pass(outcome, report, lamp);
  } else if (const Presented* untried = only_untried(passes)) {
    conclude_unopened(*untried, report, lamp);
  } else if (role_.wedge) {
    act_in_wedge(passes, report, lamp);
  } else if (is_same_tap(passes)) {
    repeat_last(report, lamp);
  } else {
    const Settled settled = settle(passes, report);  // 5, 6, 7
    act_at_gate(settled, report, lamp);              // 8, 9
  }
  wallet_.prepare();  // nonces and keys for the next phone, while this one leaves
}  // 10: the reader thread waits for removal

TapFlow::TapFlow(Parts parts, ReaderRole role)
    : parts_(std::move(parts)),
      role_(std::move(role)),
      wallet_(role_.passes, role_.name, parts_.log, parts_.sync_sock),
      mirror_(parts_.passes_db),
      rules_({.journal = parts_.journal,
              .mirror = mirror_,
              .clock = parts_.clock,
              .zones = parts_.zones,
              .boot_id = parts_.boot_id}) {}

/// Decide, claim, write - until what was written is what was decided. A
/// conflict means that another reader took this very use meanwhile, let people of
/// this pass in or out, or filled the zone.
TapFlow::Settled TapFlow::settle(const std::vector<Presented>& passes, TapReport& report) {
  StageClock stage(parts_.clock);
  Settled settled{.pass = &passes.front()};
  Status written = fail(Errc::use_taken);
  for (int round = 0; round < GateJudge::kMostRounds && !written; ++round) {
    const auto judged = judge(passes, report);  // 5, 6
    report.stages.decide += stage.lap();
    if (!judged) {
      written = std::unexpected(judged.error());
      break;
    }
    settled = *judged;
    written = record(settled, report);  // 7
    report.stages.journal += stage.lap();
    if (!written && written.error().code() != Errc::use_taken) break;
  }
  settled.recorded = written.has_value();
  if (!written) {
    parts_.log(runtime::Level::error, "nothing can be recorded: nobody is admitted",
               written.error(), {{"reader", role_.name}});
    settled.verdict = {.decision = Decision::deny,
                       .reason = Reason::out_of_order,
                       .use_no = {},
                       .party = settled.pass->party};
  }
  return settled;
}

/// The first pass that may go in, else the first that could be read.
Result<TapFlow::Settled> TapFlow::judge(const std::vector<Presented>& passes,
                                        const TapReport& report) {
  std::optional<Settled> best;
  for (const Presented& pass : passes) {
    auto judged = judge_one(pass, report);
    if (!judged) return judged;
    const bool admitted = judged->verdict.decision == Decision::admit;
    if (admitted) return judged;
    if (!best || best->pass->trouble != Reason::ok) best = *judged;
  }
  return *best;
}

Result<TapFlow::Settled> TapFlow::judge_one(const Presented& pass, const TapReport& report) {
  Settled settled{.pass = &pass};
  settled.verdict.reason = pass.trouble;
  if (pass.trouble != Reason::ok) return settled;
  const auto judged = rules_.judge({.terms = *pass.terms,
                                    .pass_id = pass.pass_id,
                                    .zone = role_.zone,
                                    .direction = role_.direction,
                                    .party = pass.party,
                                    .at = report.at,
                                    .digest = pass.digest,
                                    .stamped_at = pass.stamped_at});
  if (!judged) return std::unexpected(judged.error());
  settled.verdict = judged->verdict;
  settled.history = judged->history;
  settled.guard = judged->guard;
  if (settled.verdict.decision == Decision::admit) claim(settled, report.tap_id);
  return settled;
}

/// Each use by itself: another terminal may have admitted one of the people. Who
/// comes back consumes none.
void TapFlow::claim(Settled& judged, const TapId& tap) {
  const gate::Verdict& verdict = judged.verdict;
  if (!verdict.use_no) return;
  const MonoTime deadline = parts_.clock.monotonic() + parts_.claim_budget;
  for (unsigned person = 0; person < verdict.party; ++person) {
    const auto answer = parts_.claims.claim(judged.pass->terms->pass_template, judged.pass->pass_id,
                                            *verdict.use_no + person, tap, deadline);
    if (answer == gate::Claim::granted || answer == gate::Claim::taken_by_us) continue;
    const bool taken = answer == gate::Claim::taken;
    judged.verdict = {.decision = Decision::deny,
                      .reason = taken ? Reason::already_redeemed : Reason::claim_unavailable,
                      .use_no = {},
                      .party = verdict.party};
    return;
  }
}

gate::TapRecord TapFlow::record_of(const Settled& settled, const TapReport& report) const {
  const Presented& pass = *settled.pass;
  return {
      .tap_id = report.tap_id,
      .at = report.at,
      .boot_id = parts_.boot_id,
      .monotonic_ns = parts_.clock.monotonic().time_since_epoch().count(),
      .clock = parts_.clock.state(),
      .clock_error = parts_.clock.error_bound(),
      .terminal = parts_.terminal,
      .reader = role_.name,
      .zone = role_.zone,
      .direction = role_.direction,
      .wallet = pass.wallet,
      .pass = pass.terms->name,
      .pass_template = pass.terms->pass_template,
      .pass_id = pass.pass_id,
      .object_id = pass.object_id,
      .provider = pass.terms->provider,
      .decision = settled.verdict.decision,
      .reason = settled.verdict.reason,
      .use_no = settled.verdict.use_no,
      .party = settled.verdict.party,
      .flag = settled.verdict.flag,
  };
}

Status TapFlow::record(const Settled& settled, TapReport& report) {
  const Presented& pass = *settled.pass;
  // A cryptogram is a bearer token for as long as its stamp is accepted. Where
  // none is checked, or a service does not tell it, a day has to do.
  const auto skew = pass.terms->policy.max_skew;
  const bool checked = skew.count() > 0 && pass.stamped_at;
  const auto keep = checked ? 2 * skew : std::chrono::seconds(std::chrono::hours(24));
  std::optional<gate::Remember> remember;
  if (!role_.wedge && pass.digest) remember = {.digest = *pass.digest, .until = report.at + keep};
  // A refusal stands whatever happened meanwhile; it moves nobody.
  const gate::Guard refused{
      .seen_until = {}, .capacity = {}, .emptied_at = settled.guard.emptied_at};
  const bool admitted = settled.verdict.decision == Decision::admit;
  const auto position = parts_.journal.record(record_of(settled, report), remember,
                                              admitted ? settled.guard : refused);
  if (!position) return std::unexpected(position.error());
  report.position = *position;
  return {};
}

Typed TapFlow::type(const Presented& pass) {
  if (pass.terms->type.empty()) return Typed::nothing;
  const auto text = pass.terms->type.render(pass.fields);
  const Status typed = text ? parts_.keyboard.type(*text) : std::unexpected(text.error());
  if (typed) return Typed::typed;
  parts_.log(runtime::Level::error, "nothing was typed", typed.error(),
             {{"reader", role_.name}, {"pass", pass.terms->name}});
  return typed.error().code() == Errc::untypable ? Typed::untypable : Typed::failed;
}

void TapFlow::act_at_gate(const Settled& settled, TapReport& report, apdu::Lamp& lamp) {
  const bool admitted = settled.verdict.decision == Decision::admit;
  PG_REQUIRE(!admitted || settled.recorded);  // Green is never shown for what is not on disk.
  StageClock stage(parts_.clock);
  last_signal_ = admitted ? apdu::Signal::admit : refusal_signal(settled.verdict.reason);
  lamp.show(last_signal_);
  if (admitted) report.typed = type(*settled.pass);
  report.stages.act = stage.lap();
  if (settled.recorded) {
    note_effected(report.tap_id);  // 9
    last_ = {.pass_template = settled.pass->terms->pass_template,
             .pass_id = settled.pass->pass_id,
             .at = parts_.clock.monotonic(),
             .decision = settled.verdict.decision};
  }
  describe(settled, report);
  parts_.publish(report);
}

/// A till wants text, and nobody is judged: typed at once, journalled after. A
/// journal that fails costs the record, not the sale.
void TapFlow::act_in_wedge(const std::vector<Presented>& passes, TapReport& report,
                           apdu::Lamp& lamp) {
  const auto readable = std::ranges::find(passes, Reason::ok, &Presented::trouble);
  const bool read = readable != passes.end();
  Settled settled{.pass = read ? &*readable : &passes.front()};
  settled.verdict = {.decision = read ? Decision::read : Decision::deny,
                     .reason = settled.pass->trouble,
                     .use_no = {},
                     .party = settled.pass->party};
  StageClock stage(parts_.clock);
  if (read) report.typed = type(*settled.pass);
  lamp.show(report.typed == Typed::typed ? apdu::Signal::admit
                                         : refusal_signal(settled.verdict.reason));
  report.stages.act = stage.lap();
  const Status written = record(settled, report);
  if (written) {
    note_effected(report.tap_id);
  } else {
    parts_.log(runtime::Level::error, "a read was not recorded", written.error(),
               {{"reader", role_.name}});
  }
  report.stages.journal = stage.lap();
  describe(settled, report);
  parts_.publish(report);
}

void TapFlow::conclude_without_pass(const Result<apdu::Outcome>& outcome, TapReport& report,
                                    apdu::Lamp& lamp) {
  if (outcome) {
    report.reason = reason_of(*outcome);
  } else {
    report.reason = reason_of(outcome.error());
    parts_.log(runtime::Level::warning, "a conversation broke off", outcome.error(),
               {{"reader", role_.name}});
  }
  const bool person_can_act = report.reason == Reason::locked || report.reason == Reason::choose;
  lamp.show(person_can_act ? apdu::Signal::attention : apdu::Signal::deny);
  parts_.publish(report);
}

/// Nothing is known of the pass, not even that it is one of ours: not a scan to
/// be told to a backend, and nothing that the guest could have done better.
void TapFlow::conclude_unopened(const Presented& pass, TapReport& report, apdu::Lamp& lamp) {
  report.reason = Reason::remote_unavailable;
  report.wallet = pass.wallet;
  report.pass = pass.terms->name;
  report.pass_template = pass.terms->pass_template;
  lamp.show(refusal_signal(report.reason));
  parts_.publish(report);
}

bool TapFlow::is_same_tap(const std::vector<Presented>& passes) const {
  return last_ && std::ranges::any_of(passes, [this](const Presented& pass) {
           return gate::is_same_tap(*last_, pass.terms->pass_template, pass.pass_id,
                                    parts_.clock.monotonic(), role_.rearm);
         });
}

/// The phone never left: nothing changes, and green is not shown again. A
/// refusal may be: the person is still standing there.
void TapFlow::repeat_last(TapReport& report, apdu::Lamp& lamp) {
  last_->at = parts_.clock.monotonic();
  if (last_->decision == Decision::deny) lamp.show(last_signal_);
  report.reason = Reason::same_tap;
  report.pass_template = last_->pass_template;
  report.pass_id = last_->pass_id;
  parts_.publish(report);
}

void TapFlow::note_effected(const TapId& tap) {
  // Losing this mark loses nothing but certainty; the tap itself is on disk.
  const Status marked = parts_.journal.mark_effected(tap);
  if (!marked) parts_.log(runtime::Level::warning, "an effect was not noted", marked.error());
}

void TapFlow::describe(const Settled& settled, TapReport& report) {
  report.decision = settled.verdict.decision;
  report.reason = settled.verdict.reason;
  report.use_no = settled.verdict.use_no;
  report.party = settled.verdict.party;
  report.flag = settled.verdict.flag;
  report.wallet = settled.pass->wallet;
  report.pass = settled.pass->terms->name;
  report.pass_template = settled.pass->terms->pass_template;
  report.pass_id = settled.pass->pass_id;
  for (const std::string& field : settled.pass->terms->display) {
    const auto shown = settled.pass->fields.find(field);
    if (shown != settled.pass->fields.end()) report.display.emplace(field, shown->second);
  }
  report.first_use = settled.history.first_use;
  report.first_reader = settled.history.first_reader;
}

}  // namespace passgate::daemon
