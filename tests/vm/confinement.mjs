// SPDX-License-Identifier: Apache-2.0
// What the daemons cannot do, seen from the running kernel.
import assert from "node:assert/strict";

const HARMLESS = ["full", "null", "ptmx", "pts/ptmx", "random", "tty", "urandom", "zero"];

const pid = async (machine, unit) => (await machine.run(`systemctl show -P MainPID ${unit}`)).trim();

const exposure = async ({ machine, report }, unit, atMost) => {
  const last = (await machine.run(`systemd-analyze security --no-pager ${unit} | tail -n 1`)).trim();
  report.note(last);
  const level = Number(/: ([0-9.]+)/.exec(last)?.[1]);
  assert.ok(level <= atMost, `${unit}: ${level}, more than ${atMost}`);
};

const withoutPrivileges = async (machine, unit) => {
  const status = await machine.run(`cat /proc/${await pid(machine, unit)}/status`);
  for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
    assert.match(status, new RegExp(`^${set}:\\t0+$`, "m"), `${unit}: ${set}`);
  }
  assert.match(status, /^NoNewPrivs:\t1$/m, unit);
  assert.match(status, /^Seccomp:\t2$/m, unit);
  assert.doesNotMatch(status, /^Uid:\t0/m, unit);
};

/** What passgated's unit lets be opened below /dev, without what is harmless. */
export const openableDevices = async (machine) => {
  // As root, in its control group and its mounts: only what the unit says can be in the way.
  const opened = await machine.run(`sh -c '
    echo $$ >/sys/fs/cgroup/system.slice/passgated.service/cgroup.procs
    exec nsenter -t ${await pid(machine, "passgated")} -m sh' <<'END'
    cd /dev
    # Not by find -type: that takes a device that is mounted for the file below it.
    find . -not -type l -not -path "./pts/[0-9]*" | while read -r node; do
      if [ -c "$node" ] || [ -b "$node" ]; then
        if dd if="$node" of=/dev/null count=0 2>/dev/null; then echo "\${node#./}"; fi
      fi
    done
END`);
  return opened.trim().split("\n").filter((node) => !HARMLESS.includes(node)).sort();
};

export const confinementSteps = async (world) => {
  const { machine, report } = world;
  await report.step("exposure is at most 0.5 and 1.1", async () => {
    await exposure(world, "passgated", 0.5);
    await exposure(world, "passgate-syncd", 1.1);
  });
  await report.step("no capabilities, no new privileges, a system call filter", async () => {
    await withoutPrivileges(machine, "passgated");
    await withoutPrivileges(machine, "passgate-syncd");
  });
  await report.step("passgated has no network", async () => {
    // Its own network, and in there only itself.
    const own = await pid(machine, "passgated");
    const [ours, its] = (await machine.run(`readlink /proc/1/ns/net /proc/${own}/ns/net`)).trim().split("\n");
    assert.notEqual(its, ours);
    const links = await machine.run(`nsenter -t ${own} -n ip -o link`);
    assert.match(links, /^1: lo: [^\n]*\n$/, links);
  });
  await report.step("passgated opens no device but uinput", async () => {
    assert.deepEqual(await openableDevices(machine), ["uinput"]);
  });
  await report.step("a passgated that hangs is restarted by the watchdog", async () => {
    // As the unit has it, but sooner. A stopped process cannot dump core: killed after 1 s.
    await machine.run(`mkdir -p /run/systemd/system/passgated.service.d
      printf '[Service]\\nWatchdogSec=8\\nTimeoutAbortSec=1\\n' >/run/systemd/system/passgated.service.d/sooner.conf
      systemctl daemon-reload; systemctl restart passgated`);
    const hanging = await pid(machine, "passgated");
    await machine.run(`kill -STOP ${hanging}`);
    await machine.until(`systemctl is-active -q passgated && [ "$(systemctl show -P MainPID passgated)" != ${hanging} ]`, 60);
    report.note(await machine.run("journalctl -u passgated -o cat | grep -i watchdog | tail -n 1"));
    await machine.run("rm -r /run/systemd/system/passgated.service.d; systemctl daemon-reload; systemctl restart passgated");
  });
};
