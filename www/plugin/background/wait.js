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

/**
 * @param {Promise} promise
 * @param {number} milliseconds how long it may take
 * @param {function(): Error} makeError what is thrown after that
 */
export async function within(promise, milliseconds, makeError) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(makeError()), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
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
