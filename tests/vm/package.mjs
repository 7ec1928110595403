// SPDX-License-Identifier: Apache-2.0
// What becomes of data and configuration when the package comes and goes.
import assert from "node:assert/strict";
import { READY, stillRight } from "./taps.mjs";

const FILE = "/etc/passgate/passgate.toml";
// As unattended upgrades do it.
const APT = "apt-get -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold";

export const packageSteps = async (world) => {
  const { machine, report } = world;
  await report.step("an upgrade keeps the journal and a changed configuration, and restarts", async () => {
    await machine.run(`echo '# Ours.' >>${FILE}; sha256sum ${FILE} >/root/before`);
    const before = await machine.run("systemctl show -P MainPID passgated passgate-syncd");
    await machine.run(`${APT} install /srv/delivery/next/passgate_*.deb`, 300);
    await machine.run(`sha256sum -c /root/before; grep -q 'New in' ${FILE}.dpkg-dist; dpkg -s passgate | grep -q '^Version: .*next'`);
    await machine.until(READY);
    const after = await machine.run("systemctl show -P MainPID passgated passgate-syncd");
    for (const one of before.trim().split(/\s+/)) assert.ok(!after.trim().split(/\s+/).includes(one), "not restarted");
    world.used = await stillRight(world, world.used);
  });
  await report.step("removed, it does not run; installed again, it remembers", async () => {
    await machine.run(`${APT} remove passgate`, 300);
    assert.equal(await machine.run("pidof passgated passgate-syncd || true"), "");
    await machine.run("test -e /var/lib/passgate/core/journal.db");
    await machine.run(`${APT} install /srv/delivery/passgate_*.deb`, 300);
    await machine.until(READY);
    world.used = await stillRight(world, world.used);
  });
  await report.step("purged, nothing of it is left", async () => {
    await machine.run(`${APT} purge passgate`, 300);
    const left = await machine.run(`
      for path in /etc/passgate /var/lib/passgate /run/passgate; do [ ! -e $path ] || find $path; done
      find /etc/systemd /usr/lib/systemd /lib/systemd /var/lib/systemd -name '*passgate*'
      systemctl list-units --all --no-legend 'passgate*'`);
    assert.equal(left, "");
  });
};
