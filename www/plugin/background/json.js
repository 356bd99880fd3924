/* SPDX-License-Identifier: MIT */

/* Ids of any size stay exact: a number that a double cannot hold is kept as
 * the text it was, which JSON.stringify writes again as it stands. */

const CAN_KEEP_TEXT = typeof JSON.rawJSON === "function";
const WHOLE = /^-?\d+$/;

function keepExact(_key, value, context) {
  const isInexact =
    typeof value === "number" &&
    !Number.isSafeInteger(value) &&
    WHOLE.test(context.source);
  return isInexact ? JSON.rawJSON(context.source) : value;
}

/**
 * @param {string} text
 * @returns {*} as JSON.parse, but see above for large integers
 * @throws {SyntaxError} text is no JSON
 */
export function parseJson(text) {
  return CAN_KEEP_TEXT ? JSON.parse(text, keepExact) : JSON.parse(text);
}

/**
 * @param {string} text
 * @returns {*} what it says if it is JSON, null if empty, else the text itself
 */
export function parseBody(text) {
  if (text === "") return null;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/**
 * @param {*} value an id as JSON or a form may hold it
 * @returns {?string} its digits, or null if it is no positive whole number
 */
export function digitsOf(value) {
  const text =
    typeof value === "object" && value !== null
      ? String(value.rawJSON)
      : String(value);
  return /^[1-9]\d*$/.test(text) ? text : null;
}

/** @returns {number|object} the id as a number that JSON.stringify keeps */
export function idFrom(digits) {
  return parseJson(digits);
}
