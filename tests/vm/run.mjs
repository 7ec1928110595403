// SPDX-License-Identifier: Apache-2.0
// Our packages in a real kernel under a real systemd, in two guests side by side.
//   node run.mjs IMAGE DELIVERY.img FOLDER PASSGATE-SIM
// The exit status is 1 when a step failed. What comes after it in its guest is left
// out; the other guest goes on.
import { join } from "node:path";
import { confinementSteps } from "./confinement.mjs";
import { gadgetSteps, serialSteps } from "./devices.mjs";
import { faultSteps } from "./faults.mjs";
import { httpSteps } from "./http.mjs";
import { installSteps } from "./install.mjs";
import { kernelSteps } from "./kernel.mjs";
import { Machine } from "./machine.mjs";
import { packageSteps } from "./package.mjs";
import { Report } from "./report.mjs";
import { firstTapStep, tapSteps } from "./tapping.mjs";
import { Taps } from "./taps.mjs";
import { Till } from "./till.mjs";

const [image, delivery, folder, sim] = process.argv.slice(2);

const guests = {
  // Installed, used, mistreated.
  terminal: [installSteps, firstTapStep, tapSteps, faultSteps, gadgetSteps, serialSteps, kernelSteps],
  // Installed, confined, upgraded, removed, purged.
  package: [installSteps, firstTapStep, confinementSteps, httpSteps, packageSteps],
};

const boots = ({ machine, report }) =>
  report.step("boots", async () => {
    await machine.run("systemctl is-system-running --wait || systemctl --failed", 120);
    report.note(await machine.run("uname -srm; systemctl --version | head -n 1; systemd-analyze | head -n 1"));
  });

const runGuest = async ([name, parts]) => {
  const report = new Report(name);
  const machine = new Machine({ image, delivery, folder: join(folder, name) });
  const taps = new Taps(machine, report, sim);
  const world = { machine, report, taps, till: new Till(machine, report) };
  try {
    await machine.start();
    for (const part of [boots, ...parts]) await part(world);
  } catch (error) {
    process.exitCode = 1;
    report.failed(error, await machine.lastWords());
  } finally {
    await machine.stop();
    report.ended();
  }
  return report;
};

const reports = await Promise.all(Object.entries(guests).map(runGuest));
for (const report of reports) process.stdout.write(report.table());
