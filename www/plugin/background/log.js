/* SPDX-License-Identifier: MIT */

/** What every line in the console begins with. The lines are French, whatever
 * the browser speaks: the guides quote them. */
export const LOG = "[Task Poller]";
