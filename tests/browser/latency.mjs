// SPDX-License-Identifier: Apache-2.0
// How long the gate screen takes, with the real programs and a real browser on
// this machine: from the tap that is decided to green, from a killed
// passgate-syncd to "offline", and from its start to "ready".
//   node latency.mjs [RUNS]
import { face, launch, open as openPage, until } from "./browser.mjs";
import { Terminal, ticket } from "./terminal.mjs";

const RUNS = Number(process.argv[2] ?? 10);

/** When the page next has this face, painted: milliseconds of the wall clock. */
const painted = (page, wanted) =>
  page.evaluate(
    (name) =>
      new Promise((resume) => {
        const seen = () => requestAnimationFrame(() => requestAnimationFrame(() => resume(performance.timeOrigin + performance.now())));
        if (document.body.dataset.face === name) return seen();
        const watch = new MutationObserver(() => {
          if (document.body.dataset.face !== name) return;
          watch.disconnect();
          seen();
        });
        watch.observe(document.body, { attributeFilter: ["data-face"] });
      }),
    wanted,
  );

/** When the decision was on disk: what the lamp waits for as well. */
function decided(tap) {
  const { exchange, session, open, decide, journal } = tap.stages_us;
  return Date.parse(tap.time) + (exchange + session + open + decide + journal) / 1000;
}

function report(what, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  console.log(`${what.padEnd(34)} median ${median.toFixed(0).padStart(5)} ms   worst ${sorted.at(-1).toFixed(0).padStart(5)} ms   ${times.length} runs`);
}

const browser = await launch();
const terminal = await Terminal.start();
try {
  const page = await openPage(await browser.newContext(), `${terminal.url}/gate?reader=north-1`);
  const told = terminal.taps();
  const times = { green: [], offline: [], ready: [] };
  for (let run = 0; run < RUNS; ++run) {
    await face(page, "ready");
    const green = painted(page, "admit");
    const [{ value: tap }] = await Promise.all([told.next(), terminal.tap(ticket(run))]);
    times.green.push((await green) - decided(tap));
  }
  for (let run = 0; run < RUNS; ++run) {
    await face(page, "ready");
    const offline = painted(page, "offline");
    const killed = Date.now();
    await terminal.endPart("passgate-syncd", "SIGKILL");
    times.offline.push((await offline) - killed);
    const ready = painted(page, "ready");
    const started = Date.now();
    await terminal.startPart("passgate-syncd");
    times.ready.push((await ready) - started);
    await until(async () => (await terminal.answers("/readyz")) === 200, "the terminal to be ready");
  }
  report("tap decided to green on screen", times.green);
  report("passgate-syncd killed to offline", times.offline);
  report("passgate-syncd started to ready", times.ready);
} finally {
  await browser.close();
  await terminal.stop();
}
