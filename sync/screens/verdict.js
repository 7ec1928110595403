// SPDX-License-Identifier: Apache-2.0
// What a tap means to the person who stands at the gate.

/** The terminal could not judge; that says nothing against the pass. As is_own_fault in gate/vocabulary.cpp. */
const OWN_FAULT = new Set(["undecryptable", "stale_cache", "clock_untrusted", "claim_unavailable", "out_of_order", "remote_unavailable"]);
/** The guest has to do something on the phone; the reader's lamp says the same. */
const ATTENTION = new Set(["locked", "choose"]);

/** `face` is what is seen and heard, `headline` the key of its word; null: the tap changes nothing. */
export function verdictOf({ decision, reason, kind }) {
  if (reason === "same_tap" || kind === "undo") return null;
  if (decision === "admit") return { face: "admit", headline: "admit" };
  if (decision === "read") return { face: "read", headline: "read" };
  if (ATTENTION.has(reason)) return { face: "attention", headline: "attention" };
  if (OWN_FAULT.has(reason)) return { face: "fault", headline: "unchecked" };
  return { face: "deny", headline: "deny" };
}
