// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/book_state.h"

#include <string>

namespace passgate::sim {
namespace {

using nlohmann::json;

json redemptions_of(const CloudPass& pass) {
  json all = json::array();
  for (const auto& each : pass.redemptions) {
    all.push_back({{"id", each.id},
                   {"accepted", each.accepted},
                   {"reason", each.reason},
                   {"by", each.by},
                   {"comment", each.comment},
                   {"at", each.at}});
  }
  return all;
}

json effects_of(const PassTemplate& of, std::size_t position) {
  json all = json::array();
  for (const auto& each : of.effects(position)) {
    json one = each.marker;
    one["what"] = each.what;
    one["at"] = each.at;
    all.push_back(std::move(one));
  }
  return all;
}

json pass_state(const PassTemplate& of, std::size_t position) {
  const CloudPass& pass = of.ever()[position];
  return {{"id", pass.id},
          {"status", pass.status},
          {"fields", of.values(pass)},
          {"metadata", pass.metadata},
          {"voided", pass.voided},
          {"expires", pass.expires},
          {"redeemed_count", pass.redeemed_count},
          {"redemptions", redemptions_of(pass)},
          {"effects", effects_of(of, position)},
          {"patches", pass.patches},
          {"puts", pass.puts},
          {"destroyed", pass.destroyed}};
}

}  // namespace

json book_state(const PassBook& book, const Target& choice) {
  const auto only_template = choice.parameter("template");
  const auto only_serial = choice.parameter("serial");
  const bool touched = choice.parameter("touched") == "1";
  json templates = json::object();
  for (const auto& of : book.templates()) {
    if (only_template && *only_template != of.id()) continue;
    json& passes = templates[of.id()] = json::object();
    const auto add = [&](std::size_t position) {
      const std::string& serial = of.ever()[position].serial;
      if (!only_serial || *only_serial == serial) passes[serial] = pass_state(of, position);
    };
    if (touched) {
      for (const std::size_t position : of.touched()) add(position);
    } else {
      for (std::size_t i = 0; i < of.ever().size(); ++i) add(i);
    }
  }
  return templates;
}

}  // namespace passgate::sim
