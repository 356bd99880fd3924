/* SPDX-License-Identifier: MIT */

/* Photos that lie elsewhere. Whoever writes tasks must not be able to look by
 * means of us into what only the seller's browser can reach: a photo comes from
 * the backend itself, or by HTTPS from a host that the seller has allowed. */

import { TaskError, textOf } from "./errors.js";
import { PHOTO_MOST } from "./picture.js";
import { originOf, readSettings } from "./store.js";

const TIMEOUT = 60_000;

/** Hosts that lie in this machine or in the network around it. */
const INNER = new RegExp(
  [
    "^localhost$|\\.(?:localhost|local|internal|intranet|lan|home|home\\.arpa)$",
    "^[^.]+$", // a name without a domain; an IPv6 address, too
    "^(?:0|10|127)\\.|^169\\.254\\.|^192\\.168\\.",
    "^172\\.(?:1[6-9]|2\\d|3[01])\\.|^100\\.(?:6[4-9]|[7-9]\\d|1[01]\\d|12[0-7])\\.",
    "^(?:22[4-9]|2[3-5]\\d)\\.",
  ].join("|"),
);

function parse(address, base) {
  try {
    return new URL(address, base);
  } catch {
    return null;
  }
}

/**
 * @param {string} text as the seller has written it: names, somehow apart
 * @returns {string[]} the hosts as a URL has them, with a port where one is
 *     named
 */
export function hostsIn(text) {
  const words = text.split(/[\s,;]+/).filter(Boolean);
  const urls = words.map((word) =>
    parse(`https://${word.replace(/^https:\/\//i, "")}`),
  );
  return urls.filter(Boolean).map(({ host }) => host);
}

/**
 * @param {URL} url
 * @param {string} backendUrl
 * @param {string} photoHosts as in the settings
 * @returns {boolean} whether a photo may be fetched there
 */
export function isPhotoHost(url, backendUrl, photoHosts) {
  if (url.username || url.password) return false;
  if (url.origin === originOf(backendUrl)) return true;
  const name = url.hostname.replace(/\.$/, "");
  if (url.protocol !== "https:" || INNER.test(name)) return false;
  return hostsIn(photoHosts).includes(url.host);
}

/** @returns {Promise<Uint8Array>} at most one byte more than a photo may have */
export async function fetchPhoto(address, backendUrl, signal) {
  const url = parse(address, `${backendUrl}/`);
  const { photoHosts } = await readSettings();
  if (!url || !isPhotoHost(url, backendUrl, photoHosts))
    throw new TaskError(
      `Photo refusée : ${url?.host ?? address} n'est ni le backend ni un ` +
        "hôte autorisé dans les réglages du plugin",
    );
  try {
    return await load(url, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new TaskError(`Photo inaccessible : ${url} : ${textOf(error)}`);
  }
}

async function load(url, signal) {
  const limit = AbortSignal.timeout(TIMEOUT);
  const response = await fetch(url, {
    credentials: "omit",
    redirect: "manual", // it could lead anywhere
    signal: AbortSignal.any([limit, signal]),
  });
  if (response.type === "opaqueredirect")
    throw new Error("l'adresse renvoie ailleurs");
  if (!response.ok) throw new Error(`statut ${response.status}`);
  return readBytes(response.body);
}

/** No more than is needed to see that it is too much. */
async function readBytes(body) {
  const pieces = [];
  let size = 0;
  for (const reader = body.getReader(); size <= PHOTO_MOST;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    size += value.length;
    if (size > PHOTO_MOST) await reader.cancel();
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}
