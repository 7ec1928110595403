// SPDX-License-Identifier: Apache-2.0
// Times and durations for a person to read.

const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

/** Local; the time alone when it was today. */
export function moment(text) {
  if (!text) return "never";
  const date = new Date(text);
  return (date.toDateString() === new Date().toDateString() ? CLOCK : MOMENT).format(date);
}

/** "2 h 5 min": the two largest units. */
export function duration(seconds) {
  let rest = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex(([, size]) => rest >= size);
  if (first < 0) return "0 s";
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count ? `${count} ${unit}` : "";
  });
  return parts.filter(Boolean).join(" ");
}

/** Of a time by the terminal's clock, not by this machine's. */
export const ageOf = (text, now) => Math.max(0, (now - Date.parse(text)) / 1000);

export function microseconds(us) {
  if (us < 1000) return `${us} µs`;
  if (us < 1e6) return `${(us / 1000).toFixed(us < 10000 ? 1 : 0)} ms`;
  return `${(us / 1e6).toFixed(1)} s`;
}
