/* SPDX-License-Identifier: MIT */

import { originOf } from "./store.js";

/**
 * Whether a page of the backend is at the other end, be it through our content
 * script or by itself. Frames, sandboxed pages, other origins and other
 * extensions are not, nor are the content scripts of those.
 * @param {object} sender of a port, as the browser tells it
 * @param {string} self our extension's id, which our content script bears;
 *     a page bears none
 * @param {string} backendUrl as it is configured
 */
export function isBackendPage({ id, frameId, origin }, self, backendUrl) {
  if (id !== undefined && id !== self) return false;
  const backend = originOf(backendUrl);
  return frameId === 0 && backend !== null && origin === backend;
}
