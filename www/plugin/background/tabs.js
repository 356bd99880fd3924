/* SPDX-License-Identifier: MIT */

/* The seller's Vinted tabs, and what stands between us and their pages. */

import { api } from "./api.js";
import { NO_TAB, TaskError } from "./errors.js";
import { CALL_TIMEOUT, Late, limited, wait } from "./wait.js";

const [{ matches: VINTED, js: SCRIPTS }] =
  api.runtime.getManifest().content_scripts;
const HOSTS = new Set(VINTED.map((pattern) => new URL(pattern).hostname));

const LOAD_TIMEOUT = 45_000;
const LOOK_AGAIN = 150;

/**
 * @param {string} url absolute
 * @returns {boolean} whether requests may go there
 */
export function isVinted(url) {
  try {
    const { protocol, hostname, port } = new URL(url);
    return protocol === "https:" && port === "" && HOSTS.has(hostname);
  } catch {
    return false;
  }
}

/**
 * @param {?string} host only tabs of this site
 * @returns {Promise<object[]>} tabs: those that are loaded before those that
 *     load or sleep, the one that was used last first
 */
export async function findTabs(host = null) {
  const tabs = await limited(api.tabs.query({ url: VINTED }));
  const fit = tabs.filter((tab) => !host || new URL(tab.url).host === host);
  const isLoaded = (tab) => tab.status === "complete" && !tab.discarded;
  const used = (tab) => tab.lastAccessed ?? 1;
  return fit.sort(
    (one, other) => isLoaded(other) - isLoaded(one) || used(other) - used(one),
  );
}

/** Asks the page, which must be there, and waits for its answer. */
function send(tab, message, timeout = CALL_TIMEOUT) {
  return limited(api.tabs.sendMessage(tab.id, message), timeout);
}

/** A page that was open before the extension came has no script of ours. */
async function inject(tab) {
  const target = { tabId: tab.id };
  await limited(api.scripting.executeScript({ target, files: SCRIPTS }));
}

/** window.vinted.config, which only the page's own world can see. */
async function readConfig(tab) {
  const func = () => JSON.stringify(globalThis.vinted?.config ?? null);
  const target = { tabId: tab.id };
  const world = "MAIN";
  const [found] = await limited(
    api.scripting.executeScript({ target, func, world }),
  );
  return JSON.parse(found.result ?? "null");
}

async function askPage(tab, config = null) {
  const message = { stoflow: "page", config };
  try {
    return await send(tab, message);
  } catch (error) {
    if (error instanceof Late) throw error;
    await inject(tab);
    return send(tab, message);
  }
}

/**
 * @returns {Promise<object>} {load, url, page}; page: see content/page.js
 * @throws {TaskError} NO_TAB: there is no such page in it
 */
export async function readPage(tab) {
  try {
    const told = await askPage(tab);
    if (told.page.csrf_token && told.page.anon_id) return told;
    return await askPage(tab, await readConfig(tab));
  } catch {
    throw new TaskError(NO_TAB);
  }
}

/**
 * Has the page send a request.
 * @returns {Promise<?object>} as content/proxy.js answers; null if the tab was
 *     lost: nobody knows whether the request arrived
 */
export async function request(tab, details) {
  const message = { stoflow: "request", request: details };
  try {
    return await send(tab, message, details.timeout + CALL_TIMEOUT);
  } catch {
    return null;
  }
}

/**
 * Reloads the tab and waits for its new page.
 * @param {?string} load of the page before
 * @returns {Promise<object>} as readPage
 */
export async function reload(tab, load, signal) {
  await limited(api.tabs.reload(tab.id));
  const end = Date.now() + LOAD_TIMEOUT;
  while (Date.now() < end) {
    await wait(LOOK_AGAIN, signal);
    const { status } = await limited(api.tabs.get(tab.id));
    if (status !== "complete") continue;
    const told = await readPage(tab).catch(() => null);
    if (told && told.load !== load) return told;
  }
  throw new TaskError(NO_TAB);
}
