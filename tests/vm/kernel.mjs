// SPDX-License-Identifier: Apache-2.0
// The keyboards against the kernel's own input layer: tests/kernel. Last, because
// its keys go to the consoles; passgated's own keyboard has the same name.
import assert from "node:assert/strict";

export const kernelSteps = async ({ machine, report }) => {
  await report.step("keyboards in this kernel (tests/kernel)", async () => {
    // The played till composes dead keys and a space, which takes tables of X11.
    await machine.run("apt-get install -y libx11-data; systemctl stop getty@tty1 passgated");
    const log = await machine.run("/srv/delivery/test_kernel || echo FAILED", 300);
    report.note(log);
    assert.doesNotMatch(log, /^FAILED$/m);
    assert.match(log, /^\[ {2}PASSED {2}\] [1-9]/m);
  });
};
