// SPDX-License-Identifier: MIT
/** Making elements. Text is only ever set as text, never as markup: titles and
 * errors come from strangers. */

import { named, text } from "./texts.js";

export const find = (id) => document.getElementById(id);

/** An element with attributes (an "on…" function is a listener) and children
 * (elements or strings; null is left out). */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function button(key, onclick, kind = null) {
  return make("button", { type: "button", class: kind, onclick }, text(key));
}

/** A cell that names its column where the table is too narrow for a head. */
export function cell(key, content, kind = null) {
  const children = Array.isArray(content) ? content : [content ?? ""];
  return make("td", { "data-label": text(key), class: kind }, ...children);
}

/** An action in the reader's words, and below them its name, which is what
 * `ls` shows of it. */
export function actionNames(action) {
  const words = named("action", action);
  if (words === action) return [words];
  return [
    make("span", {}, words, make("code", { class: "name" }, action)),
  ];
}

/** Says something above everything, until it is closed or something else is
 * said; "" takes it away. `detail` is said below it, in the backend's words. */
export function notice(message, detail = null) {
  find("notice").hidden = !message;
  find("notice-text").textContent = message;
  find("notice-detail").hidden = !detail;
  find("notice-detail").textContent = detail ?? "";
}

/** To be called once on a page that has a notice. */
export function startNotice() {
  find("notice-close").addEventListener("click", () => notice(""));
}
