// SPDX-License-Identifier: Apache-2.0
// A terminal that does what a test tells it: the pages' own files, and the stream
// of docs/http.md with the faults that a real passgate-syncd does not have on
// demand (silence, events that come late, a name nobody has).
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { extname, join } from "node:path";

const SCREENS = fileURLToPath(new URL("../../sync/screens/", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml" };
/** As ScreensRoute sends it; tests/sync/screens_test.cpp holds the two together. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const STATE_EVERY_MS = 500;

export class PlayedTerminal {
  #server = createServer((ask, answer) => this.#answer(ask, answer).catch(() => answer.destroy()));
  #streams = new Set();
  #beat = setInterval(() => this.#sayState(), STATE_EVERY_MS);
  #silent = false;
  state = { core: "connected", since: "2026-01-01T00:00:00Z", ready: true, reasons: [], readers: [{ reader: "north-1", state: "idle" }] };
  /** What a path answers: (ask) => object or a promise of it; besides the stream. */
  answers = {};
  /** What the stream is refused with; 0: it is not. */
  refusal = 0;
  opened = 0;
  /** By so many milliseconds. */
  clockIsFast = 0;

  async start() {
    await new Promise((resume) => this.#server.listen(0, "127.0.0.1", resume));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }
  async stop() {
    clearInterval(this.#beat);
    this.#server.closeAllConnections();
    await new Promise((resume) => this.#server.close(resume));
  }

  /** Keeps its connections and says nothing more. */
  set silent(silent) {
    this.#silent = silent;
    if (!silent) this.#sayState();
  }
  breakStreams() {
    for (const stream of this.#streams) stream.destroy();
  }
  become(change) {
    this.state = { ...this.state, ...change };
    this.#sayState();
  }
  tap(tap) {
    const at = new Date(this.#now() - (tap.age_ms ?? 3)).toISOString();
    const sent = new Date(this.#now()).toISOString();
    this.#say("tap", { reader: "north-1", zone: "north", time: at, sent, age_ms: 3, replayed: false, ...tap });
  }

  #sayState() {
    if (!this.#silent) this.#say("state", { ...this.state, time: new Date(this.#now()).toISOString() });
  }
  #now() {
    return Date.now() + this.clockIsFast;
  }
  #say(event, data) {
    for (const stream of this.#streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  async #answer(ask, answer) {
    const url = new URL(ask.url, this.url);
    if (url.pathname === "/v1/taps/stream") return this.#stream(answer);
    if (url.pathname in this.answers) {
      answer.setHeader("Content-Type", "application/json");
      return answer.end(JSON.stringify(await this.answers[url.pathname](ask)));
    }
    const name = { "/": "operator.html", "/gate": "gate.html" }[url.pathname] ?? url.pathname.replace("/assets/", "");
    const folder = extname(name) === ".json" ? "languages" : "";
    let content = await readFile(join(SCREENS, folder, name.replaceAll("/", "")), "utf8").catch(() => null);
    if (content === null) return answer.writeHead(404).end();
    if (name === "gate.html") content = content.replace('lang="en"', `lang="${url.searchParams.get("lang") ?? "en"}"`);
    answer.writeHead(200, { "Content-Type": TYPES[extname(name)], "Content-Security-Policy": POLICY });
    answer.end(content);
  }

  #stream(answer) {
    if (this.refusal) return answer.writeHead(this.refusal).end();
    ++this.opened;
    answer.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    this.#streams.add(answer);
    answer.on("close", () => this.#streams.delete(answer));
    this.#sayState();
  }
}
