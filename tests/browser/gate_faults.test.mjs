// SPDX-License-Identifier: Apache-2.0
// The gate screen when something is wrong with what it is told: it may show less
// than there is, but never something old as new.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { face, launch, open, shows, until } from "./browser.mjs";
import { PlayedTerminal } from "./played_terminal.mjs";

let browser;
let terminal;
let context;
before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => {
  terminal = await new PlayedTerminal().start();
  context = await browser.newContext({ locale: "en-GB" });
});
afterEach(async () => {
  await context.close();
  await terminal.stop();
});

const gate = (query = "") => open(context, `${terminal.url}/gate${query}`);
const faceOf = (page) => page.evaluate(() => document.body.dataset.face);
/** Every face the page has from here on, in order. */
async function watch(page) {
  await page.evaluate(() => {
    window.faces = [document.body.dataset.face];
    new MutationObserver(() => window.faces.push(document.body.dataset.face)).observe(document.body, { attributeFilter: ["data-face"] });
  });
  return () => page.evaluate(() => [...new Set(window.faces)]);
}
/** Until the page has taken what was sent before: a verdict that may be shown ends the wait. */
async function marker(page) {
  terminal.tap({ decision: "read", reason: "ok" });
  await face(page, "read");
}

test("an old event is never shown", async () => {
  const page = await gate();
  await face(page, "ready");
  const faces = await watch(page);
  terminal.tap({ decision: "admit", reason: "ok", age_ms: 4001 });
  terminal.tap({ decision: "admit", reason: "ok", replayed: true });
  terminal.tap({ decision: "admit", reason: "ok", age_ms: undefined });
  await marker(page);
  assert.deepEqual(await faces(), ["ready", "read"]);
});

test("a tap that took long is shown when it is decided", async () => {
  const page = await gate();
  await face(page, "ready");
  const came = new Date(Date.now() - 6000).toISOString();
  await Promise.all([face(page, "deny"), terminal.tap({ decision: "deny", reason: "voided", time: came })]);
});

test("an event that waited on its way is not shown, and a new connection is made", async () => {
  const page = await gate();
  await face(page, "ready");
  const faces = await watch(page);
  // Written 5 s ago by the terminal's clock, 3 ms after the tap, and only seen now.
  terminal.tap({ decision: "admit", reason: "ok", sent: new Date(Date.now() - 5000).toISOString() });
  await until(() => terminal.opened === 2, "a second connection");
  await marker(page);
  assert.ok(!(await faces()).includes("admit"));
});

test("a terminal whose clock is wrong is believed all the same", async () => {
  const hour = 3600e3;
  terminal.clockIsFast = hour;
  const page = await gate();
  await face(page, "ready");
  terminal.tap({ decision: "admit", reason: "ok" });
  await face(page, "admit");
});

test("silence is offline, and a verdict does not outlive it", async () => {
  const page = await gate("?reader=north-1");
  await face(page, "ready");
  terminal.silent = true;
  await face(page, "offline");
  await shows(page, "Offline since");
  terminal.silent = false;
  await face(page, "ready");
});

test("a verdict vanishes with the connection", async () => {
  const page = await gate();
  await face(page, "ready");
  terminal.refusal = 503;
  terminal.tap({ decision: "admit", reason: "ok" });
  await face(page, "admit");
  const before = await page.evaluate(() => performance.now());
  terminal.breakStreams();
  await face(page, "offline");
  assert.ok((await page.evaluate(() => performance.now())) - before < 4000, "sooner than a verdict ends by itself");
  terminal.refusal = 0;
  await face(page, "ready");
});

test("passgated that is absent is offline since it went", async () => {
  const page = await gate();
  await face(page, "ready");
  const since = new Date(Date.now() - 7 * 60e3);
  terminal.become({ core: "absent", since: since.toISOString() });
  await shows(page, `Offline since ${since.toLocaleTimeString("en-GB", { timeStyle: "short" })}`);
});

test("a page that slept trusts nothing that waited for it", async () => {
  const page = await gate();
  await face(page, "ready");
  const faces = await watch(page);
  const opened = terminal.opened;
  // The page hangs, as on a machine that is suspended, while an admission arrives.
  terminal.answers["/asleep"] = async () => {
    terminal.tap({ decision: "admit", reason: "ok" });
    await new Promise((resume) => setTimeout(resume, 3500));
    return {};
  };
  await page.evaluate(() => {
    const ask = new XMLHttpRequest();
    ask.open("GET", "/asleep", false);
    ask.send();
  });
  await until(() => terminal.opened > opened, "a new connection");
  await marker(page);
  assert.ok(!(await faces()).includes("admit"));
});

test("the phone that never left changes nothing", async () => {
  const page = await gate();
  await face(page, "ready");
  const faces = await watch(page);
  terminal.tap({ decision: "deny", reason: "same_tap" });
  await marker(page);
  assert.deepEqual(await faces(), ["ready", "read"]);
});

test("a verdict goes back to ready by itself", async () => {
  const page = await gate();
  await face(page, "ready");
  terminal.tap({ decision: "admit", reason: "ok" });
  await face(page, "admit");
  await face(page, "ready");
});

test("what the phone wants is amber, and what the terminal cannot check does not blame the ticket", async () => {
  const page = await gate();
  await face(page, "ready");
  for (const reason of ["locked", "choose"]) {
    terminal.tap({ decision: "deny", reason });
    await shows(page, { locked: "Phone is locked", choose: "Several tickets" }[reason]);
    assert.equal(await faceOf(page), "attention");
  }
  for (const reason of ["out_of_order", "remote_unavailable", "claim_unavailable", "stale_cache", "clock_untrusted", "undecryptable"]) {
    terminal.tap({ decision: "deny", reason: "voided" });
    await shows(page, "Ticket cancelled");
    terminal.tap({ decision: "deny", reason });
    await shows(page, "Not checked");
    assert.equal(await faceOf(page), "fault");
    await shows(page, "Not the guest’s fault");
  }
});

test("fields of the pass stand there as text", async () => {
  const page = await gate();
  await face(page, "ready");
  terminal.tap({ decision: "admit", reason: "ok", display: { seat: "<img src=x onerror=alert(1)>", row_letter: "F" } });
  await shows(page, "<img src=x onerror=alert(1)>");
  await shows(page, "Row Letter");
  assert.equal(await page.locator("dd img").count(), 0);
  assert.deepEqual(page.complaints, []);
});

test("without ?reader= each verdict says whose it is", async () => {
  const page = await gate();
  await face(page, "ready");
  terminal.tap({ decision: "admit", reason: "ok", reader: "south-2", zone: "south" });
  await shows(page, "south-2 · south");
});

test("a reader that is gone, stuck or unknown is told apart", async () => {
  const page = await gate("?reader=north-1");
  await face(page, "ready");
  terminal.become({ readers: [{ reader: "north-1", state: "unavailable" }, { reader: "north-2", state: "idle" }] });
  await shows(page, "Reader not available");
  terminal.become({ readers: [{ reader: "north-1", state: "stuck" }], reasons: ["reader_stuck"] });
  await shows(page, "Reader does not respond");
  terminal.become({ readers: [{ reader: "north-1", state: "idle" }], reasons: ["journal_out_of_order"] });
  await shows(page, "This gate is out of order");
  terminal.refusal = 404;
  terminal.breakStreams();
  await shows(page, "No reader is called north-1");
});

test("sound waits for a touch and says so", async () => {
  const page = await gate();
  // To the browser whatever a test asks of a page is a touch: not before it has asked for sound.
  await until(() => terminal.opened === 1, "the page to listen");
  const button = page.getByRole("button", { name: "Sound off" });
  await button.click();
  await button.waitFor({ state: "hidden" });
});

test("a long verdict fits the screen", async () => {
  const page = await gate("?lang=de");
  await page.setViewportSize({ width: 1024, height: 600 });
  await face(page, "ready");
  terminal.tap({ decision: "deny", reason: "claim_unavailable", display: { block: "Nordkurve Oberrang 12", name: "Wolfeschlegelsteinhausenbergerdorff" } });
  await face(page, "fault");
  const beyond = await page.evaluate(() => {
    const edge = document.querySelector("main").getBoundingClientRect();
    return [...document.querySelectorAll(".words *")].filter((each) => {
      const box = each.getBoundingClientRect();
      return box.top < edge.top || box.bottom > edge.bottom || box.right > edge.right;
    }).length;
  });
  assert.equal(beyond, 0);
});
