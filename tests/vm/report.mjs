// SPDX-License-Identifier: Apache-2.0
// What the guests' steps found. Guests run side by side: a step is printed when it
// is over, whole and with its guest's name; a table of all guests at the end.
const seconds = (from) => ((performance.now() - from) / 1000).toFixed(1).padStart(6);
const indented = (text) => text.trimEnd().split("\n").map((line) => `            ${line}\n`).join("");

export class Report {
  #guest;
  #started = performance.now();
  #lasted = "";
  #notes = "";
  #steps = [];

  constructor(guest) {
    this.#guest = guest;
  }

  /** What a step found out, for the reader of the log. */
  note(text) {
    this.#notes += indented(text);
  }

  /** Runs one step; its error ends the guest's run. */
  async step(name, work) {
    const from = performance.now();
    const over = (verdict, text = "") => {
      this.#steps.push({ name, time: seconds(from), verdict });
      this.#print(`${verdict.padEnd(4)} ${seconds(from)} s  ${this.#guest}: ${name}`, text);
    };
    try {
      const result = await work();
      over("ok");
      return result;
    } catch (error) {
      over("FAIL", error.message);
      throw error;
    }
  }

  /** Why the run of this guest ended early. */
  failed(error, journal) {
    this.#print(`${this.#guest}: ${error.stack}`, `-- the journal of this guest ends:\n${journal}`);
  }

  ended() {
    this.#lasted = seconds(this.#started);
  }

  table() {
    const rows = this.#steps.map(({ name, time, verdict }) => `  ${time}  ${name}${verdict === "ok" ? "" : "  " + verdict}\n`);
    return `\n seconds  ${this.#guest}\n${rows.join("")}  ${this.#lasted}  all\n`;
  }

  // In one piece: between two of them the other guest may print.
  #print(headline, text) {
    process.stdout.write(`${headline}\n${this.#notes}${text && indented(text)}`);
    this.#notes = "";
  }
}
