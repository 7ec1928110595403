// SPDX-License-Identifier: Apache-2.0
// docs/install.md, done to the letter.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { READY } from "./taps.mjs";

const DOCUMENT = new URL("../../docs/install.md", import.meta.url);

/** The ```sh blocks of the section "Install", in order. */
const blocks = (document) => {
  const section = document.split(/^## /m).find((part) => part.startsWith("Install\n"));
  assert.ok(section, "docs/install.md has no section Install");
  const found = [...section.matchAll(/^```sh\n(.*?)^```/gms)].map((match) => match[1]);
  assert.ok(found.length > 0, "the section Install has no sh blocks");
  return found;
};

export const installSteps = async ({ machine, report, taps, till }) => {
  await report.step("the guest is bare: no pcscd, nothing of passgate", async () => {
    const there = await machine.run("dpkg -l | grep -e pcscd -e passgate -e libccid || true; getent passwd passgated || true");
    assert.equal(there, "");
    await machine.run("mkdir /srv/delivery; mount -o ro /dev/vdb /srv/delivery");
  });
  await report.step("docs/install.md, block by block", async () => {
    const commands = blocks(await readFile(DOCUMENT, "utf8"));
    const shown = await machine.run(`cd /srv/delivery\n${commands.join("\n")}`, 400);
    report.note(shown.trimEnd().split("\n").slice(-16).join("\n"));
  });
  await report.step("the terminal works", async () => {
    await machine.run("systemctl is-active passgated passgate-syncd");
    await machine.until(READY);
    report.note(await machine.run("passgate status"));
    // The uinput keyboard, by the name the kernel has it under.
    await machine.run("grep -q passgate /proc/bus/input/devices");
    await machine.until("[ -e /home/alice/typed ]");
    await taps.meet();
    await till.isAsExpected();
  });
};
