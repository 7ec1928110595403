// SPDX-License-Identifier: Apache-2.0
// The real thing, running: pcscd with two virtual readers, a sandbox cloud and both
// daemons, each a process of its own that a test may kill and start again.
import { spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, open, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "./browser.mjs";

const PROGRAMS = process.env.PASSGATE_BIN_DIR ?? fileURLToPath(new URL("../../build/release/bin", import.meta.url));
const TICKET = "pass.com.example.ticket";
const GUEST = "pass.com.example.guest";
const GROUP = "pass.com.example.group";
const ACCOUNT = "aid_0xa01";
export const OPERATOR = { username: "operator", password: randomBytes(16).toString("hex") };
export const DISPLAY = { username: "screen", password: randomBytes(16).toString("hex") };

export const basic = ({ username, password }) => `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

/** The i-th pass that the cloud knows. */
export const ticket = (i) => (0xa000000 + i).toString(16).padStart(18, "0");

const configuration = ({ port, cloud }) => `
[terminal]
id = "demo-gate"
state_dir = "state"
runtime_dir = "run"

[[reader]]
name = "north-1"
match = "*00 00"
zone = "north"
rearm_ms = 1

[[reader]]
name = "south-1"
match = "*"
zone = "south"
rearm_ms = 1

[[pass]]
name = "season-ticket"
provider = "main"
template = "ptk_0x14"
pattern = '^(?P<pass_id>[0-9a-f]{18})(-(?P<seat>[0-9A-Z]+))?$'
type = ""
display = ["seat"]
apple = { pass_type_id = "${TICKET}", keys = ["file:keys/ticket.pem"] }

# Two may come in with each.
[[pass]]
name = "group-ticket"
template = "ptk_group"
pattern = '^(?P<pass_id>group-[0-9]+)x(?P<party>[0-9]+)$'
type = ""
display = ["party"]
uses = 2
max_party = 5
partial_party = true
apple = { pass_type_id = "${GROUP}", keys = ["file:keys/ticket.pem"] }

# Guests are let in before the cloud has heard of them.
[[pass]]
name = "guest-list"
provider = "main"
template = "ptk_guest"
pattern = '^(?P<pass_id>guest-[0-9]+)$'
type = ""
on_unknown = "admit"
apple = { pass_type_id = "${GUEST}", keys = ["file:keys/ticket.pem"] }

[keyboard]
device = "none"

[[provider]]
name = "main"
kind = "passninja"
base_url = "${cloud}/v1"
account_id = "${ACCOUNT}"
api_key = "file:secrets/cloud"
refresh_s = 1
max_rps = 50.0
retry_base_ms = 50
redeem = { mode = "patch", fields = { "redeemed-at" = "{time}" } }

[http]
listen = ["127.0.0.1:${port}"]

[[http.client]]
account_id = "${OPERATOR.username}"
api_key = "file:secrets/operator"
roles = ["operator"]

[[http.client]]
account_id = "${DISPLAY.username}"
api_key = "file:secrets/display"
roles = ["display"]
`;

function freePort() {
  return new Promise((resume) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resume(port));
    });
  });
}

export class Terminal {
  #parts = new Map();

  static async start() {
    const terminal = new Terminal();
    // Whatever ends this process ends what it has started.
    process.once("exit", () => terminal.#parts.forEach(({ child }) => child.kill("SIGKILL")));
    try {
      await terminal.#start();
      return terminal;
    } catch (problem) {
      problem.message += await terminal.#logs();
      await terminal.stop();
      throw problem;
    }
  }

  async #logs() {
    const names = await readdir(this.#path("log"));
    const texts = await Promise.all(names.map((name) => readFile(this.#path(`log/${name}`), "utf8")));
    return names.map((name, i) => `\n== ${name}\n${texts[i].slice(-2000)}`).join("");
  }

  async #start() {
    this.folder = await mkdtemp(join(tmpdir(), "passgate-browser-"));
    for (const folder of ["keys", "secrets", "log"]) await mkdir(this.#path(folder));
    const key = generateKeyPairSync("ec", { namedCurve: "P-256", privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
    await this.#write("keys/ticket.pem", key.privateKey);
    await this.#write("secrets/cloud", randomBytes(16).toString("hex"));
    await this.#write("secrets/operator", OPERATOR.password);
    await this.#write("secrets/display", DISPLAY.password);
    const passes = Array.from({ length: 500 }, (_, i) => ({ serial: ticket(i) }));
    await this.#write("cloud.json", JSON.stringify({ templates: [
      { id: "ptk_0x14", keys: ["redeemed-at"], passes },
      { id: "ptk_guest", keys: ["redeemed-at"], passes: [] },
    ] }));
    const readers = await this.#serve("readers", ["reader", "--dir", this.#path("pcsc"), "--count", "2"]);
    this.pcsc = readers.socket;
    this.cards = readers.readers.map((reader) => reader.card);
    const cloud = await this.#serve("cloud", ["cloud", "--kind", "passninja", "--account", ACCOUNT, "--api-key-file", this.#path("secrets/cloud"), "--passes", this.#path("cloud.json")]);
    this.cloud = cloud.url;
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    await this.#write("passgate.toml", configuration(this));
    await this.startPart("passgate-syncd");
    await this.startPart("passgated");
    await until(async () => (await this.answers("/readyz")) === 200, "the terminal to be ready");
    await until(async () => {
      const status = await this.read("/v1/status").catch(() => null);
      return status?.passgated?.passes.every((pass) => !pass.provider || pass.swept_at);
    }, "the cloud's passes to be mirrored");
  }

  #path(name) {
    return join(this.folder, name);
  }
  #write(name, content) {
    return writeFile(this.#path(name), content, { mode: 0o600 });
  }

  async #spawn(name, program, parameters, environment = {}) {
    const log = await open(this.#path(`log/${name}.log`), "a");
    const child = spawn(join(PROGRAMS, program), parameters, {
      stdio: ["ignore", "pipe", log.fd],
      env: { ...process.env, ...environment },
    });
    const ended = new Promise((resume) => child.once("exit", resume).once("error", resume));
    this.#parts.set(name, { child, ended });
    await log.close();
    return child;
  }

  /** A program that says in one line of JSON where it serves. */
  async #serve(name, parameters) {
    const child = await this.#spawn(name, "passgate-sim", parameters);
    for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
    throw new Error(`${name}: ${await readFile(this.#path(`log/${name}.log`), "utf8")}`);
  }

  /** @param name  passgated or passgate-syncd. */
  async startPart(name) {
    const child = await this.#spawn(name, name, ["--config", this.#path("passgate.toml")], { PCSCLITE_CSOCK_NAME: this.pcsc });
    child.stdout.resume();
  }
  async endPart(name, signal = "SIGTERM") {
    const { child, ended } = this.#parts.get(name);
    child.kill(signal);
    await ended;
    this.#parts.delete(name);
  }

  async stop() {
    for (const name of [...this.#parts.keys()].reverse()) await this.endPart(name);
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }

  async #run(parameters) {
    const name = `phone-${randomBytes(4).toString("hex")}`;
    const child = await this.#spawn(name, "passgate-sim", parameters);
    child.stdout.resume();
    await this.#parts.get(name).ended;
    this.#parts.delete(name);
    if (child.exitCode !== 0) throw new Error(`${parameters[0]} ended with ${child.exitCode}`);
  }

  /** One phone held to a reader (0 north-1, 1 south-1) until it is let go. */
  tap(payload, { reader = 0, more = [] } = {}) {
    const type = { guest: GUEST, group: GROUP }[payload.split("-")[0]] ?? TICKET;
    return this.#run(["tap", "--reader", this.cards[reader], "--pass-type-id", type, "--key", this.#path("keys/ticket.pem"), "--payload", payload, ...more]);
  }
  /** "gone", "back"; see passgate-sim reader fault. */
  fault(order, reader = 0) {
    return this.#run(["reader", "fault", "--card", this.cards[reader], order]);
  }

  /** The status of an answer; 0: nobody answers. */
  answers(path, options) {
    return fetch(this.url + path, options).then((answer) => (answer.body?.cancel(), answer.status)).catch(() => 0);
  }
  /** As an operator. */
  async #ask(path, options = {}) {
    const answer = await fetch(this.url + path, { ...options, headers: { Authorization: basic(OPERATOR), ...options.headers } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
  async read(path) {
    return (await this.#ask(path)).json();
  }
  /** Records of another terminal are taken in. */
  async merge(taps) {
    const body = JSON.stringify({ taps });
    return (await this.#ask("/v1/taps", { method: "POST", headers: { "Content-Type": "application/json" }, body })).json();
  }
  /** The whole taps as they are told, until the stream ends. */
  async *taps() {
    const { body } = await this.#ask("/v1/taps/stream");
    let text = "";
    for await (const piece of body.pipeThrough(new TextDecoderStream())) {
      const events = (text + piece).split("\n\n");
      text = events.pop();
      for (const event of events.filter((each) => each.includes("event: tap"))) yield JSON.parse(event.split("data: ")[1]);
    }
  }
  /** The organiser makes a pass in the cloud. */
  addPass(template, serial) {
    return fetch(`${this.cloud}/_sim/passes`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ template, pass: { serial } }),
    }).then((answer) => answer.status);
  }
}
