// SPDX-License-Identifier: Apache-2.0
#include "daemon/operator_acts.h"

#include <algorithm>
#include <limits>

#include "daemon/new_tap_id.h"
#include "gate/overriding.h"

namespace passgate::daemon {
namespace {

using gate::Decision;
using gate::Direction;
using gate::Kind;
using gate::TapRecord;
using nlohmann::json;

/// One line of text, as a person writes it.
bool is_line(const std::string& text, std::size_t longest) {
  const auto control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  };
  return !text.empty() && text.size() <= longest && std::ranges::none_of(text, control);
}

json act_json(const TapRecord& record, bool is_new) {
  return {{"type", "act"}, {"tap", gate::to_json(record)}, {"new", is_new}};
}

bool is_refusal(const TapRecord& record) {
  return record.kind == Kind::tap && record.decision == Decision::deny;
}

bool is_admission(const TapRecord& record) {
  return (record.kind == Kind::tap || record.kind == Kind::override) &&
         record.decision == Decision::admit;
}

}  // namespace

Result<OperatorActs::Order> OperatorActs::order_of(const json& question, Kind kind) const {
  const auto tap = TapId::parse(question.at("tap_id").get_ref<const std::string&>());
  Order order{.about = {},
              .operator_id = question.at("operator").get<std::string>(),
              .why = question.at("why").get<std::string>(),
              .done = {}};
  if (!tap || !is_line(order.operator_id, kLongestName) || !is_line(order.why, kLongestWhy)) {
    return fail(Errc::bad_value);
  }
  auto about = parts_.rules.journal.find(*tap);
  if (!about) return std::unexpected(about.error());
  if (!*about) return fail(Errc::no_such_tap);
  order.about = std::move(**about);
  auto done = parts_.rules.journal.act_on(*tap, kind);
  if (!done) return std::unexpected(done.error());
  order.done = std::move(*done);
  return order;
}

Result<json> OperatorActs::answer(const json& question) const {
  return question.at("type") == "override" ? override(question) : undo(question);
}

Result<json> OperatorActs::override(const json& question) const {
  const auto order = order_of(question, Kind::override);
  if (!order) return std::unexpected(order.error());
  if (!is_refusal(order->about)) return fail(Errc::not_refused);
  if (order->done) {
    const auto undone = parts_.rules.journal.act_on(order->done->tap_id, Kind::undo);
    if (!undone) return std::unexpected(undone.error());
    if (*undone) return fail(Errc::not_overridable);
    return act_json(*order->done, false);
  }
  const PassTerms* terms = terms_of(order->about);
  if (terms == nullptr || !gate::may_override(order->about.reason, parts_.allowed)) {
    return fail(Errc::not_overridable);
  }
  for (int round = 0; round < GateJudge::kMostRounds; ++round) {
    TapRecord act = act_on(*order, Kind::override);
    const auto guard = admit(act, *terms);
    if (!guard) return std::unexpected(guard.error());
    const auto position = parts_.rules.journal.record(act, std::nullopt, *guard);
    if (position) return tell(std::move(act), *position);
    if (position.error().code() != Errc::use_taken) return std::unexpected(position.error());
  }
  return fail(Errc::use_taken);
}

Result<json> OperatorActs::undo(const json& question) const {
  const auto order = order_of(question, Kind::undo);
  if (!order) return std::unexpected(order.error());
  if (!is_admission(order->about)) return fail(Errc::not_admitted);
  if (order->done) return act_json(*order->done, false);
  TapRecord act = act_on(*order, Kind::undo);
  act.decision = Decision::deny;
  act.reason = gate::Reason::ok;
  const auto position = parts_.rules.journal.record(
      act, std::nullopt, {.seen_until = {}, .capacity = {}, .emptied_at = emptied_at(act)});
  if (!position) return std::unexpected(position.error());
  return tell(std::move(act), *position);
}

/// The same pass, reader, zone, direction and people, here and now. By the terminal
/// as it was called then, so that everybody sees it act on its own tap. A person
/// does it and sees it done: there is no effect that could be missing.
TapRecord OperatorActs::act_on(const Order& order, Kind kind) const {
  TapRecord act = order.about;
  act.position = 0;
  act.kind = kind;
  act.at = parts_.rules.clock.now();
  act.tap_id = new_tap_id(act.at);
  act.boot_id = parts_.rules.boot_id;
  act.monotonic_ns = parts_.rules.clock.monotonic().time_since_epoch().count();
  act.clock = parts_.rules.clock.state();
  act.clock_error = parts_.rules.clock.error_bound();
  act.use_no = {};
  act.flag = gate::Flag::none;
  act.effected = true;
  act.refers = order.about.tap_id;
  act.operator_id = order.operator_id;
  act.why = order.why;
  act.needed = false;
  return act;
}

std::optional<WallTime> OperatorActs::emptied_at(const TapRecord& act) const {
  const terms::CountedZone* zone = terms::zone_named(parts_.rules.zones, act.zone);
  return zone == nullptr ? std::nullopt : zone->emptied_at(act.at, act.clock);
}

const PassTerms* OperatorActs::terms_of(const TapRecord& record) const {
  const auto same_template = [&](const PassTerms& terms) {
    return terms.pass_template == record.pass_template;
  };
  const auto same = [&](const PassTerms& terms) {
    return same_template(terms) && terms.name == record.pass;
  };
  auto found = std::ranges::find_if(parts_.passes, same);
  if (found == parts_.passes.end()) found = std::ranges::find_if(parts_.passes, same_template);
  return found == parts_.passes.end() ? nullptr : &*found;
}

/// Makes an admission of `act`. Where the rules would admit by now, it is theirs;
/// else it consumes the next uses, the policy's or beyond. Without a pass id
/// nobody can say whose uses these are.
Result<gate::Guard> OperatorActs::admit(TapRecord& act, const PassTerms& terms) const {
  act.decision = Decision::admit;
  if (act.pass_id.empty()) {
    act.needed = true;
    return gate::Guard{.seen_until = {}, .capacity = {}, .emptied_at = emptied_at(act)};
  }
  // As if the phone were held there now; its cryptogram is spent.
  const auto judged = rules_.judge({.terms = terms,
                                    .pass_id = act.pass_id,
                                    .zone = act.zone,
                                    .direction = act.direction,
                                    .party = act.party,
                                    .at = act.at,
                                    .digest = {},
                                    .stamped_at = {}});
  if (!judged) return std::unexpected(judged.error());
  const gate::Verdict& verdict = judged->verdict;
  // Some of the people are not all of them.
  act.needed = verdict.decision != Decision::admit || verdict.party != act.party;
  if (!act.needed) {
    act.use_no = verdict.use_no;
    act.flag = verdict.flag;
  } else if (act.direction == Direction::entry) {
    // A damaged count must not wrap to use 0.
    const unsigned last = judged->history.last_use_no;
    if (last > std::numeric_limits<unsigned>::max() - act.party) return fail(Errc::not_overridable);
    act.use_no = last + 1;
  }
  gate::Guard guard = judged->guard;
  guard.capacity.reset();  // A full zone takes whom a person lets in.
  return guard;
}

json OperatorActs::tell(TapRecord act, std::uint64_t position) const {
  act.position = position;
  parts_.publish({.tap_id = act.tap_id,
                  .position = position,
                  .at = act.at,
                  .reader = act.reader,
                  .zone = act.zone,
                  .direction = act.direction,
                  .decision = act.decision,
                  .reason = gate::Reason::ok,
                  .wallet = act.wallet,
                  .pass = act.pass,
                  .pass_template = act.pass_template,
                  .pass_id = act.pass_id,
                  .use_no = act.use_no,
                  .party = act.party,
                  .flag = act.flag,
                  .kind = act.kind,
                  .refers = act.refers,
                  .operator_id = act.operator_id,
                  .why = act.why});
  return act_json(act, true);
}

}  // namespace passgate::daemon
