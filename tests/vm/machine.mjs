// SPDX-License-Identifier: Apache-2.0
// The guest: a QEMU without hardware help, its monitor, and the agent inside.
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Lines, within } from "./lines.mjs";

const READER = [
  { driver: "usb-ccid", id: "reader", bus: "usb.0" },
  { driver: "ccid-card-passthru", id: "slot", chardev: "card", bus: "reader.0" },
];

const socket = (id, path) => ["-chardev", `socket,id=${id},path=${path},server=on,wait=off`];

const qemuArguments = ({ image, delivery, folder }) => [
  // Emulated: it has to run where there is no KVM, and be the same everywhere.
  ...["-M", "q35", "-cpu", "max", "-accel", "tcg,thread=multi", "-smp", "2", "-m", "768"],
  ...["-nodefaults", "-display", "none", "-no-reboot", "-S"],
  ...["-kernel", join(image, "vmlinux"), "-initrd", join(image, "initrd.img")],
  // no_timer_check: on a busy machine the emulated timer may miss the kernel's moment to try it.
  ...["-append", "console=ttyS0 quiet panic=-1 no_timer_check systemd.show_status=0"],
  ...["-serial", `file:${join(folder, "serial.log")}`],
  ...["-drive", `file=${join(image, "root.img")},format=raw,if=none,id=root,snapshot=on,cache=unsafe`],
  ...["-drive", `file=${delivery},format=raw,if=none,id=delivery,readonly=on`],
  ...["-device", "virtio-blk-pci,drive=root", "-device", "virtio-blk-pci,drive=delivery"],
  ...["-device", "virtio-rng-pci", "-device", "virtio-serial-pci"],
  ...socket("agent", join(folder, "agent")),
  ...["-device", "virtserialport,chardev=agent,name=agent"],
  ...["-qmp", `unix:${join(folder, "monitor")},server=on,wait=off`],
  ...["-device", "qemu-xhci,id=usb"],
  ...socket("card", join(folder, "card")),
];

export class Machine {
  #process;
  #ended;
  #monitor;
  #agent;

  /**
   * `image`: folder of tests/vm/image/make; `delivery`: disk with our packages;
   * `folder`: for sockets and logs, made anew.
   */
  static async start(places) {
    const machine = new Machine();
    machine.folder = places.folder;
    machine.card = join(places.folder, "card");
    await rm(places.folder, { recursive: true, force: true });
    await mkdir(places.folder, { recursive: true });
    const log = openSync(join(places.folder, "qemu.log"), "w");
    machine.#process = spawn("qemu-system-x86_64", qemuArguments(places), { stdio: ["ignore", log, log] });
    machine.#ended = new Promise((resolve) => {
      machine.#process.once("exit", resolve).once("error", resolve);
    });
    // Events come in between answers.
    const answers = (line) => /^\{"(return|error)"/.test(line);
    machine.#monitor = await Lines.open(join(places.folder, "monitor"), 10, answers);
    machine.#agent = await Lines.open(join(places.folder, "agent"), 10);
    await machine.order("qmp_capabilities");
    await machine.plugIn();
    await machine.order("cont");
    return machine;
  }

  async order(command, arguments_ = {}) {
    const line = JSON.stringify({ execute: command, arguments: arguments_ });
    const answer = JSON.parse(await this.#monitor.ask(line, 10, command));
    if (answer.error) throw new Error(`${command}: ${answer.error.desc}`);
    return answer.return;
  }

  async plugIn() {
    for (const device of READER) await this.order("device_add", device);
  }
  async unplug() {
    await this.order("device_del", { id: "reader" });
  }

  /** Runs a script as root, with sh -e. Returns what it wrote; a failing script is an error that shows it. */
  async run(script, seconds = 120) {
    const question = `${seconds} ${Buffer.from(script).toString("base64")}`;
    const answer = await this.#agent.ask(question, seconds + 20, script.trim().slice(0, 200));
    const [status, output = ""] = answer.split(" ");
    const text = Buffer.from(output, "base64").toString();
    if (status === "0") return text;
    const how = status === "124" ? `not done within ${seconds} s` : `status ${status}`;
    throw new Error(`${how}:\n${script.trim()}\n--\n${text}`);
  }
  /** Runs `condition` again and again until it holds. */
  async until(condition, seconds = 120) {
    await this.run(`until ${condition}; do sleep 0.1; done`, seconds);
  }

  async serialLog() {
    return readFile(join(this.folder, "serial.log"), "utf8").catch(() => "");
  }

  async stop() {
    await this.order("quit").catch(() => {});
    await within(10, "the end of QEMU", this.#ended).catch(() => this.#process.kill("SIGKILL"));
    this.#monitor.close();
    this.#agent.close();
  }
}
