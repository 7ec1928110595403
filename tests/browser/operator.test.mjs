// SPDX-License-Identifier: Apache-2.0
// The operator's page of the real programs, in a real browser.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { face, launch, open, shows, until } from "./browser.mjs";
import { basic, DISPLAY, OPERATOR, Terminal, ticket } from "./terminal.mjs";

let browser;
let terminal;
let context;
before(async () => {
  browser = await launch();
  terminal = await Terminal.start();
});
after(async () => {
  await browser?.close();
  await terminal?.stop();
});
beforeEach(async () => (context = await browser.newContext({ locale: "en-GB", httpCredentials: OPERATOR })));
afterEach(() => context.close());

const operate = () => open(context, `${terminal.url}/`);
const rows = (page, text) => page.locator("#taps-body tr", { hasText: text });

test("without the operator's key there is nothing", async () => {
  assert.equal(await terminal.answers("/"), 401);
  assert.equal(await terminal.answers("/v1/status"), 401);
  assert.equal(await terminal.answers("/", { headers: { Authorization: basic(DISPLAY) } }), 403);
});

test("it shows the terminal and its readers", async () => {
  const page = await operate();
  await shows(page, "demo-gate");
  await shows(page, "In order");
  await shows(page, "Reader north-1");
  await shows(page, "Reader south-1");
  await shows(page, "List of season-ticket");
  assert.deepEqual(page.complaints, []);
});

test("a tap appears as it happens, and a click says why it was refused", async () => {
  const page = await operate();
  await shows(page, "In order");
  await terminal.tap(ticket(1));
  await rows(page, ticket(1)).filter({ hasText: "admit" }).waitFor();
  await terminal.tap(ticket(1), { reader: 1 });
  const refused = rows(page, ticket(1)).filter({ hasText: "deny" });
  await refused.getByRole("button", { name: "Ticket already used" }).click();
  await shows(page, "would be refused now because: Ticket already used");
  const result = page.locator("#look-up-result");
  await result.getByText("at north-1").waitFor();
  assert.equal(await result.locator("tr").count(), 2);
  // Both plots and the count of refusals have taken it over.
  await page.locator("#latency-body svg").nth(1).waitFor();
  await page.locator("#refusals-body svg").getByText("Ticket already used").waitFor();
  assert.deepEqual(page.complaints, []);
});

test("a refused guest is let in with a reason, and an admission is taken back", async () => {
  const page = await operate();
  await shows(page, "In order");
  await terminal.tap(ticket(30));
  await terminal.tap(ticket(30), { reader: 1 });
  const refused = rows(page, ticket(30)).filter({ hasText: "deny" });
  await refused.getByRole("button", { name: "Override" }).click();
  // Without a reason nothing is done.
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Override" }).click();
  assert.equal(await dialog.isVisible(), true);
  await dialog.getByLabel("Why").fill("knows <b>her</b>");
  const gate = await open(context, `${terminal.url}/gate?reader=south-1`);
  // Loaded is not yet listening, and what was said before it listened it never shows.
  await face(gate, "ready");
  await dialog.getByRole("button", { name: "Override" }).click();
  await shows(gate, `Let in by ${OPERATOR.username}`);
  const act = rows(page, `let in by ${OPERATOR.username}: knows <b>her</b>`);
  await act.waitFor();
  assert.equal(await refused.getByRole("button", { name: "Override" }).count(), 0);
  // Taken back again, and the first admission too: the ticket is as good as new.
  for (const line of [act, rows(page, ticket(30)).filter({ hasText: "north-1" })]) {
    await line.getByRole("button", { name: "Undo" }).click();
    await dialog.getByLabel("Why").fill("wrong guest");
    await dialog.getByRole("button", { name: "Undo" }).click();
    await dialog.waitFor({ state: "hidden" });
  }
  await rows(page, `taken back by ${OPERATOR.username}: wrong guest`).nth(1).waitFor();
  await terminal.tap(ticket(30));
  await rows(page, ticket(30)).filter({ hasText: "use 3" }).waitFor();
  assert.deepEqual(page.complaints, []);
});

test("a group is counted in the list, in the look-up, and when a person lets it in", async () => {
  const page = await operate();
  await shows(page, "In order");
  await terminal.tap("group-1x3");
  await rows(page, "group-1").filter({ hasText: "only 2 of the group" }).waitFor();
  await terminal.tap("group-1x3");
  const refused = rows(page, "group-1").filter({ hasText: "deny" });
  await refused.getByRole("button", { name: "No entries left on this ticket · 3 people" }).click();
  await page.locator("#look-up-result tr", { hasText: "admit" }).getByText("only 2 of the group").waitFor();
  const gate = await open(context, `${terminal.url}/gate?reader=north-1`);
  await face(gate, "ready");
  await refused.getByRole("button", { name: "Override" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why").fill("paid again");
  await dialog.getByRole("button", { name: "Override" }).click();
  await shows(gate, "3 people");
  await rows(page, `let in by ${OPERATOR.username}: paid again · 3 people`).waitFor();
  assert.deepEqual(page.complaints, []);
});

/** The latest record of that pass here; another terminal's is made of it. */
const recordOf = async (pass) => (await terminal.read("/v1/taps")).taps.findLast((tap) => tap.pass_id === pass);
const elsewhere = (record, more) => ({
  ...record,
  terminal: "far-gate",
  reader: "far-1",
  position: 1,
  tap_id: record.tap_id.slice(0, -12) + randomBytes(6).toString("hex"),
  // Its clock is right; it comes first whatever this machine's clock is like.
  clock: "synchronised",
  clock_error_ms: 1,
  ...more,
});

test("whom the terminals together find wrongly refused can be let in, and the conflict is no visit", async () => {
  const guest = ticket(40);
  const page = await operate();
  await shows(page, "In order");
  await terminal.tap(ticket(42));
  const tapped = await recordOf(ticket(42));
  const ago = (seconds) => new Date(Date.parse(tapped.time) - seconds * 1e3).toISOString();
  const admitted = elsewhere(tapped, { pass_id: guest, time: ago(60) });
  assert.equal((await terminal.merge([admitted])).conflicts, 0);
  await terminal.tap(guest, { reader: 1 });
  // That had been taken back, far away, before the guest came here.
  const undone = elsewhere(admitted, { kind: "undo", decision: "deny", refers: admitted.tap_id, position: 2, time: ago(30), operator: "bert", why: "wrong gate", use: undefined });
  assert.equal((await terminal.merge([undone])).conflicts, 1);
  const conflict = rows(page, "conflict: wrongly refused at demo-gate");
  await conflict.waitFor();
  assert.equal(await conflict.locator(".decision").count(), 0);
  assert.equal(await conflict.getByRole("button").count(), 0);
  const refused = rows(page, guest).filter({ hasText: "deny" });
  await refused.getByRole("button", { name: "Ticket already used" }).click();
  const known = page.locator("#look-up-result tr", { hasText: "conflict: wrongly refused at demo-gate" });
  await known.waitFor();
  assert.equal(await known.locator(".decision").count(), 0);
  await refused.getByRole("button", { name: "Override" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why").fill("was undone at far-gate");
  await dialog.getByRole("button", { name: "Override" }).click();
  await rows(page, `let in by ${OPERATOR.username}: was undone at far-gate`).waitFor();
  // That cures it.
  await until(async () => (await recordOf(guest)).flag === "withdrawn", "the conflict to be withdrawn");
  await page.reload();
  await rows(page, "conflict withdrawn: wrongly refused at demo-gate").waitFor();
  assert.equal(await refused.getByRole("button", { name: "Override" }).count(), 0);
  assert.deepEqual(page.complaints, []);
});

test("an admission too many is told as a conflict, and can be taken back", async () => {
  const guest = ticket(41);
  await terminal.tap(guest);
  const admitted = await recordOf(guest);
  const before = new Date(Date.parse(admitted.time) - 60e3).toISOString();
  assert.equal((await terminal.merge([elsewhere(admitted, { time: before })])).conflicts, 1);
  const page = await operate();
  const conflict = rows(page, "conflict: admitted more often than the pass allows at demo-gate");
  await conflict.waitFor();
  assert.equal(await conflict.locator(".decision").count(), 0);
  // The admission stands, and may be taken back.
  const visit = rows(page, guest).filter({ has: page.locator(".decision") });
  assert.equal(await visit.count(), 1);
  await visit.getByRole("button", { name: "Undo" }).waitFor();
  assert.deepEqual(page.complaints, []);
});

test("a conflict about a tap of long ago stands where it was told", async () => {
  await terminal.tap(ticket(43));
  const page = await operate();
  await rows(page, ticket(43)).waitFor();
  const tapped = await recordOf(ticket(43));
  const far = (hours, position) =>
    elsewhere(tapped, { pass_id: ticket(44), position, time: new Date(Date.parse(tapped.time) - hours * 3600e3).toISOString() });
  assert.equal((await terminal.merge([far(9, 1), far(8, 2)])).conflicts, 1);
  await rows(page, ticket(44)).waitFor();
  assert.match(await page.locator("#taps-body tr").first().innerText(), /conflict: admitted more often/);
  assert.deepEqual(page.complaints, []);
});

test("taps of before are there when the page opens, and those of a break when it is over", async () => {
  await terminal.tap(ticket(10));
  const page = await operate();
  await rows(page, ticket(10)).waitFor();
  await terminal.endPart("passgate-syncd", "SIGKILL");
  await shows(page, "The terminal does not answer");
  await terminal.tap(ticket(11));
  await terminal.startPart("passgate-syncd");
  await rows(page, ticket(11)).waitFor();
  assert.equal(await rows(page, ticket(10)).count(), 1);
});

test("a look-up says what would happen now", async () => {
  const page = await operate();
  await shows(page, "List of season-ticket");
  await page.getByLabel("Template").selectOption("season-ticket");
  await page.getByLabel("Pass id").fill(ticket(20));
  await page.getByRole("button", { name: "Look up" }).click();
  await shows(page, "would be admitted now");
  await page.getByLabel("Pass id").fill("ffffffffffffffffff");
  await page.keyboard.press("Enter");
  await shows(page, "would be refused now because: Ticket not on our list");
});

test("what the cloud refused is sent again", async () => {
  const page = await operate();
  await terminal.tap("guest-1");
  const line = page.locator("#deliveries-body tr", { hasText: "guest-1" }).filter({ has: page.getByRole("button", { name: "Redeliver" }) });
  await line.first().waitFor();
  assert.ok([200, 201, 204].includes(await terminal.addPass("ptk_guest", "guest-1")));
  await line.first().getByRole("button").click();
  await shows(page, "is queued");
  await until(async () => (await line.count()) === 0, "the delivery not to be failed any more");
  assert.deepEqual(page.complaints, []);
});

test("it can be used on a phone", async () => {
  const page = await operate();
  await page.setViewportSize({ width: 390, height: 780 });
  await shows(page, "In order");
  const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wider, false);
});
