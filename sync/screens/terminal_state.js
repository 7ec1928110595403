// SPDX-License-Identifier: Apache-2.0
// What both daemons say of themselves, as facts on a page.
import { ageOf, duration, moment } from "./amounts.js";
import { element, facts } from "./elements.js";

const READER = { idle: "good", in_tap: "good", unavailable: "bad", stuck: "bad" };
const CLOCK = { synchronised: "good", holdover: "warn", unset: "bad" };

const marked = (text, kind) => element("span", { class: kind }, text);

/** {text, kind}: what the head of the page says of it all. */
export function condition({ passgated: core, "passgate-syncd": sync }) {
  if (!core) return { text: "passgated does not answer: no phone is taken", kind: "bad" };
  if (!core.journal.healthy) return { text: "Out of order: the journal cannot be written", kind: "bad" };
  if (!core.pcsc) return { text: "pcscd does not answer", kind: "bad" };
  const ill = core.readers.filter((reader) => READER[reader.state] !== "good");
  if (core.readers.length === 0) return { text: "No reader", kind: "bad" };
  if (ill.length) return { text: `Reader ${ill[0].reader ?? ill[0].name} is ${ill[0].state}`, kind: "bad" };
  if (core.clock === "unset") return { text: "The clock is not set", kind: "bad" };
  if (core.passes.some((pass) => pass.stale)) return { text: "The list of a pass is stale", kind: "warn" };
  const peers = [...(sync?.providers ?? []), ...(sync?.subscribers ?? [])];
  const failing = peers.find((peer) => peer.state !== "ok");
  if (failing) return { text: `${failing.name} is ${failing.state}`, kind: "warn" };
  return { text: "In order", kind: "good" };
}

/** Readers, journal, clock, and how fresh each list of passes is. */
export function terminalFacts(core) {
  if (!core) return element("p", { class: "bad" }, "passgated does not answer. Its log says why: journalctl -u passgated");
  const now = Date.parse(core.time);
  const readers = core.readers.map((reader) => [
    `Reader ${reader.reader ?? reader.name}`,
    element("span", {}, marked(reader.state, READER[reader.state]), element("span", { class: "quiet" }, `  ${reader.visits} cards`)),
  ]);
  const waiting = core.journal.last_position - core.journal.acknowledged;
  const passes = core.passes.map((pass) => [`List of ${pass.name}`, freshness(pass, now)]);
  return facts(
    ...readers,
    ["Clock", marked(core.clock, CLOCK[core.clock])],
    ["Journal", core.journal.healthy
      ? `${core.journal.last_position} taps${waiting > 0 ? `, ${waiting} not yet taken over` : ""}`
      : marked("cannot be written", "bad")],
    ...passes,
    ...(core.zones ?? []).map((zone) => [`Zone ${zone.zone}`, people(zone)]),
  );
}

function people({ inside, capacity }) {
  if (capacity === undefined) return `${inside} inside`;
  return inside < capacity ? `${inside} of ${capacity} inside` : marked(`full: ${inside} of ${capacity} inside`, "warn");
}

function freshness(pass, now) {
  if (!pass.provider) return marked("no provider, validity is not checked", "quiet");
  if (!pass.swept_at) return marked("never complete", "bad");
  const age = `${duration(ageOf(pass.swept_at, now))} old`;
  return pass.stale ? marked(`stale: ${age}`, "bad") : age;
}

function queue(peer, failed, now) {
  const age = peer.oldest_queued ? `, the oldest for ${duration(ageOf(peer.oldest_queued, now))}` : "";
  const words = [`${peer.queued ?? 0} queued${age}`];
  if (peer[failed]) words.push(`${peer[failed]} ${failed}`);
  if (peer.ambiguous) words.push(`${peer.ambiguous} ambiguous`);
  return marked(words.join(", "), peer[failed] ? "bad" : peer.queued ? "warn" : "");
}

function peerState(peer) {
  const error = peer.last_error ? ` (${peer.last_error}${peer.last_status ? `, HTTP ${peer.last_status}` : ""})` : "";
  return marked(`${peer.state}${error}`, peer.state === "ok" ? "good" : peer.state === "disabled" ? "bad" : "warn");
}

/** Providers and subscribers: state, queue and its age, and when each list was complete. */
export function peerFacts(sync, now) {
  if (!sync) return [element("p", { class: "empty" }, "passgate-syncd does not answer.")];
  const peers = [
    ...sync.providers.map((peer) => [peer, `provider, ${peer.kind}`, "refused"]),
    ...sync.subscribers.map((peer) => [peer, "subscriber", "dead"]),
  ];
  if (peers.length === 0) return [element("p", { class: "empty" }, "None are configured.")];
  return peers.flatMap(([peer, kind, failed]) => [
    element("h3", {}, peer.name, " ", element("span", { class: "quiet" }, kind)),
    facts(
      ["State", peerState(peer)],
      ["Queue", queue(peer, failed, now)],
      ...(peer.templates ?? []).map((each) => [
        each.template,
        each.completed_at
          ? `complete as of ${moment(each.completed_at)}, ${duration(ageOf(each.completed_at, now))} ago`
          : marked("never complete", "bad"),
      ]),
      ...(peer.sweep ? [["Sweeping", `${peer.sweep.rows} of ${peer.sweep.total ?? "?"}`]] : []),
    ),
  ]);
}
