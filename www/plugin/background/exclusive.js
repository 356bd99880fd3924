/* SPDX-License-Identifier: MIT */

let last = Promise.resolve();

/**
 * Runs one piece of work after the other: tasks that are polled for and tasks
 * that a page relays share the seller's session.
 * @param {function(): Promise} work
 * @returns {Promise} what the work returns or throws
 */
export function exclusively(work) {
  const mine = last.then(work);
  last = mine.catch(() => {});
  return mine;
}
