// SPDX-License-Identifier: Apache-2.0
// The keyboards against the kernel's own input layer: tests/kernel. Last, because
// its keys go to the consoles.
import assert from "node:assert/strict";
import { note, step } from "./report.mjs";

export const kernelSteps = async ({ machine }) => {
  await step("keyboards in this kernel (tests/kernel)", async () => {
    // The played till composes dead keys and a space, which takes tables of X11.
    await machine.run("apt-get install -y libx11-data; systemctl stop getty@tty1");
    const log = await machine.run("/srv/delivery/test_kernel || echo FAILED", 240);
    note(log);
    assert.doesNotMatch(log, /^FAILED$/m);
    assert.match(log, /^\[ {2}PASSED {2}\] [1-9]/m);
  });
};
