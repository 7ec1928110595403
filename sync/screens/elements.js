// SPDX-License-Identifier: Apache-2.0
// Elements made of names and text. Whatever comes from outside stays text.

const SVG = "http://www.w3.org/2000/svg";

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== "") made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

/** `children` are elements or texts. */
export const element = (name, attributes = {}, ...children) =>
  fill(document.createElement(name), attributes, children);
export const drawn = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);

/** A list of [name, value], value an element or a text. */
export const facts = (...rows) =>
  element("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [
    element("dt", {}, name),
    element("dd", {}, value),
  ]));

export const row = (...cells) => element("tr", {}, ...cells);
export const cell = (content, kind) => element("td", { class: kind }, content);
export const part = (id) => document.getElementById(id);
