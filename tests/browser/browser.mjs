// SPDX-License-Identifier: Apache-2.0
// Chromium, as the tests use it, and what they wait for.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export async function launch(more = {}) {
  const executablePath = PLACES.find((place) => existsSync(place));
  if (!executablePath) throw new Error(`no browser at ${PLACES.join(", ")}`);
  // A container has no user namespaces for the sandbox, and little /dev/shm.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage", ...(more.args ?? [])] });
}

/** A page that collects what the browser complains about. */
export async function open(context, url) {
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  await page.goto(url);
  return page;
}

const PATIENCE_MS = 20_000;

/** Until the gate screen has this face. */
export const face = (page, wanted, timeout = PATIENCE_MS) =>
  page.waitForFunction((name) => document.body.dataset.face === name, wanted, { timeout, polling: "raf" });

export const shows = (page, words, timeout = PATIENCE_MS) =>
  page.waitForFunction((text) => document.body.innerText.includes(text), words, { timeout, polling: "raf" });

/** Until `holds` is true; it may be asynchronous. */
export async function until(holds, what, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
