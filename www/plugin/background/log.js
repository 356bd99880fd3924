/* SPDX-License-Identifier: MIT */

import { textOf } from "./errors.js";

/** What every line in the console begins with. The lines are French, whatever
 * the browser speaks: the guides quote them. */
export const LOG = "[Task Poller]";

/** For what is tried again by itself. */
export function report(error) {
  console.error(`${LOG} ❌ ${textOf(error)}`);
}
