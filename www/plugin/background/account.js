/* SPDX-License-Identifier: MIT */

/* Whose session it is. Only Vinted itself is asked: on its pages stands what
 * strangers wrote, and what stood there before somebody else signed in. */

import { NO_USER_ID, TaskError } from "./errors.js";
import { digitsOf, idFrom, parseBody } from "./json.js";

export const CURRENT_USER = "/api/v2/users/current";

/** Milliseconds: after that, somebody else may have signed in. */
export const KNOWN_FOR = 60_000;

let last = null; // {tab, load, found, at}: which page was told what

/** Notes what Vinted has told this load of a tab's page. */
export function remember(tab, { load }, found) {
  last = found.user ? { tab: tab.id, load, found, at: Date.now() } : null;
}

/**
 * What it has told it of late, so that a hundred reads do not ask as often.
 * Whoever writes asks for himself.
 * @returns {?object} as readUser gives it
 */
export function recall(tab, { load }) {
  const isSo = last?.tab === tab.id && last.load === load;
  return isSo && Date.now() <= last.at + KNOWN_FOR ? last.found : null;
}

/** Why nothing is written, by whoever the request is. */
export class AccountError extends TaskError {}

/**
 * @param {object} answer of Vinted to a GET of CURRENT_USER
 * @returns {object} {user}: all that Vinted tells of who is signed in; or
 *     {error}, an AccountError that says why nobody is known
 */
export function readUser(answer) {
  const { status = 0, text = "" } = answer;
  if (status === 401 || status === 403)
    return { error: new AccountError(NO_USER_ID, { code: "signed_out" }) };
  const { user, code } = (status === 200 && parseBody(text)) || {};
  const digits = code ? null : digitsOf(user?.id);
  if (!digits) return { error: failureOf(answer) };
  return { user: { ...user, id: idFrom(digits) } };
}

/** Begins with words by which the backend knows that nothing was sent. */
function failureOf({ status = 0, error }) {
  const codes = { 200: "unreadable", 429: "limited" };
  const said = status ? `Vinted a répondu ${status}` : error;
  const code = codes[status] ?? (status ? "refused" : "unreadable");
  const data = { code, ...(status && { status }) };
  return new AccountError(`${NO_USER_ID} : ${said}`, data);
}

/** @returns {?object} {id, login}, the login where it is known */
export function accountOf(user) {
  const { id, login } = user ?? {};
  return user ? { id, ...(login && { login }) } : null;
}

/** @returns {boolean} whether both ids name the same account */
export function isSame(one, other) {
  return digitsOf(one) !== null && digitsOf(one) === digitsOf(other);
}

/**
 * Nothing is written to Vinted under another account than the queue's.
 * @param {object} user who is signed in
 * @param {object} expected {id, login} of the poll's answer
 * @throws {AccountError} with data {code, expected, found}: the two ids
 */
export function check(user, expected) {
  if (isSame(user.id, expected.id)) return;
  const data = { expected: expected.id, found: user.id };
  throw new AccountError(
    `Autre compte Vinted : ${named(user)} est connecté, cette file est celle ` +
      `de ${named(expected)}. Rien n'a été envoyé`,
    { code: "wrong_account", ...data },
  );
}

function named({ id, login }) {
  return login ? `${login} (${digitsOf(id)})` : digitsOf(id);
}
