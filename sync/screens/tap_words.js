// SPDX-License-Identifier: Apache-2.0
// What a row of the operator's page says of a tap.
import { actText } from "./act_dialog.js";
import { element } from "./elements.js";

const KIND = { admit: "good", deny: "bad", read: "quiet" };

const CONFLICT = {
  duplicate_offline: "admitted more often than the pass allows",
  after_revocation: "admitted after it was revoked",
  race: "admitted while it was being revoked",
  wrongly_refused: "wrongly refused",
};

/** A conflict is no visit: it has none. */
export function decision({ kind, decision: decided }) {
  if (kind === "conflict") return "";
  if (kind === "undo") return element("span", { class: "decision quiet" }, "undo");
  return element("span", { class: `decision ${KIND[decided] ?? ""}` }, decided);
}

function conflictText({ kind, conflict, flag, terminal }) {
  if (kind !== "conflict") return undefined;
  return `conflict${flag === "withdrawn" ? " withdrawn" : ""}: ${CONFLICT[conflict] ?? conflict} at ${terminal}`;
}

function people({ party = 1, flag }) {
  if (flag === "partial_party") return `only ${party} of the group`;
  return party > 1 ? `${party} people` : "";
}

/** Empty: a first use by one person. `wording(reason)` names a reason. */
export function tapWords(tap, wording) {
  const happened = conflictText(tap) ?? actText(tap) ?? (tap.reason === "ok" ? "" : wording(tap.reason));
  const use = tap.use > 1 ? `use ${tap.use}` : "";
  return [happened || use, people(tap)].filter(Boolean).join(" · ");
}
