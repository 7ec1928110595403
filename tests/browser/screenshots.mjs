// SPDX-License-Identifier: Apache-2.0
// The pictures of docs/screens/, taken of the real programs.
//   node screenshots.mjs [FOLDER]
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { face, launch, open, shows, until } from "./browser.mjs";
import { withPalette } from "./palette_png.mjs";
import { OPERATOR, Terminal, ticket } from "./terminal.mjs";

const folder = process.argv[2] ?? fileURLToPath(new URL("../../docs/screens", import.meta.url));
const viewport = { width: 1280, height: 800 };
await mkdir(folder, { recursive: true });

const browser = await launch();
const terminal = await Terminal.start();
const seat = (i) => `${ticket(i)}-${10 + i}${"ABCDEF"[i % 6]}`;

const take = async (page, name) => writeFile(join(folder, `${name}.png`), withPalette(await page.screenshot()));

async function takeGate() {
  const page = await open(await browser.newContext({ viewport, locale: "en-GB" }), `${terminal.url}/gate?reader=north-1`);
  await page.getByRole("button").click();
  await face(page, "ready");
  // The lists were empty when the terminal began.
  await page.waitForFunction(() => document.getElementById("notice").textContent === "");
  await take(page, "gate-ready");
  await Promise.all([terminal.tap(seat(2)), face(page, "admit")]);
  await take(page, "gate-green");
  await Promise.all([terminal.tap(seat(2)), face(page, "deny")]);
  await take(page, "gate-red");
  await Promise.all([terminal.tap(seat(3), { more: ["--locked"] }), face(page, "attention")]);
  await take(page, "gate-attention");
  await terminal.endPart("passgate-syncd", "SIGKILL");
  await face(page, "offline");
  await take(page, "gate-offline");
  await terminal.startPart("passgate-syncd");
  await face(page, "ready");
  await page.close();
}

async function takeOperator() {
  const page = await open(await browser.newContext({ viewport, locale: "en-GB", httpCredentials: OPERATOR }), `${terminal.url}/`);
  await shows(page, "In order");
  for (let i = 10; i < 26; ++i) {
    await terminal.tap(seat(i), { reader: i % 2 });
    if (i % 4 === 0) await terminal.tap(seat(i), { reader: 0 });
    if (i % 5 === 0) await terminal.tap("ffffffffffffffffff", { reader: 1 });
    if (i % 7 === 0) await terminal.tap(seat(i), { reader: 1, more: ["--no-pass"] });
  }
  await terminal.tap("guest-7");
  await terminal.tap(seat(24), { reader: 1 });
  await page.locator("#taps-body tr").first().getByRole("button").click();
  await shows(page, "would be refused now because");
  await page.getByRole("button", { name: "Redeliver" }).waitFor();
  await until(() => page.evaluate(() => document.querySelectorAll("#latency-body circle").length > 10), "the plot");
  await page.evaluate(() => scrollTo(0, 0));
  await take(page, "operator");
  await page.locator("#deliveries").scrollIntoViewIfNeeded();
  await take(page, "operator-below");
}

try {
  await takeGate();
  await takeOperator();
} finally {
  await browser.close();
  await terminal.stop();
}
