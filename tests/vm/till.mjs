// SPDX-License-Identifier: Apache-2.0
// The console login of the person at the till: a shell that runs cat.
import assert from "node:assert/strict";

const TYPED = "/home/alice/typed";

export class Till {
  #machine;
  #report;
  #expected = [];

  constructor(machine, report) {
    this.#machine = machine;
    this.#report = report;
  }

  /** Waits until one more line has been typed, and compares all there are. */
  async gets(line) {
    this.#expected.push(line);
    const come = `[ "$(wc -l <${TYPED})" -ge ${this.#expected.length} ]`;
    const seen = await this.#machine.run(`until ${come}; do sleep 0.1; done; cat ${TYPED}; printf '\\f'; fold -w 80 /dev/vcs1`, 30);
    const [typed, screen] = seen.split("\f");
    this.#compare(typed);
    assert.ok(screen.includes(line), `not on the screen of tty1: ${line}\n${screen}`);
    this.#report.note(`typed on tty1: ${JSON.stringify(line)}`);
  }

  /** Everything that was ever typed, no key more. */
  async isAsExpected() {
    this.#compare(await this.#machine.run(`cat ${TYPED}`));
  }

  #compare(typed) {
    assert.equal(typed, this.#expected.map((line) => line + "\n").join(""), "what was typed");
  }
}
