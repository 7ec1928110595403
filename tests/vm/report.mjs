// SPDX-License-Identifier: Apache-2.0
// One line a step while it runs, a table at the end.
const steps = [];

const seconds = (from) => ((performance.now() - from) / 1000).toFixed(1).padStart(6);

/** What a step found out, for the reader of the log. */
export const note = (text) => {
  for (const line of text.trimEnd().split("\n")) console.log(`            ${line}`);
};

/** Runs one step; its error ends the run. */
export const step = async (name, work) => {
  const from = performance.now();
  try {
    const result = await work();
    console.log(`ok   ${seconds(from)} s  ${name}`);
    steps.push({ name, time: seconds(from), verdict: "ok" });
    return result;
  } catch (error) {
    console.log(`FAIL ${seconds(from)} s  ${name}\n${error.message}`);
    steps.push({ name, time: seconds(from), verdict: "FAIL" });
    throw error;
  }
};

const started = performance.now();
export const table = () => {
  console.log("\n seconds  step");
  for (const { name, time, verdict } of steps) console.log(`  ${time}  ${name}${verdict === "ok" ? "" : "  " + verdict}`);
  console.log(`  ${seconds(started)}  all`);
};
