// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/arrivals_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "core/bytes.h"
#include "crypto/digest.h"

namespace passgate::sim {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; }
body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5rem; }
h1 { font-size: 1.2rem; } h2 { font-size: 1rem; margin-top: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8884; }
td { font-family: ui-monospace, monospace; font-size: 12px; overflow-wrap: anywhere; }
.bad { color: #c22; } #state { color: #888; }
)";

constexpr std::string_view kScript = R"(
"use strict";
const requestColumns = ["at", "method", "path", "status", "code", "fault"];
const passColumns = ["template", "serial", "accepted", "refused", "redeemed_count", "voided",
                     "effects", "last"];
function fill(id, columns, rows, isBad) {
  const body = document.getElementById(id);
  body.replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    for (const column of columns) {
      const cell = document.createElement("td");
      const value = row[column];
      cell.textContent = value === null ? "dropped" : value === undefined ? "" : String(value);
      line.append(cell);
    }
    if (isBad(row)) line.className = "bad";
    return line;
  }));
}
async function refresh() {
  const state = document.getElementById("state");
  try {
    const arrived = await (await fetch("/_sim/arrivals", {cache: "no-store"})).json();
    fill("requests", requestColumns, arrived.requests,
         (row) => row.status === null || row.status >= 400 || row.fault !== undefined);
    fill("passes", passColumns, arrived.passes, (row) => row.refused > 0);
    state.textContent = "live";
  } catch (error) {
    state.textContent = "the sandbox does not answer";
  }
  setTimeout(refresh, 1000);
}
refresh();
)";

constexpr std::string_view kBody = R"(<h1>Sandbox cloud <span id="state">…</span></h1>
<h2>Redemptions and writes per pass</h2>
<table><thead><tr><th>template<th>serial<th>accepted<th>refused<th>count<th>voided<th>effects<th>last
<tbody id="passes"></table>
<h2>Requests, newest first</h2>
<table><thead><tr><th>time<th>method<th>path<th>status<th>code<th>fault
<tbody id="requests"></table>
)";

/// How a policy names the one inline text it lets through.
std::string source_of(std::string_view text) {
  return "'sha256-" + to_base64(crypto::sha256(bytes_of(text))) + "'";
}

nlohmann::json pass_line(const PassTemplate& of, std::size_t position) {
  const CloudPass& pass = of.ever()[position];
  const auto accepted = std::ranges::count_if(
      pass.redemptions, [](const CloudPass::Redemption& each) { return each.accepted; });
  const auto& effects = of.effects(position);
  nlohmann::json line = {
      {"template", of.id()},
      {"serial", pass.serial},
      {"accepted", accepted},
      {"refused", static_cast<std::ptrdiff_t>(pass.redemptions.size()) - accepted},
      {"redeemed_count", pass.redeemed_count},
      {"voided", pass.voided || pass.destroyed},
      {"effects", effects.size()}};
  if (!effects.empty()) line["last"] = effects.back().what + " " + effects.back().at;
  return line;
}

}  // namespace

void Arrivals::add(nlohmann::json line) {
  lines_.push_back(std::move(line));
  if (lines_.size() > kMostRequests) lines_.pop_front();
}

nlohmann::json Arrivals::to_json(const PassBook& book) const {
  auto requests = nlohmann::json::array();
  for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) requests.push_back(*line);
  auto passes = nlohmann::json::array();
  for (const auto& of : book.templates()) {
    const auto& touched = of.touched();
    for (auto at = touched.rbegin(); at != touched.rend() && passes.size() < kMostPasses; ++at) {
      passes.push_back(pass_line(of, *at));
    }
  }
  return {{"requests", std::move(requests)}, {"passes", std::move(passes)}};
}

HttpResponse arrivals_page() {
  HttpResponse page;
  page.content_type = "text/html; charset=utf-8";
  page.body = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Sandbox cloud</title>\n"
      "<link rel=\"icon\" href=\"data:,\">\n"
      "<style>{}</style>\n<body>\n{}<script>{}</script>\n</html>\n",
      kStyle, kBody, kScript);
  page.headers = {
      {"Content-Security-Policy",
       fmt::format(
           "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src data:; "
           "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
           source_of(kStyle), source_of(kScript))},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-store"}};
  return page;
}

}  // namespace passgate::sim
