// SPDX-License-Identifier: Apache-2.0
// What happens to a terminal over the years, each followed by a used pass that has
// to be refused and a fresh one that has to be typed.
import assert from "node:assert/strict";
import { READY, freshPass, stillRight } from "./taps.mjs";

const faults = {
  "pcscd restarted": (machine) => machine.run("systemctl restart pcscd"),
  "pcscd killed": (machine) => machine.run("kill -9 $(pidof pcscd)"),
  "reader unplugged and plugged": async (machine) => {
    await machine.unplug();
    await machine.until("! passgate status | grep -q CCID", 30);
    await machine.plugIn();
  },
  "machine paused for 2 s": async (machine) => {
    await machine.order("stop");
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await machine.order("cont");
  },
  "passgated killed": async (machine) => {
    const before = await machine.run("systemctl show -P MainPID passgated; kill -9 $(systemctl show -P MainPID passgated)");
    await machine.until(`systemctl is-active -q passgated && [ "$(systemctl show -P MainPID passgated)" != ${before.trim()} ]`);
  },
};

export const faultSteps = async (world) => {
  const { machine, report, taps } = world;
  let used = world.used;
  for (const [name, happen] of Object.entries(faults)) {
    await report.step(name, async () => {
      await happen(machine);
      await machine.until(READY);
      used = await stillRight(world, used);
    });
  }
  await report.step("clock stepped back one hour", async () => {
    await machine.run("date -s '-1 hour'");
    // A phone whose clock is right is an hour ahead of the terminal now.
    const ahead = await taps.usb(freshPass());
    assert.equal(ahead.verdict, "deny stale_stamp", ahead.told);
    used = await stillRight(world, used, "--stamp-skew=-3600");
    await machine.run("date -s '+1 hour'");
    used = await stillRight(world, used);
  });
  world.used = used;
};
