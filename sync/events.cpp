// SPDX-License-Identifier: Apache-2.0
#include "sync/events.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sync/http/url.h"

namespace passgate::sync {

namespace {

// Ordered: the members stand as the event format documents them.
using OrderedJson = nlohmann::ordered_json;

/// Who decided what of which tap, and why.
void add_act(const gate::TapRecord& record, OrderedJson& data) {
  const std::string about = record.refers ? record.refers->text() : std::string();
  if (record.kind == gate::Kind::override) {
    data["overrides"] = {{"tap_id", about}, {"reason", gate::name(record.reason)}};
    data["needed"] = record.needed;
  } else if (record.kind == gate::Kind::undo) {
    data["undoes"] = {{"tap_id", about}};
  } else {
    return;
  }
  data["operator"] = record.operator_id;
  data["why"] = record.why;
}

OrderedJson data_of(const gate::TapRecord& record) {
  OrderedJson data;
  data["tap_id"] = record.tap_id.text();
  data["terminal"] = record.terminal;
  data["reader"] = record.reader;
  data["zone"] = record.zone;
  data["direction"] = gate::name(record.direction);
  data["wallet"] = gate::name(record.wallet);
  data["pass"] = record.pass;
  data["pass_template"] = record.pass_template;
  data["pass_id"] = record.pass_id;
  if (!record.object_id.empty()) data["object_id"] = record.object_id;
  data["decision"] = gate::name(record.decision);
  // An override has the reason that it sets aside; whoever was let in was let in.
  const bool is_override = record.kind == gate::Kind::override;
  data["reason"] = gate::name(is_override ? gate::Reason::ok : record.reason);
  if (record.use_no) data["use"] = *record.use_no;
  if (record.party != 1) data["party"] = record.party;
  if (record.flag != gate::Flag::none) data["flag"] = gate::name(record.flag);
  data["time_of_scan"] = to_rfc3339(record.at);
  data["clock"] = name(record.clock);
  if (record.clock_error) data["clock_error_ms"] = record.clock_error->count();
  add_act(record, data);
  return data;
}

/// What a conflict has beside the record that it is about.
void add_conflict(const gate::TapRecord& record, OrderedJson& data) {
  if (record.conflict) data["conflict"] = gate::name(*record.conflict);
  if (record.refers) data["refers"] = record.refers->text();
  if (record.against) data["against"] = record.against->text();
  data["order_certain"] = record.order_certain;
  data["withdrawn"] = record.flag == gate::Flag::withdrawn;
}

Event event_of(const gate::TapRecord& record, std::string_view type, std::string_view suffix) {
  Event event{
      .id = record.tap_id.text() + std::string(suffix), .type = std::string(type), .body = {}};
  OrderedJson body;
  body["specversion"] = "1.0";
  body["id"] = event.id;
  body["source"] = "/terminals/" + percent_encode(record.terminal);
  body["type"] = event.type;
  body["subject"] = subject_of(record);
  body["time"] = to_rfc3339_ms(record.at);
  // A conflict's position is this journal's, its source the terminal it is about.
  const bool conflict = record.kind == gate::Kind::conflict;
  if (!conflict) body["sequence"] = fmt::format("{:020}", record.position);
  body["datacontenttype"] = "application/json";
  body["data"] = data_of(record);
  if (conflict) add_conflict(record, body["data"]);
  // A reader's name may hold any bytes; an event is valid UTF-8 all the same.
  event.body = body.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  return event;
}

}  // namespace

std::string subject_of(const gate::TapRecord& record) {
  if (record.pass_id.empty()) return record.pass_template;
  return record.pass_template + "/" + record.pass_id;
}

std::vector<Event> events_of(const gate::TapRecord& record) {
  std::vector<Event> events;
  switch (record.kind) {
    case gate::Kind::tap: events.push_back(event_of(record, kScannedType, "-scanned")); break;
    case gate::Kind::override:
      events.push_back(event_of(record, kOverriddenType, "-overridden"));
      break;
    case gate::Kind::undo: events.push_back(event_of(record, kUndoneType, "-undone")); break;
    case gate::Kind::conflict:
      events.push_back(event_of(record, kConflictType, "-conflict"));
      return events;
  }
  if (record.use_no) events.push_back(event_of(record, kRedeemedType, "-redeemed"));
  return events;
}

}  // namespace passgate::sync
