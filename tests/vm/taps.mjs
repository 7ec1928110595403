// SPDX-License-Identifier: Apache-2.0
// Phones at the guest's readers, and what passgated made of them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createPublicKey, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { note } from "./report.mjs";

const run = promisify(execFile);

/** In the guest's shell: the USB reader is there, and waits for a phone. */
export const READY = "passgate status 2>/dev/null | grep -q '^reader .*idle.*CCID'";

/** A pass that nobody has tapped yet. */
export const freshPass = () => randomBytes(9).toString("hex");

export class Taps {
  #machine;
  #sim;
  #pass;
  #count = 0;

  constructor(machine, sim) {
    this.#machine = machine;
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
    const { stdout } = await run(this.#sim, phone, { timeout: 45_000 }).catch((error) => {
      throw new Error(`no reader talked to the phone: ${error.stdout}${error.stderr}`);
    });
    return this.#judged(JSON.parse(stdout), pass);
  }
  /** At the virtual reader, inside. */
  async virtual(pass) {
    const phone = this.#phone("/root/phone.pem", pass, ["--reader", "/run/reader0", "--hold-ms", "30000"]);
    return this.#judged(JSON.parse(await this.#machine.run(`passgate-sim ${phone.join(" ")}`, 45)), pass);
  }

  /** What the terminal says of the tap that was just made. */
  async #judged(visit, pass) {
    assert.ok(visit.commands > 0, `the phone was not asked: ${JSON.stringify(visit)}`);
    this.#count += 1;
    await this.#machine.until(`[ "$(passgate taps -n 256 --json | wc -l)" -ge ${this.#count} ]`, 30);
    const taps = (await this.#machine.run("passgate taps -n 256 --json")).trim().split("\n");
    assert.equal(taps.length, this.#count, "taps in the journal");
    const tap = JSON.parse(taps.at(-1));
    const told = `${tap.reader}: ${tap.decision} ${tap.reason}, ${pass}`;
    note(told);
    return { verdict: `${tap.decision} ${tap.reason}`, told };
  }
}

/** A fresh pass is let in and typed; a used one is refused and types nothing. */
export const stillRight = async ({ machine, taps, till }, used, ...phone) => {
  await machine.run("sleep 3"); // rearm_ms: sooner, it would be the same tap still
  const again = await taps.usb(used, ...phone);
  assert.equal(again.verdict, "deny already_redeemed", again.told);
  const pass = freshPass();
  const first = await taps.usb(pass, ...phone);
  assert.equal(first.verdict, "admit ok", first.told);
  await till.gets(pass);
  return pass;
};
