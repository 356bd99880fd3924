/* SPDX-License-Identifier: MIT */

/* The one place where a text is cut. JavaScript counts in units of UTF-16: cut
 * anywhere, an emoji may leave half of itself, which no UTF-8 can say. */

const HALVES = /\p{Surrogate}/gu; // those that stand alone

/**
 * @param {*} value made a text
 * @param {number} most units of UTF-16
 * @returns {string} its beginning, well-formed: half an emoji at the cut is left
 *     out, one that was there before becomes U+FFFD
 */
export function cut(value, most) {
  const text = String(value).replace(HALVES, "\ufffd");
  const last = text.codePointAt(most - 1) ?? 0;
  return text.substring(0, last > 0xffff ? most - 1 : most);
}
