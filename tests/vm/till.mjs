// SPDX-License-Identifier: Apache-2.0
// The console login of the person at the till: a shell that runs cat.
import assert from "node:assert/strict";
import { note } from "./report.mjs";

const TYPED = "/home/alice/typed";

export class Till {
  #machine;
  #expected = [];

  constructor(machine) {
    this.#machine = machine;
  }

  /** Waits until one more line has been typed, and compares all there are. */
  async gets(line) {
    this.#expected.push(line);
    await this.#machine.until(`[ "$(wc -l <${TYPED})" -ge ${this.#expected.length} ]`, 30);
    await this.isAsExpected();
    const screen = await this.#machine.run("fold -w 80 /dev/vcs1");
    assert.ok(screen.includes(line), `not on the screen of tty1: ${line}\n${screen}`);
    note(`typed on tty1: ${JSON.stringify(line)}`);
  }

  /** Everything that was ever typed, no key more. */
  async isAsExpected() {
    const typed = await this.#machine.run(`cat ${TYPED}`);
    assert.equal(typed, this.#expected.map((line) => line + "\n").join(""), "what was typed");
  }
}
