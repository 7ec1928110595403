// SPDX-License-Identifier: Apache-2.0
// Taps at both kinds of reader.
import assert from "node:assert/strict";
import { freshPass } from "./taps.mjs";

const virtualReader = `
apt-get install -y /srv/delivery/passgate-sim_*.deb
driver=$(dpkg -L passgate-sim | grep 'libifd.*[.]so')
cat >/etc/reader.conf.d/virtual <<END
FRIENDLYNAME "Virtual"
DEVICENAME /dev/null:/run/reader0
LIBPATH $driver
CHANNELID 0
END
systemctl restart pcscd
`;

export const firstTapStep = async (world) => {
  const { report, taps, till } = world;
  world.used = freshPass();
  await report.step("a phone at the USB reader is let in and typed on the console", async () => {
    const tap = await taps.usb(world.used);
    assert.equal(tap.verdict, "admit ok", tap.told);
    await till.gets(world.used);
  });
};

export const tapSteps = async ({ machine, report, taps, till, used }) => {
  await report.step("the same pass again types nothing", async () => {
    await machine.run("sleep 3"); // rearm_ms: sooner, it would be the same tap still
    const tap = await taps.usb(used);
    assert.equal(tap.verdict, "deny already_redeemed", tap.told);
    await till.isAsExpected();
  });
  await report.step("a virtual reader joins the stock pcscd", async () => {
    await machine.run(virtualReader, 120);
    await machine.until("passgate status 2>/dev/null | grep -q '^reader .*idle.*Virtual'");
  });
  await report.step("a phone at the virtual reader is let in and typed on the console", async () => {
    const other = freshPass();
    const tap = await taps.virtual(other);
    assert.equal(tap.verdict, "admit ok", tap.told);
    await till.gets(other);
  });
  await report.step("a pass used at the USB reader is refused at the virtual one", async () => {
    const tap = await taps.virtual(used);
    assert.equal(tap.verdict, "deny already_redeemed", tap.told);
    await till.isAsExpected();
  });
};
