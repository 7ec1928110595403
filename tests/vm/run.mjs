// SPDX-License-Identifier: Apache-2.0
// Our packages in a real kernel under a real systemd.
//   node run.mjs IMAGE DELIVERY.img FOLDER PASSGATE-SIM
// The exit status is 1 when a step failed; the rest is then left out.
import { confinementSteps } from "./confinement.mjs";
import { faultSteps } from "./faults.mjs";
import { installSteps } from "./install.mjs";
import { kernelSteps } from "./kernel.mjs";
import { Machine } from "./machine.mjs";
import { packageSteps } from "./package.mjs";
import { note, step, table } from "./report.mjs";
import { tapSteps } from "./tapping.mjs";
import { Taps } from "./taps.mjs";
import { Till } from "./till.mjs";

const [image, delivery, folder, sim] = process.argv.slice(2);

const machine = await Machine.start({ image, delivery, folder });
try {
  const taps = new Taps(machine, sim);
  const world = { machine, taps, till: new Till(machine) };
  await step("boots", async () => {
    await machine.run("systemctl is-system-running --wait || systemctl --failed", 120);
    note(await machine.run("uname -srm; systemctl --version | head -n 1; systemd-analyze | head -n 1"));
  });
  await installSteps(world);
  await tapSteps(world);
  await faultSteps(world);
  await confinementSteps(world);
  await packageSteps(world);
  await kernelSteps(world);
} catch (error) {
  process.exitCode = 1;
  console.log(error.stack);
  console.log("-- the guest's journal ends:");
  note(await machine.run("journalctl -b --no-pager -n 80").catch(() => machine.serialLog()));
} finally {
  await machine.stop();
  table();
}
