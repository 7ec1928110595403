// SPDX-License-Identifier: Apache-2.0
#include "daemon/tap_report.h"

#include <nlohmann/json.hpp>

namespace passgate::daemon {

std::string_view name(Typed typed) noexcept {
  switch (typed) {
    case Typed::nothing: return "nothing";
    case Typed::typed: return "typed";
    case Typed::untypable: return "untypable";
    case Typed::failed: return "failed";
  }
  return "nothing";
}

nlohmann::json to_json(const TapReport& report) {
  const StageTimes& t = report.stages;
  nlohmann::json json = {
      {"tap_id", report.tap_id.text()},
      {"time", to_rfc3339_ms(report.at)},
      {"reader", report.reader},
      {"zone", report.zone},
      {"direction", gate::name(report.direction)},
      {"decision", gate::name(report.decision)},
      {"reason", gate::name(report.reason)},
      {"typed", name(report.typed)},
      {"stages_us",
       {{"exchange", t.exchange.count()},
        {"session", t.session.count()},
        {"open", t.open.count()},
        {"decide", t.decide.count()},
        {"journal", t.journal.count()},
        {"act", t.act.count()},
        {"own", t.own().count()}}},
  };
  if (report.position) json["position"] = *report.position;
  if (report.wallet) json["wallet"] = gate::name(*report.wallet);
  if (!report.pass.empty()) {
    json["pass"] = report.pass;
    json["pass_template"] = report.pass_template;
  }
  if (!report.pass_id.empty()) json["pass_id"] = report.pass_id;
  if (!report.display.empty()) json["display"] = report.display;
  if (report.use_no) json["use"] = *report.use_no;
  if (report.party != 1) json["party"] = report.party;
  if (report.flag != gate::Flag::none) json["flag"] = gate::name(report.flag);
  if (report.first_use) {
    json["first_use"] = to_rfc3339_ms(*report.first_use);
    json["first_reader"] = report.first_reader;
  }
  if (report.kind != gate::Kind::tap) {
    json["kind"] = gate::name(report.kind);
    json["operator"] = report.operator_id;
    json["why"] = report.why;
  }
  if (report.refers) json["refers"] = report.refers->text();
  return json;
}

}  // namespace passgate::daemon
