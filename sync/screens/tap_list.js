// SPDX-License-Identifier: Apache-2.0
// The last taps: what the journal holds, then live from the stream.
import { actButton, actOn, isAct } from "./act_dialog.js";
import { microseconds, moment } from "./amounts.js";
import { cell, element, part, row } from "./elements.js";
import { decision, tapWords } from "./tap_words.js";

const MOST = 200;

/** `wording(reason)` names a reason; `look(tap)` is called when somebody asks why. */
export class TapList {
  #wording;
  #look;
  #seen = new Set();
  #acts = new Map();
  taps = [];

  constructor(wording, look) {
    this.#wording = wording;
    this.#look = look;
  }

  /** Each once; `live` marks it as new. */
  add(tap, live) {
    if (tap.tap_id) {
      if (this.#seen.has(tap.tap_id)) return;
      this.#seen.add(tap.tap_id);
    }
    const at = this.#moment(tap);
    // What is caught up on after a gap stands where it belongs.
    let place = this.taps.findIndex((each) => each.at <= at);
    if (place < 0) place = this.taps.length;
    if (place >= MOST) return;
    this.taps.splice(place, 0, { ...tap, at });
    if (isAct(tap)) this.#settle(tap.refers);
    const body = part("taps-body");
    const line = this.#row(tap);
    if (live) line.className = "new";
    body.insertBefore(line, body.children[place] ?? null);
    if (this.taps.length > MOST) {
      const oldest = this.taps.pop().tap_id;
      this.#seen.delete(oldest);
      this.#acts.delete(oldest);
      body.lastElementChild.remove();
    }
    part("taps-empty").hidden = true;
  }

  /**
   * When it came about. A conflict has the time of the tap it is about, which may be
   * of the morning; it was told after whatever the journal has before it.
   */
  #moment(tap) {
    const time = Date.parse(tap.time);
    if (tap.kind !== "conflict") return time;
    const before = this.taps.filter((each) => each.position < tap.position);
    return Math.max(time, ...before.map((each) => each.at));
  }

  /** Somebody has acted on it: once is all there is. */
  #settle(id) {
    const cell = this.#acts.get(id);
    if (cell) cell.replaceChildren();
    else this.#acts.set(id, null);
  }

  /** Where the button stands, unless the act came first. */
  #act(tap) {
    const type = actOn(tap);
    const place = cell("");
    if (!type || !tap.tap_id || this.#acts.has(tap.tap_id)) return place;
    place.append(actButton(type, tap));
    this.#acts.set(tap.tap_id, place);
    return place;
  }

  #row(tap) {
    const words = tapWords(tap, this.#wording);
    let why = words;
    if (tap.pass_id && tap.decision === "deny" && !tap.kind) {
      why = element("button", { type: "button", class: "link", title: "Why was this refused?" }, words);
      why.addEventListener("click", () => this.#look(tap));
    }
    return row(
      cell(element("time", { datetime: tap.time }, moment(tap.time))),
      cell(tap.reader),
      cell(decision(tap)),
      cell(why),
      cell(element("span", { class: "id" }, tap.pass_id ?? ""), "wide"),
      cell(tap.stages_us && !tap.kind ? microseconds(tap.stages_us.own) : "", "number"),
      this.#act(tap),
    );
  }
}
