// SPDX-License-Identifier: Apache-2.0
// The words of one language (languages/*.json); which one, passgate-syncd has
// chosen and written into the page.

const RETRY_MS = 1000;

export class Wording {
  #words;
  #clock;
  #moment;

  constructor(words, language) {
    this.#words = words;
    // A person's browser knows the habits of the region, too.
    const region = navigator.languages.find((each) => each.split("-")[0] === language) ?? language;
    this.#clock = new Intl.DateTimeFormat(region, { timeStyle: "short" });
    this.#moment = new Intl.DateTimeFormat(region, { dateStyle: "medium", timeStyle: "short" });
  }

  /** Asks until it has them: without words there is nothing to show. */
  static async load(language) {
    for (;;) {
      try {
        const answer = await fetch(`/assets/${language}.json`);
        if (answer.ok) return new Wording(await answer.json(), language);
      } catch {
        // Not there now: again.
      }
      await new Promise((resume) => setTimeout(resume, RETRY_MS));
    }
  }

  /** `values` fill the {places}. */
  text(key, values = {}) {
    return (this.#words.texts[key] ?? "").replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
  }

  /** {what, do}; of a reason newer than this page its name. */
  reason(name) {
    return this.#words.reasons[name] ?? { what: name, do: "" };
  }

  time(date) {
    return this.#clock.format(date);
  }

  /** The time alone when it was today. */
  moment(date) {
    const today = date.toDateString() === new Date().toDateString();
    return (today ? this.#clock : this.#moment).format(date);
  }
}
