// SPDX-License-Identifier: Apache-2.0
// What a row of the operator's page says of a tap.
import { actText } from "./act_dialog.js";
import { element } from "./elements.js";

const KIND = { admit: "good", deny: "bad", read: "quiet" };

export const decision = (tap) =>
  tap.kind === "undo"
    ? element("span", { class: "decision quiet" }, "undo")
    : element("span", { class: `decision ${KIND[tap.decision] ?? ""}` }, tap.decision);

function people({ party = 1, flag }) {
  if (flag === "partial_party") return `only ${party} of the group`;
  return party > 1 ? `${party} people` : "";
}

/** Empty: a first use by one person. `wording(reason)` names a reason. */
export function tapWords(tap, wording) {
  const happened = actText(tap) ?? (tap.reason === "ok" ? "" : wording(tap.reason));
  const use = tap.use > 1 ? `use ${tap.use}` : "";
  return [happened || use, people(tap)].filter(Boolean).join(" · ");
}
