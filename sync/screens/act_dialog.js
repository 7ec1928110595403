// SPDX-License-Identifier: Apache-2.0
// An operator's acts: a refused guest let in, an admission taken back. Why is
// asked for; who it was is the client of this page.
import { order } from "./asking.js";
import { element, part } from "./elements.js";

const WORDS = {
  override: { button: "Override", title: "Let this guest in", done: "Let in" },
  undo: { button: "Undo", title: "Take this admission back", done: "Taken back" },
};

/** Which of them a tap is open to; undefined: none. */
export function actOn({ kind, decision, pass_id: pass }) {
  if (kind === "undo" || kind === "conflict") return undefined;
  if (decision === "admit") return "undo";
  return decision === "deny" && pass && !kind ? "override" : undefined;
}

/** A conflict refers to a tap as well, but nobody has acted on it. */
export const isAct = ({ kind }) => kind === "override" || kind === "undo";

/** What a person did, in words; undefined: it was a tap. */
export function actText({ kind, operator, why }) {
  if (kind === "override") return `let in by ${operator}: ${why}`;
  if (kind === "undo") return `taken back by ${operator}: ${why}`;
  return undefined;
}

let asked = null;

function say(text) {
  part("act-result").textContent = text;
}

async function act(event) {
  event.preventDefault();
  const { type, tap } = asked;
  part("act-do").disabled = true;
  try {
    const done = await order(`/v1/taps/${encodeURIComponent(tap.tap_id)}/${type}`, { why: part("act-why").value.trim() });
    part("acts-result").textContent = `${WORDS[type].done}: ${tap.pass_id ?? ""}${done.new ? "" : " (it was so already)"}`;
    part("act").close();
  } catch (refused) {
    say(refused.message);
  } finally {
    part("act-do").disabled = false;
  }
}

function open(type, tap) {
  asked = { type, tap };
  part("act-title").textContent = WORDS[type].title;
  part("act-about").textContent = [tap.pass, tap.pass_id, tap.reader].filter(Boolean).join(" · ");
  part("act-do").textContent = WORDS[type].button;
  part("act-why").value = "";
  say("");
  part("act").showModal();
}

part("act-form").addEventListener("submit", act);
part("act-leave").addEventListener("click", () => part("act").close());

export function actButton(type, tap) {
  const button = element("button", { type: "button" }, WORDS[type].button);
  button.addEventListener("click", () => open(type, tap));
  return button;
}
