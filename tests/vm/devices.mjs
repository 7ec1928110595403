// SPDX-License-Identifier: Apache-2.0
// Tills on another machine: at a USB gadget and at a serial adapter, which come late
// and are taken away, as docs/usb-gadget.md and the examples of the units have them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openableDevices } from "./confinement.mjs";
import { within } from "./lines.mjs";
import { READY, freshPass } from "./taps.mjs";

const DOCUMENT = new URL("../../docs/usb-gadget.md", import.meta.url);
const TERMINAL = "/etc/passgate/conf.d/terminal.toml";
const GADGET = "/sys/kernel/config/usb_gadget/passgate";
const AT_THE_TILL = "grep -q 'gadget keyboard' /proc/bus/input/devices";

/** The first block of that language. */
const block = (document, language) => {
  const found = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "ms").exec(document);
  assert.ok(found, `docs/usb-gadget.md has no ${language} block`);
  return found[1];
};

/** Of the configuration; passgated is restarted by who calls. */
const typeOn = (device) => `sed -i 's,^layout,device = "${device}"\\nlayout,' ${TERMINAL}`;
const asBefore = `rm /etc/systemd/system/passgated.service.d/*.conf; sed -i '/^device = /d' ${TERMINAL}
  systemctl daemon-reload; systemctl restart passgated`;

const admitted = async ({ taps }, pass) => {
  const tap = await taps.usb(pass);
  assert.equal(tap.verdict, "admit ok", tap.told);
};

const typedOnTheConsole = async (world) => {
  const pass = freshPass();
  await admitted(world, pass);
  await world.till.gets(pass);
};

export const gadgetSteps = async (world) => {
  const { machine, report } = world;
  await report.step("a gadget whose controller comes after passgated types on the console", async () => {
    const document = await readFile(DOCUMENT, "utf8");
    await machine.run(`cat >/usr/local/sbin/usb-gadget <<'END'
${block(document, "sh")}END
chmod 755 /usr/local/sbin/usb-gadget
cat >/etc/systemd/system/usb-gadget.service <<'END'
${block(document, "ini")}END
${block(document, "console")}
${typeOn("hidg:/dev/hidg0")}
[ ! -e /sys/class/udc/dummy_udc.0 ]
systemctl enable usb-gadget
if systemctl restart passgated; then exit 1; fi`);
    await machine.run("modprobe dummy_hcd");
    await machine.until(`systemctl is-active -q usb-gadget && ${READY} && ${AT_THE_TILL}`);
    await typedOnTheConsole(world);
  });
  await report.step("the gadget taken apart and put together again, it types on", async () => {
    await machine.run(`echo >${GADGET}/UDC`);
    await machine.until(`! ${AT_THE_TILL}`);
    await machine.run("systemctl restart usb-gadget");
    await machine.until(AT_THE_TILL);
    await typedOnTheConsole(world);
    // As it was: the tests of this kernel make a gadget of their own.
    await machine.run(`cd ${GADGET}; echo >UDC; rm configs/c.1/hid.usb0
      rmdir configs/c.1/strings/0x409 configs/c.1 functions/hid.usb0 strings/0x409; rmdir ${GADGET}
      systemctl disable --now usb-gadget; ${asBefore}`);
    await machine.until(READY);
  });
};

/** Waits until the till at the adapter has got this and nothing else. */
const arrived = async (file, expected) => {
  let got = "";
  const come = async () => {
    while (got.length < expected.length) {
      got = await readFile(file, "utf8");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await within(30, `${JSON.stringify(expected)} at the serial till`, come());
  assert.equal(got, expected);
};

export const serialSteps = async (world) => {
  const { machine, report } = world;
  const file = join(machine.folder, "serial-till");
  const adapter = { driver: "usb-serial", id: "adapter", bus: "usb.0", chardev: "till", serial: "A50285BI", "always-plugged": true };
  let expected = "";
  const typedAtTheTill = async () => {
    const pass = freshPass();
    await admitted(world, pass);
    expected += `${pass}\r`;
    await arrived(file, expected);
  };
  await report.step("a serial adapter that comes after passgated takes what is typed", async () => {
    await machine.order("chardev-add", { id: "till", backend: { type: "file", data: { out: file } } });
    // What the example says at its head.
    await machine.run(`cd /usr/share/doc/passgate/examples
      sed -n 's/^#   //p' serial-line.conf >/root/steps
      grep ^SUBSYSTEM /root/steps >/etc/udev/rules.d/61-till.rules
      ${typeOn("serial:/dev/till")}
      grep -v ^SUBSYSTEM /root/steps | sh -e || ! systemctl is-active -q passgated`);
    await machine.order("device_add", adapter);
    await machine.until(READY);
    await typedAtTheTill();
    // The system's /dev is there, and shut. The clock is ProtectClock='s, to be read.
    assert.deepEqual(await openableDevices(machine), ["rtc0", "ttyUSB0"]);
  });
  await report.step("the adapter pulled out and put back, the next text arrives", async () => {
    await machine.order("device_del", { id: "adapter" });
    await machine.until("[ ! -e /dev/till ]", 30);
    await machine.order("device_add", adapter);
    await machine.until("[ -e /dev/till ]", 30);
    report.note(await machine.run("ls -l /dev/till; ls -lL /dev/till"));
    await typedAtTheTill();
    await machine.run(asBefore);
    await machine.until(READY);
  });
};
