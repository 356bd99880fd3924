// SPDX-License-Identifier: MIT
/** The words of the pages: French first, English by the browser's language. */

import { english } from "./english.js";
import { french } from "./french.js";

export const words = { fr: french, en: english };

/** "fr" or "en": English only for who prefers it to French. */
export const language = (() => {
  const wanted = (navigator.languages || []).map((one) => one.slice(0, 2));
  return wanted.find((one) => one in words) || "fr";
})();

/** The text for a key, with {0}, {1}, … replaced. Unknown keys stand as they
 * are. */
export function text(key, ...values) {
  const found = words[language][key] ?? key;
  return found.replace(/\{(\d)\}/g, (_, i) => values[i] ?? "");
}

/** The words for one of an open set of names ("action", "code", "declared",
 * "member", "lost", "unknown" or "settled"), or else what is given instead: by
 * default the name. */
export const named = (kind, name, instead = name) =>
  words[language][`${kind}_${name}`] ?? instead;

/** "1 product", "2 products": French counts 0 as one, English does not. */
export function counted(key, count) {
  const rule = new Intl.PluralRules(language).select(count);
  return text(`${key}_${rule === "one" ? "one" : "count"}`, count);
}

/** What the backend writes as the reason of a pause, in the reader's words;
 * what a person wrote stands as it is. */
const reasons = [
  [/^paused by hand$/, "reason_hand"],
  [/^task (\S+): Vinted asks for a captcha, or shows/, "reason_captcha"],
  [/^task (\S+): Vinted answered 401 or 403 twice/, "reason_refused"],
  [/^another Vinted account \((\S+)\) is signed in, not (\S+);/, "reason_other"],
  [/^the Vinted account was changed;/, "reason_changed"],
];

function readReason(reason) {
  for (const [pattern, key] of reasons) {
    const found = pattern.exec(reason);
    if (found) return { key, values: found.slice(1) };
  }
  return null;
}

export function pauseReason(reason) {
  const known = readReason(reason);
  return known ? text(known.key, ...known.values) : reason;
}

/** Where another Vinted account is the reason: the numbers of that one and of
 * the queue's own; else null. */
export function pauseAccounts(reason) {
  const known = readReason(reason);
  return known?.key === "reason_other" ? known.values : null;
}

/** Whether it is that the account was changed while tasks waited. */
export const pauseIsChange = (reason) =>
  readReason(reason)?.key === "reason_changed";

/** Fills every element that says which text it holds. */
export function translate(root = document) {
  document.documentElement.lang = language;
  for (const each of root.querySelectorAll("[data-text]"))
    each.textContent = text(each.dataset.text);
  for (const each of root.querySelectorAll("[data-label]"))
    each.setAttribute("aria-label", text(each.dataset.label));
}

/** A moment (ISO 8601) in the reader's own zone and words; "" for none. */
export function moment(iso) {
  if (!iso) return "";
  const format = { dateStyle: "short", timeStyle: "medium" };
  return new Date(iso).toLocaleString(language, format);
}
