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
  ...["-M", "q35", "-cpu", "max", "-accel", "tcg,thread=multi", "-smp", "1", "-m", "768"],
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
  #places;
  #process;
  #ended;
  #monitor;
  #agent;

  /**
   * `image`: folder of tests/vm/image/make; `delivery`: disk with our packages;
   * `folder`: for sockets and logs, made anew at the start.
   */
  constructor(places) {
    this.#places = places;
    this.folder = places.folder;
    this.card = join(places.folder, "card");
  }

  /** When this fails, `stop` is still due. */
  async start() {
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true });
    const log = openSync(join(this.folder, "qemu.log"), "w");
    this.#process = spawn("qemu-system-x86_64", qemuArguments(this.#places), { stdio: ["ignore", log, log] });
    this.#ended = new Promise((resolve) => {
      this.#process.once("exit", resolve).once("error", resolve);
    });
    // Events come in between answers.
    const answers = (line) => /^\{"(return|error)"/.test(line);
    this.#monitor = await Lines.open(join(this.folder, "monitor"), 10, answers);
    this.#agent = await Lines.open(join(this.folder, "agent"), 10);
    await this.order("qmp_capabilities");
    await this.plugIn();
    await this.order("cont");
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

  /** The end of the guest's journal, or what there is when it no longer answers. */
  async lastWords() {
    const files = ["serial.log", "qemu.log"].map((name) => readFile(join(this.folder, name), "utf8").catch(() => ""));
    return this.run("journalctl -b --no-pager -n 80").catch(async () => (await Promise.all(files)).join(""));
  }

  async stop() {
    await this.order("quit").catch(() => {});
    await within(10, "the end of QEMU", this.#ended).catch(() => this.#process.kill("SIGKILL"));
    this.#monitor?.close();
    this.#agent?.close();
  }
}
