// SPDX-License-Identifier: Apache-2.0
// Two plots of time and one of refusals, drawn.
import { microseconds } from "./amounts.js";
import { drawn, element } from "./elements.js";

const WIDTH = 640;
const LEFT = 70;
const RIGHT = 90;
/** What our own part of a tap should stay below. */
const OWN_LIMIT_US = 5000;
const STAGES = ["exchange", "session", "open", "decide", "journal", "act", "own"];

/** From 1 µs on, each factor of ten as wide as the next. */
const logScale = (most) => {
  const decades = Math.max(1, Math.ceil(Math.log10(Math.max(most, 10))));
  return { decades, at: (us) => Math.log10(Math.max(us, 1)) / decades };
};

const text = (x, y, content, attributes = {}) => drawn("text", { x, y, ...attributes }, content);

function gridlines(scale, height, x) {
  const lines = [];
  for (let decade = 0; decade <= scale.decades; ++decade) {
    const us = 10 ** decade;
    lines.push(drawn("line", { class: "grid", x1: x(us), x2: x(us), y1: 0, y2: height }));
    lines.push(text(x(us), height + 13, microseconds(us), { "text-anchor": "middle" }));
  }
  return lines;
}

/** p50 and p99 of each stage, as passgated counts them. */
export function stagePlot(stages) {
  const shown = STAGES.filter((name) => stages[name]?.count);
  if (shown.length === 0) return element("p", { class: "empty" }, "No taps yet.");
  const scale = logScale(Math.max(...shown.map((name) => stages[name].p99_us)));
  const x = (us) => LEFT + scale.at(us) * (WIDTH - LEFT - RIGHT);
  const height = shown.length * 20;
  const bars = shown.flatMap((name, i) => {
    const { p50_us, p99_us } = stages[name];
    const bar = (us, kind) =>
      drawn("rect", { class: kind, x: LEFT, y: i * 20 + 4, width: Math.max(2, x(us) - LEFT), height: 12 });
    return [
      bar(p99_us, "high"),
      bar(p50_us, "low"),
      text(LEFT - 8, i * 20 + 14, name, { "text-anchor": "end", class: "value" }),
      text(x(p99_us) + 6, i * 20 + 14, `${microseconds(p50_us)} / ${microseconds(p99_us)}`, { class: "value" }),
    ];
  });
  const title = "Half of the taps (dark) and 99 of 100 (light) stayed below";
  return drawn("svg", { viewBox: `0 0 ${WIDTH} ${height + 18}`, role: "img", "aria-label": title },
    drawn("title", {}, title), ...gridlines(scale, height, x), ...bars);
}

/** Our own time in each of the last taps. `taps` newest first. */
export function tapPlot(taps) {
  const timed = taps.filter((tap) => tap.stages_us).reverse();
  if (timed.length === 0) return element("p", { class: "empty" }, "Taps seen from here on appear as dots.");
  const height = 110;
  const scale = logScale(Math.max(OWN_LIMIT_US, ...timed.map((tap) => tap.stages_us.own)));
  const y = (us) => height - scale.at(us) * height;
  const times = timed.map((tap) => Date.parse(tap.time));
  const [first, last] = [times[0], times.at(-1)];
  const x = (time) => LEFT + (last > first ? (time - first) / (last - first) : 1) * (WIDTH - LEFT - 20);
  const lines = [];
  for (let decade = 0; decade <= scale.decades; ++decade) {
    const us = 10 ** decade;
    lines.push(drawn("line", { class: "grid", x1: LEFT, x2: WIDTH - 10, y1: y(us), y2: y(us) }));
    lines.push(text(LEFT - 8, y(us) + 4, microseconds(us), { "text-anchor": "end" }));
  }
  const dots = timed.map((tap, i) =>
    drawn("circle", { class: tap.decision === "deny" ? "dot refused" : "dot", cx: x(times[i]), cy: y(tap.stages_us.own), r: 3.5 },
      drawn("title", {}, `${tap.reader}: ${microseconds(tap.stages_us.own)}`)));
  const clock = (time) => new Date(time).toLocaleTimeString("en-GB");
  const title = "Our own time in each of the last taps";
  return drawn("svg", { viewBox: `0 -8 ${WIDTH} ${height + 26}`, role: "img", "aria-label": title },
    drawn("title", {}, title), ...lines,
    drawn("line", { class: "limit", x1: LEFT, x2: WIDTH - 10, y1: y(OWN_LIMIT_US), y2: y(OWN_LIMIT_US) }),
    ...dots,
    text(LEFT, height + 15, clock(first)),
    text(WIDTH - 10, height + 15, clock(last), { "text-anchor": "end" }));
}

/** How often each reason refused. `outcomes`: "deny/expired" → count. */
export function refusalPlot(outcomes, wording) {
  const refused = Object.entries(outcomes)
    .filter(([outcome]) => outcome.startsWith("deny/") && outcome !== "deny/same_tap")
    .map(([outcome, count]) => [outcome.slice(5), count])
    .sort((a, b) => b[1] - a[1]);
  if (refused.length === 0) return element("p", { class: "empty" }, "Nobody was refused.");
  const most = refused[0][1];
  const names = 240;
  const bars = refused.flatMap(([reason, count], i) => [
    text(names - 8, i * 20 + 14, wording(reason), { "text-anchor": "end", class: "value" }),
    drawn("rect", { class: "refused", x: names, y: i * 20 + 4, width: Math.max(2, (count / most) * 150), height: 12 }),
    text(names + 6 + Math.max(2, (count / most) * 150), i * 20 + 14, String(count), { class: "value" }),
  ]);
  const title = "Refusals by reason";
  return drawn("svg", { viewBox: `0 0 430 ${refused.length * 20 + 4}`, role: "img", "aria-label": title },
    drawn("title", {}, title), ...bars);
}
