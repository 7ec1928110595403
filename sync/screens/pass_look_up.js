// SPDX-License-Identifier: Apache-2.0
// "Why was this refused?": what this terminal believes about one pass.
import { moment } from "./amounts.js";
import { read } from "./asking.js";
import { cell, element, facts, part, row } from "./elements.js";
import { decision, tapWords } from "./tap_words.js";

const SHOWN_TAPS = 10;

/** What would come of a tap now, for each zone. */
function judgement({ zone, readers, direction, decision: decided, reason }, wording) {
  const where = [zone || "any zone", (readers ?? []).join(", "), direction === "exit" && "way out"].filter(Boolean).join(" · ");
  const words = {
    admit: "would be admitted now",
    deny: `would be refused now because: ${wording(reason)}`,
    read: "would be read now",
  };
  return element("p", { class: `answer ${decided === "admit" ? "good" : "bad"}` }, `${where}: ${words[decided] ?? decided}`);
}

function belief(known) {
  if (!known) return [["Provider", "none: validity is not checked"]];
  const window = [known.valid_from && `from ${moment(known.valid_from)}`, known.valid_until && `until ${moment(known.valid_until)}`];
  return [
    ["Known as", [known.knowledge, known.state].filter(Boolean).join(", ")],
    ...(window.some(Boolean) ? [["Valid", window.filter(Boolean).join(" ")]] : []),
    ["List as of", moment(known.swept_at)],
  ];
}

function history(past) {
  if (!past?.uses) return [["Uses", "0"]];
  const first = past.first_use ? `, first ${moment(past.first_use)}${past.first_reader ? ` at ${past.first_reader}` : ""}` : "";
  return [["Uses", `${past.uses}${first}`]];
}

function tapTable(taps, wording) {
  if (taps.length === 0) return element("p", { class: "empty" }, "Never tapped here.");
  return element("table", {}, element("tbody", {}, ...taps.slice(0, SHOWN_TAPS).map((tap) =>
    row(cell(moment(tap.time)), cell(tap.reader), cell(decision(tap)), cell(tapWords(tap, wording), "wide")))));
}

export class PassLookUp {
  #wording;
  #asked = 0;

  constructor(wording) {
    this.#wording = wording;
    part("look-up-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.look(part("look-up-template").value, part("look-up-id").value.trim());
    });
  }

  /** What there is to choose from; what is chosen stays. */
  offer(passes) {
    const select = part("look-up-template");
    const names = passes.map((pass) => pass.name);
    if ([...select.options].map((option) => option.value).join("\n") === names.join("\n")) return;
    const chosen = select.value;
    select.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
    if (names.includes(chosen)) select.value = chosen;
  }

  async look(template, id) {
    const asked = ++this.#asked;
    part("look-up-template").value = template;
    part("look-up-id").value = id;
    let shown;
    try {
      const answer = await read(`/v1/passes/${encodeURIComponent(template)}/${encodeURIComponent(id)}`);
      shown = [
        ...(answer.now ?? []).map((one) => judgement(one, this.#wording)),
        facts(...belief(answer.belief), ...history(answer.history)),
        tapTable(answer.taps ?? [], this.#wording),
      ];
    } catch (refused) {
      shown = [element("p", { class: "answer bad" }, refused.message)];
    }
    // A later question has the answer's place.
    if (asked === this.#asked) part("look-up-result").replaceChildren(...shown);
  }
}
