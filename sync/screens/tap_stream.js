// SPDX-License-Identifier: Apache-2.0
// The stream of docs/http.md, watched: whoever listens knows at any moment
// whether what it heard last may still be trusted.

/** The terminal says something every 2 s; after this much silence it is gone. */
export const SILENCE_MS = 6000;
/** Older than this when it is seen, an event is history. */
export const FRESH_MS = 4000;
const RETRY_FIRST_MS = 250;
const RETRY_LAST_MS = 2000;
const LOOK_MS = 250;
/** The page looks at its watch every LOOK_MS; with such a gap between two looks it was asleep. */
const ASLEEP_MS = 3000;

/** Two clocks: one that nobody can set, one that goes on while the machine sleeps. */
const now = () => [performance.now(), Date.now()];
const since = (then) => Math.max(...now().map((time, i) => time - then[i]));

/**
 * How much later an event is seen than the promptest one of the same connection
 * was, by its sender's clock: what waited in a buffer while nobody looked.
 */
class Delay {
  #least = [Infinity, Infinity];

  of(written) {
    const offsets = now().map((time) => time - written);
    this.#least = this.#least.map((least, i) => Math.min(least, offsets[i]));
    return Math.max(...offsets.map((offset, i) => offset - this.#least[i]));
  }
}

/**
 * `listener.state(state)`, `listener.tap(tap)`, `listener.gap(gap)` as the stream
 * says it; `tap.stale` is true when it must not be shown as something that happens
 * now. `listener.lost({since, status})`: nothing is known from here on, since that
 * time; status is what the terminal answered instead of a stream, if it did.
 * It comes back by itself; a hidden page does not listen.
 */
export class TapStream {
  #url;
  #listener;
  #source = null;
  #delay = new Delay();
  #heard = now();
  #heardAt = new Date();
  #looked = now();
  #retry = 0;
  #pause = RETRY_FIRST_MS;
  #status = undefined;

  constructor(url, listener) {
    this.#url = url;
    this.#listener = listener;
    setInterval(() => this.#look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => this.#visibility());
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", (event) => event.persisted && this.#visibility());
    if (!document.hidden) this.#open();
  }

  #open() {
    this.#close();
    const source = new EventSource(this.#url);
    this.#source = source;
    this.#delay = new Delay();
    this.#heard = now();
    let opened = false;
    const on = (type, take) =>
      source.addEventListener(type, (event) => {
        if (source !== this.#source) return;
        opened = true;
        this.#hear(JSON.parse(event.data), take);
      });
    on("state", (state) => this.#listener.state(state));
    on("tap", (tap, late) =>
      this.#listener.tap({ ...tap, stale: tap.replayed === true || !(tap.age_ms + late <= FRESH_MS) }));
    on("gap", (gap) => this.#listener.gap?.(gap));
    source.addEventListener("error", () => {
      if (source === this.#source) this.#broken(opened);
    });
  }

  #hear(data, take) {
    if (this.#wasAsleep()) return this.#broken(true);
    const written = Date.parse(data.sent ?? data.time);
    const late = data.replayed || Number.isNaN(written) ? 0 : this.#delay.of(written);
    // What comes late says nothing of now, whatever it is: a new connection does.
    if (late > FRESH_MS) return this.#broken(true);
    this.#heard = now();
    this.#heardAt = new Date();
    this.#pause = RETRY_FIRST_MS;
    this.#status = undefined;
    take(data, late);
  }

  #wasAsleep() {
    return since(this.#looked) > ASLEEP_MS;
  }

  #look() {
    const asleep = this.#wasAsleep();
    this.#looked = now();
    if (!this.#source) return;
    if (asleep || since(this.#heard) > SILENCE_MS) this.#broken(true);
  }

  #visibility() {
    this.#looked = now();
    if (!document.hidden) return this.#open();
    this.#close();
    this.#listener.lost({ since: this.#heardAt, hidden: true });
  }

  #close() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
  }

  async #broken(opened) {
    this.#close();
    this.#looked = now();
    this.#listener.lost({ since: this.#heardAt, status: this.#status });
    const pause = this.#pause;
    this.#pause = Math.min(2 * pause, RETRY_LAST_MS);
    this.#retry = setTimeout(() => this.#open(), pause);
    if (opened) return;
    this.#status = await answerOf(this.#url);
    if (!this.#source) this.#listener.lost({ since: this.#heardAt, status: this.#status });
  }
}

/** What a stream is refused with; EventSource does not tell. Undefined: nobody answers. */
async function answerOf(url) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), RETRY_LAST_MS);
  try {
    const { status } = await fetch(url, { signal: giveUp.signal, headers: { Accept: "text/event-stream" } });
    return status;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    giveUp.abort();
  }
}
