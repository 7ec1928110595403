// SPDX-License-Identifier: Apache-2.0
// The gate screen of the real programs, in a real browser.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { face, launch, open, shows } from "./browser.mjs";
import { basic, DISPLAY, Terminal, ticket } from "./terminal.mjs";

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
beforeEach(async () => (context = await browser.newContext({ locale: "en-GB" })));
afterEach(() => context.close());

const gate = (query = "") => open(context, `${terminal.url}/gate${query}`);
const faceOf = (page) => page.evaluate(() => document.body.dataset.face);
/** A face the page has had since. */
async function watch(page) {
  await page.evaluate(() => {
    window.faces = new Set();
    new MutationObserver(() => window.faces.add(document.body.dataset.face)).observe(document.body, { attributeFilter: ["data-face"] });
  });
  return () => page.evaluate(() => [...window.faces]);
}

test("a tap turns the screen green, the second one red with its reason in words", async () => {
  const page = await gate("?reader=north-1");
  await face(page, "ready");
  await shows(page, "Hold phone to reader");
  await Promise.all([terminal.tap(`${ticket(1)}-12A`), face(page, "admit")]);
  await shows(page, "12A");
  await Promise.all([terminal.tap(`${ticket(1)}-12A`), face(page, "deny")]);
  await shows(page, "Ticket already used");
  await shows(page, "at reader north-1");
  await face(page, "ready");
  assert.deepEqual(page.complaints, []);
});

test("a group is counted, and of one that is let in only in part so many", async () => {
  const page = await gate("?reader=north-1");
  await face(page, "ready");
  await Promise.all([terminal.tap("group-1x2"), face(page, "admit"), shows(page, "2 people")]);
  await face(page, "ready");
  await Promise.all([terminal.tap("group-2x3"), face(page, "admit"), shows(page, "Only 2 of the group")]);
  const sizes = await page.evaluate(() => ["people", "headline"].map((id) => parseFloat(getComputedStyle(document.getElementById(id)).fontSize)));
  assert.ok(sizes[0] >= sizes[1], `as large as the verdict: ${sizes}`);
  await shows(page, "Send the others to the ticket desk");
  // Next to it nobody is taken for a group.
  await face(page, "ready");
  await Promise.all([terminal.tap(ticket(9)), face(page, "admit")]);
  assert.equal(await page.locator("#people").textContent(), "");
});

test("a locked phone is amber", async () => {
  const page = await gate();
  await face(page, "ready");
  await Promise.all([terminal.tap(ticket(2), { more: ["--locked"] }), face(page, "attention")]);
  await shows(page, "Phone is locked");
  await face(page, "ready");
});

test("?reader= keeps to one reader", async () => {
  const page = await gate("?reader=north-1");
  await face(page, "ready");
  const faces = await watch(page);
  await terminal.tap(ticket(3), { reader: 1 });
  await Promise.all([terminal.tap("no such pass"), face(page, "deny")]);
  assert.ok(!(await faces()).includes("admit"));
});

test("it speaks German when asked", async () => {
  const page = await gate("?lang=de");
  await face(page, "ready");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
  await Promise.all([terminal.tap("no such pass"), face(page, "deny")]);
  await shows(page, "Kein Ticket für diesen Einlass");
  const french = await browser.newContext({ locale: "fr-CH" });
  await shows(await open(french, `${terminal.url}/gate`), "Approchez le téléphone du lecteur");
  await french.close();
});

test("passgate-syncd killed is offline, and no old verdict comes back with it", async () => {
  const page = await gate("?reader=north-1");
  await face(page, "ready");
  await Promise.all([terminal.tap(ticket(4)), face(page, "admit")]);
  await terminal.endPart("passgate-syncd", "SIGKILL");
  await face(page, "offline");
  await shows(page, "Offline since");
  const faces = await watch(page);
  // Let in while nobody watched: in the journal, and in what is told again.
  await terminal.tap(ticket(5));
  await terminal.startPart("passgate-syncd");
  await face(page, "ready");
  await Promise.all([terminal.tap(ticket(5)), face(page, "deny")]);
  assert.ok(!(await faces()).includes("admit"));
});

test("passgated killed is offline since then, and comes back by itself", async () => {
  const page = await gate("?reader=north-1");
  await face(page, "ready");
  await terminal.endPart("passgated", "SIGKILL");
  await face(page, "offline");
  await shows(page, "The reader’s own lamp is right");
  await terminal.startPart("passgated");
  await face(page, "ready");
});

test("a reader that is gone is said so, and only on its own screen", async () => {
  const page = await gate("?reader=north-1");
  const other = await gate("?reader=south-1");
  await face(page, "ready");
  await face(other, "ready");
  await terminal.fault("gone");
  await face(page, "unavailable");
  await shows(page, "Reader not available");
  assert.equal(await faceOf(other), "ready");
  await terminal.fault("back");
  await face(page, "ready");
});

test("a name that no reader has is said so", async () => {
  const page = await gate("?reader=nobody");
  await shows(page, "No reader is called nobody");
});

test("another origin's page can neither read nor frame it", async () => {
  const elsewhere = createServer((ask, answer) => {
    answer.setHeader("Content-Type", "text/html");
    answer.end(`<iframe id="frame" src="${terminal.url}/gate"></iframe>`);
  });
  await new Promise((resume) => elsewhere.listen(0, "127.0.0.1", resume));
  try {
    const page = await open(context, `http://127.0.0.1:${elsewhere.address().port}/`);
    const read = await page.evaluate(async (url) => {
      const outcomes = [];
      for (const path of ["/gate", "/v1/taps/stream", "/readyz"]) {
        outcomes.push(await fetch(url + path).then((answer) => answer.text()).catch(() => "refused"));
      }
      return outcomes;
    }, terminal.url);
    assert.deepEqual(read, ["refused", "refused", "refused"]);
    assert.equal(page.frames().length, 2);
    assert.equal(await page.frames()[1].locator("#headline").count(), 0);
  } finally {
    elsewhere.closeAllConnections();
    await new Promise((resume) => elsewhere.close(resume));
  }
});

test("a page that came through a proxy needs the key of a display", async () => {
  const forwarded = { headers: { "X-Forwarded-For": "192.0.2.1" } };
  assert.equal(await terminal.answers("/gate", forwarded), 401);
  const known = { headers: { ...forwarded.headers, Authorization: basic(DISPLAY) } };
  assert.equal(await terminal.answers("/gate", known), 200);
  assert.equal(await terminal.answers("/", known), 403);
});
