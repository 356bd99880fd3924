/* SPDX-License-Identifier: MIT */

/**
 * Waits, or throws what the signal was aborted with.
 * @param {number} milliseconds
 * @param {AbortSignal} [signal]
 */
export function wait(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(end, milliseconds);
    function end() {
      signal?.removeEventListener("abort", stop);
      resolve();
    }
    function stop() {
      clearTimeout(timer);
      reject(signal.reason);
    }
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

export const CALL_TIMEOUT = 10_000;

/** The browser, or a page, has let us wait for longer than it may. */
export class Late extends Error {}

/**
 * A call of the browser may never settle: executeScript does not in a tab that
 * goes on loading (w3c/webextensions#527), nor does a message to a page that
 * hangs.
 * @param {Promise} call
 * @param {number} [timeout] milliseconds that it may take
 * @throws {Late} after that; the call may still be done
 */
export async function limited(call, timeout = CALL_TIMEOUT) {
  let timer;
  const late = new Promise((_, reject) => {
    const error = new Late("le navigateur ne répond pas");
    timer = setTimeout(() => reject(error), timeout);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @returns {number} between half of it and all of it */
export function jittered(milliseconds) {
  return Math.round(milliseconds * (0.5 + Math.random() / 2));
}

/**
 * @param {?string} value of a Retry-After header: seconds, or a date
 * @returns {?number} milliseconds from now, null where there is none
 */
export function parseRetryAfter(value) {
  if (!value) return null;
  const seconds = Number(value);
  const milliseconds = Number.isFinite(seconds)
    ? seconds * 1000
    : Date.parse(value) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : null;
}
