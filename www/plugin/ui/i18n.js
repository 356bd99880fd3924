/* SPDX-License-Identifier: MIT */

import { api } from "../background/api.js";

/** @returns {string} the text of this name in the browser's language */
export const text = (name, ...parts) => api.i18n.getMessage(name, parts);

/** Gives every element with data-text the text of that name. */
export function translate() {
  document.documentElement.lang = api.i18n.getUILanguage().split("-")[0];
  for (const element of document.querySelectorAll("[data-text]"))
    element.textContent = text(element.dataset.text);
  document.title = text("name");
}
