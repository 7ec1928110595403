// SPDX-License-Identifier: Apache-2.0
// The operator's page: what the terminal does, and why.
import { duration } from "./amounts.js";
import { read } from "./asking.js";
import { showDeliveries } from "./delivery_list.js";
import { part } from "./elements.js";
import { PassLookUp } from "./pass_look_up.js";
import { refusalPlot, stagePlot, tapPlot } from "./plots.js";
import { TapList } from "./tap_list.js";
import { TapStream } from "./tap_stream.js";
import { condition, peerFacts, terminalFacts } from "./terminal_state.js";

const REFRESH_MS = 5000;
/** As many as the table holds, in one question. */
const CATCH_UP = 200;

const { reasons } = await read("/assets/en.json");
const wording = (reason) => reasons[reason]?.what ?? reason;

const lookUp = new PassLookUp(wording);
const list = new TapList(wording, (tap) => {
  lookUp.look(tap.pass || tap.pass_template, tap.pass_id);
  part("look-up").scrollIntoView({ block: "nearest" });
});
let latest = null;
let conflicts = 0;

function head({ text, kind }) {
  part("condition").textContent = text;
  part("condition").className = kind;
}

function drawTimes() {
  const stages = latest?.passgated?.taps.stages ?? {};
  part("latency-body").replaceChildren(stagePlot(stages), tapPlot(list.taps));
}

/** They are not told live: when there are others, the journal has them. */
function showConflicts(counts = {}) {
  const told = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (told !== conflicts) catchUp().then(() => (conflicts = told), () => {});
}

function showStatus(status) {
  latest = status;
  const core = status.passgated;
  head(condition(status));
  if (core) {
    part("terminal").textContent = core.terminal;
    document.title = `${core.terminal} · passgate`;
    part("facts").textContent = `passgate ${core.version}, up ${duration(core.uptime_s)}`;
    lookUp.offer(core.passes);
    showConflicts(core.conflicts);
    part("refusals-body").replaceChildren(refusalPlot(core.taps.outcomes ?? {}, wording));
  }
  part("state-body").replaceChildren(terminalFacts(core));
  const now = core ? Date.parse(core.time) : Date.now();
  part("clouds-body").replaceChildren(...peerFacts(status["passgate-syncd"], now));
  drawTimes();
}

let refreshing = false;
async function refresh() {
  if (document.hidden || refreshing) return;
  refreshing = true;
  try {
    showStatus(await read("/v1/status"));
    await showDeliveries();
  } catch (refused) {
    head({ text: refused.message, kind: "bad" });
  } finally {
    refreshing = false;
  }
}

async function catchUp() {
  const { taps } = await read(`/v1/taps?limit=${CATCH_UP}`);
  for (const tap of taps) list.add(tap, false);
  drawTimes();
}

let connected = false;
new TapStream("/v1/taps/stream", {
  state() {
    if (connected) return;
    connected = true;
    catchUp().catch(() => (connected = false));
    refresh();
  },
  tap(tap) {
    list.add(tap, !tap.stale);
    drawTimes();
    refreshSoon();
  },
  gap: () => void catchUp().catch(() => {}),
  lost({ hidden }) {
    connected = false;
    if (!hidden) head({ text: "The terminal does not answer: nothing new is shown", kind: "bad" });
  },
});

/** After a tap, but not after each of many. */
let soon = 0;
function refreshSoon() {
  if (soon) return;
  soon = setTimeout(() => {
    soon = 0;
    refresh();
  }, 1000);
}

document.addEventListener("visibilitychange", refresh);
setInterval(refresh, REFRESH_MS);
refresh();
