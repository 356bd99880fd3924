/* SPDX-License-Identifier: MIT */

/**
 * @returns {function(function(): Promise): Promise} runs one piece of work
 *     after the other; its promise is that of the work
 */
export function makeQueue() {
  let last = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}

/** For tasks, whoever brings them: they share the seller's session. */
export const exclusively = makeQueue();
