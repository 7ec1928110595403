// SPDX-License-Identifier: Apache-2.0
// The terminal, asked. What goes wrong has a sentence for a person.

const BUDGET_MS = 8000;

export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

async function ask(method, path, body) {
  let answer;
  try {
    const headers = { Accept: "application/json", ...(body && { "Content-Type": "application/json" }) };
    answer = await fetch(path, { method, signal: AbortSignal.timeout(BUDGET_MS), headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Refused(0, "The terminal does not answer.");
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  throw new Refused(answer.status, said.detail ?? `The terminal answers ${answer.status}.`);
}

export const read = (path) => ask("GET", path);
export const order = (path, body) => ask("POST", path, body);
