// SPDX-License-Identifier: Apache-2.0
// The terminal, asked. What goes wrong has a sentence for a person.

const BUDGET_MS = 8000;

export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

async function ask(method, path) {
  let answer;
  try {
    answer = await fetch(path, { method, signal: AbortSignal.timeout(BUDGET_MS), headers: { Accept: "application/json" } });
  } catch {
    throw new Refused(0, "The terminal does not answer.");
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  throw new Refused(answer.status, body.detail ?? `The terminal answers ${answer.status}.`);
}

export const read = (path) => ask("GET", path);
export const order = (path) => ask("POST", path);
