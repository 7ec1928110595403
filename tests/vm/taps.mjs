// SPDX-License-Identifier: Apache-2.0
// Phones at the guest's readers, and what passgated made of them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createPublicKey, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** In the guest's shell: the USB reader is there, and waits for a phone. */
export const READY = "passgate status 2>/dev/null | grep -q '^reader .*idle.*CCID'";

/** A pass that nobody has tapped yet. */
export const freshPass = () => randomBytes(9).toString("hex");

export class Taps {
  #machine;
  #report;
  #sim;
  #pass;
  #count = 0;

  constructor(machine, report, sim) {
    this.#machine = machine;
    this.#report = report;
    this.#sim = sim;
  }

  /** Reads from the terminal's configuration which pass it takes, and makes the phone's half of its key. */
  async meet() {
    const files = await this.#machine.run("cat /etc/passgate/passgate.toml /etc/passgate/conf.d/*.toml | grep -v '^ *#'");
    const id = /pass_type_id *= *"([^"]+)"/.exec(files)?.[1];
    const key = /keys *= *\[ *"file:([^"]+)"/.exec(files)?.[1];
    assert.ok(id && key, `no Apple pass in:\n${files}`);
    // Relative to the file that names it.
    const pem = await this.#machine.run(`cd /etc/passgate/conf.d && { cat '${key}' || cat '../${key}'; } 2>/dev/null`);
    const file = join(this.#machine.folder, "phone.pem");
    const publicHalf = createPublicKey(pem).export({ type: "spki", format: "pem" });
    await writeFile(file, publicHalf);
    await this.#machine.run(`cat >/root/phone.pem <<'END'\n${publicHalf}END`);
    this.#pass = { id, file };
  }

  #phone(key, pass, more) {
    return ["tap", "--json", "--pass-type-id", this.#pass.id, "--key", key, "--payload", pass, ...more];
  }

  /** At the USB reader, from the host. */
  async usb(pass, ...more) {
    const phone = this.#phone(this.#pass.file, pass, ["--vscard", this.#machine.card, "--hold-ms", "30000", ...more]);
    const visit = run(this.#sim, phone, { timeout: 45_000 }).catch((error) => {
      throw new Error(`no reader talked to the phone: ${error.stdout}${error.stderr}`);
    });
    // Already while the phone lies there: it stays a second longer than it is needed.
    const [{ stdout }, taps] = await Promise.all([visit, this.#journal()]);
    return this.#judged(JSON.parse(stdout), taps, pass);
  }
  /** At the virtual reader, inside. */
  async virtual(pass) {
    const phone = this.#phone("/root/phone.pem", pass, ["--reader", "/run/reader0", "--hold-ms", "30000"]);
    const visit = await this.#machine.run(`passgate-sim ${phone.join(" ")}`, 45);
    return this.#judged(JSON.parse(visit), await this.#journal(), pass);
  }

  /** All taps in the journal, as soon as there is one more; or without it, after a while. */
  async #journal() {
    this.#count += 1;
    const more = `passgate taps -n 256 --json >/run/taps && [ "$(wc -l </run/taps)" -ge ${this.#count} ]`;
    const wait = `timeout 45 sh -c 'until ${more}; do sleep 0.1; done' || true`;
    const lines = await this.#machine.run(`${wait}; cat /run/taps`, 60);
    return lines.split("\n").filter(Boolean);
  }

  /** What the terminal says of the tap that was just made. */
  async #judged(visit, taps, pass) {
    assert.ok(visit.commands > 0, `the phone was not asked: ${JSON.stringify(visit)}`);
    assert.equal(taps.length, this.#count, `taps in the journal; the phone: ${JSON.stringify(visit)}`);
    const tap = JSON.parse(taps.at(-1));
    const told = `${tap.reader}: ${tap.decision} ${tap.reason}, ${pass}`;
    this.#report.note(told);
    return { verdict: `${tap.decision} ${tap.reason}`, told };
  }
}

/**
 * A fresh pass is let in and typed; a used one is refused and types nothing. In this
 * order: the pass that was at the reader last would be the same tap still (rearm_ms).
 */
export const stillRight = async ({ taps, till }, used, ...phone) => {
  const pass = freshPass();
  const first = await taps.usb(pass, ...phone);
  assert.equal(first.verdict, "admit ok", first.told);
  await till.gets(pass);
  const again = await taps.usb(used, ...phone);
  assert.equal(again.verdict, "deny already_redeemed", again.told);
  await till.isAsExpected();
  return pass;
};
