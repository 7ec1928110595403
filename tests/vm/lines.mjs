// SPDX-License-Identifier: Apache-2.0
// A unix socket that carries one line each way per question.
import { connect } from "node:net";
import { createInterface } from "node:readline";

/** Rejects, with what was waited for, when `promise` takes longer. */
export const within = (seconds, what, promise) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

const opened = (path) =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket)).once("error", reject);
  });

export class Lines {
  #socket;
  #waiting = [];
  #ended = false;

  /** `heed` gets each line and says whether it answers the oldest question. */
  constructor(socket, heed) {
    this.#socket = socket;
    const end = () => {
      this.#ended = true;
      for (const { reject } of this.#waiting.splice(0)) reject(new Error("the machine has ended"));
    };
    socket.on("close", end).on("error", end);
    const lines = createInterface({ input: socket });
    lines.on("error", end).on("line", (line) => {
      if (heed(line)) this.#waiting.shift()?.resolve(line);
    });
  }

  /** As soon as somebody listens at `path`, at most `seconds` from now. */
  static async open(path, seconds, heed = () => true) {
    const until = Date.now() + seconds * 1000;
    for (;;) {
      try {
        return new Lines(await opened(path), heed);
      } catch (error) {
        if (Date.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  ask(line, seconds, what) {
    if (this.#ended) return Promise.reject(new Error("the machine has ended"));
    const answer = new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#socket.write(line + "\n");
    return within(seconds, what, answer);
  }

  close() {
    this.#socket.destroy();
  }
}
