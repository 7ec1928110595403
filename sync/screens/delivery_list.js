// SPDX-License-Identifier: Apache-2.0
// What was sent or is to be sent; what failed stands first and can be sent again.
import { moment } from "./amounts.js";
import { order, read } from "./asking.js";
import { cell, element, part, row } from "./elements.js";

const MOST = 50;
const FAILED = new Set(["terminal", "dead", "ambiguous"]);
/** Given up for good: a word that says so. */
const WORDS = { terminal: "failed" };
const kind = (state) => (FAILED.has(state) ? "bad" : state === "done" ? "good" : "warn");

async function again(delivery, button) {
  button.disabled = true;
  let said;
  try {
    const { status } = await order(`/v1/deliveries/${delivery.id}/redeliver`);
    said = `Delivery ${delivery.id} is ${status}.`;
  } catch (refused) {
    said = `Delivery ${delivery.id}: ${refused.message}`;
  }
  part("deliveries-result").textContent = said;
  await showDeliveries();
}

function line(delivery, failed) {
  const button = element("button", { type: "button" }, "Redeliver");
  button.addEventListener("click", () => again(delivery, button));
  return row(
    cell(moment(delivery.created)),
    cell(delivery.destination),
    cell(delivery.kind),
    cell(element("span", { class: "id" }, delivery.pass ?? ""), "wide"),
    cell(element("span", { class: kind(delivery.state) }, WORDS[delivery.state] ?? delivery.state)),
    cell(String(delivery.attempts), "number"),
    cell(delivery.last_error ?? "", "wide"),
    cell(failed ? button : ""),
  );
}

export async function showDeliveries() {
  const [failed, all] = await Promise.all([
    read(`/v1/deliveries?failed=true&limit=${MOST}`),
    read(`/v1/deliveries?limit=${MOST}`),
  ]);
  const first = new Set(failed.deliveries.map((each) => each.id));
  const rest = all.deliveries.filter((each) => !first.has(each.id));
  part("deliveries-body").replaceChildren(
    ...failed.deliveries.map((each) => line(each, true)),
    ...rest.slice(0, MOST).map((each) => line(each, false)),
  );
  part("deliveries-empty").hidden = first.size + rest.length > 0;
}
