/* SPDX-License-Identifier: MIT */

/** The extension interface: Firefox calls it browser, Chromium chrome. Both
 * answer with promises in Manifest V3. */
export const api = globalThis.browser ?? globalThis.chrome;
