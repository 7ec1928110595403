// SPDX-License-Identifier: Apache-2.0
// The gate screen: what the terminal is like, and for a moment what became of a
// tap. It never shows what it does not know to be true now.
import { Chime } from "./chime.js";
import { FRESH_MS, TapStream } from "./tap_stream.js";
import { verdictOf } from "./verdict.js";
import { Wording } from "./wording.js";

const VERDICT_MS = FRESH_MS;
const SMALLEST = 0.45;
const OUT_OF_SERVICE = ["journal_out_of_order", "pcsc_unavailable", "no_reader"];
const NOTICES = ["clock_unset", "mirror_stale"];

const part = (id) => document.getElementById(id);
const reader = new URLSearchParams(location.search).get("reader");
const wording = await Wording.load(document.documentElement.lang);
const chime = new Chime(part("sound"));

/** As the stream said last; null: nothing is known now. */
let state = null;
let lost = null;
let verdict = null;
let verdictEnds = 0;
let shown = "";

/** @param view {face, headline, people, only: some of them, what, advice, evidence, reader, display} */
function show(view) {
  // The same again is no news, least of all to who has it read aloud.
  const whole = JSON.stringify(view);
  if (whole === shown) return;
  shown = whole;
  document.body.dataset.face = view.face;
  for (const id of ["headline", "people", "what", "advice", "evidence", "reader"]) {
    part(id).textContent = view[id] ?? "";
  }
  part("people").classList.toggle("only", view.only === true);
  const fields = Object.entries(view.display ?? {}).flatMap(([name, value]) => {
    const term = document.createElement("dt");
    const definition = document.createElement("dd");
    term.textContent = name.replaceAll("_", " ");
    definition.textContent = String(value);
    const field = document.createElement("div");
    field.append(term, definition);
    return field;
  });
  part("display").replaceChildren(...fields);
  fit();
}

/** Smaller words rather than words beyond the edge. */
function fit() {
  const main = document.querySelector("main");
  for (let size = 1; size >= SMALLEST; size -= 0.05) {
    main.style.setProperty("--fit", size);
    if (main.scrollHeight <= main.clientHeight) return;
  }
}

function trouble(face, key, values) {
  return { face, headline: wording.text(key, values), advice: wording.text(`${key}_do`) };
}

function lostView() {
  if (lost.status === 404) return trouble("unavailable", "no_such_reader", { reader });
  if (lost.status === 401 || lost.status === 403) return trouble("unavailable", "not_allowed");
  return trouble("offline", "offline", { time: wording.moment(lost.since) });
}

/** What keeps this screen's reader, or all of them, from taking a phone. */
function outOfService() {
  const reason = OUT_OF_SERVICE.find((each) => state.reasons.includes(each));
  if (reason === "journal_out_of_order") {
    const words = wording.reason("out_of_order");
    return { face: "unavailable", headline: words.what, advice: words.do };
  }
  if (reason === "pcsc_unavailable") return trouble("unavailable", reason);
  const watched = state.readers.filter((each) => !reader || each.reader === reader);
  const works = (each) => each.state !== "unavailable" && each.state !== "stuck";
  if (watched.some(works)) return null;
  const stuck = watched.some((each) => each.state === "stuck");
  return trouble("unavailable", stuck ? "reader_stuck" : "reader_unavailable");
}

function render() {
  if (lost) return show(lostView());
  if (!state) return show({ face: "connecting", headline: wording.text("connecting") });
  if (state.core !== "connected") {
    const time = wording.moment(new Date(state.since));
    return show(trouble("offline", "offline", { time }));
  }
  if (verdict) return show(verdict);
  show(outOfService() ?? { face: "ready", headline: wording.text("ready") });
}

function endVerdict() {
  verdict = null;
  for (const running of part("drain").getAnimations()) running.cancel();
}

function firstUse(tap) {
  if (!tap.first_use) return "";
  const time = wording.moment(new Date(tap.first_use));
  return wording.text(tap.first_reader ? "first_use" : "first_use_somewhere", { time, reader: tap.first_reader });
}

/** {what, do}: of a person's decision who it was. */
function wordsOf(tap) {
  if (tap.decision === "read") return { what: "", do: "" };
  if (tap.kind === "override") return { what: wording.text("admitted_by", { operator: tap.operator }), do: "" };
  return wording.reason(tap.reason);
}

/** How many the gate judged: of a party in part not what stands in the pass. */
function peopleOf({ party: count = 1 }, only) {
  if (only) return wording.text("people_only", { count });
  return count > 1 ? wording.text("people", { count }) : "";
}

function adviceOf({ decision }, words, only) {
  if (only) return wording.text("people_only_do");
  return decision === "admit" ? "" : words.do;
}

function showTap(tap) {
  const judged = verdictOf(tap);
  if (tap.stale || !judged) return;
  const words = wordsOf(tap);
  const only = tap.flag === "partial_party";
  endVerdict();
  verdict = {
    face: judged.face,
    headline: wording.text(judged.headline),
    people: peopleOf(tap, only),
    only,
    what: words.what,
    advice: adviceOf(tap, words, only),
    evidence: firstUse(tap),
    reader: reader ? "" : [tap.reader, tap.zone].filter(Boolean).join(" · "),
    display: tap.display,
  };
  verdictEnds = performance.now() + VERDICT_MS;
  part("drain").animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], VERDICT_MS);
  render();
  chime.play(judged.face);
}

function tick() {
  part("clock").textContent = wording.time(new Date());
  if (!verdict || performance.now() < verdictEnds) return;
  endVerdict();
  render();
}

document.title = [wording.text("title"), reader].filter(Boolean).join(" ");
part("place").textContent = reader ?? "";
part("sound").textContent = wording.text("sound_off");
render();
tick();
setInterval(tick, 100);
addEventListener("resize", fit);

const query = reader ? `?reader=${encodeURIComponent(reader)}` : "";
new TapStream(`/v1/taps/stream${query}`, {
  state(said) {
    state = said;
    lost = null;
    if (state.core !== "connected") endVerdict();
    const notice = NOTICES.find((each) => state.reasons.includes(each));
    part("notice").textContent = notice ? wording.text(notice) : "";
    render();
  },
  tap: showTap,
  lost(how) {
    state = null;
    // A page that was hidden has lost nothing but the sight of it.
    lost = how.hidden ? null : how;
    part("notice").textContent = "";
    endVerdict();
    render();
  },
});
