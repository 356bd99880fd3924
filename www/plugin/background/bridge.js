/* SPDX-License-Identifier: MIT */

/* Tasks that a page of the backend relays. Every message is an object with a
 * type. There are two ways for them:
 *
 * - Our content script, on the backend's pages in every browser, hands them to
 *   and fro by window.postMessage. There they also bear stoflow: 1 and from:
 *   "page" or "plugin".
 * - Chromium lets pages of the hosts in the manifest's externally_connectable
 *   (which may not list every host) connect to us by themselves:
 *   chrome.runtime.connect(extension, {name: "bridge"}), with the id that
 *   "ready" has told. The other extensions that may try are hung up on.
 *
 * A page takes one of them and stays with it.
 *
 *   page → plugin
 *     hello                      Is a plugin there? To be said every few
 *                                seconds: the answer is a sign of life.
 *     get-user-data  id          Who is signed in at Vinted?
 *     task           id, task    Execute this: the task as the backend's
 *                                poll answered it.
 *     cancel         id          End the task of this id.
 *     budget         id, allowed So many requests may be sent to Vinted for
 *                                it in all: those that its progress told, and
 *                                those that the backend's answer did.
 *   plugin → page
 *     ready      version, extension, polling, paused, configured: the answer
 *                to hello, which our content script also says when the page
 *                is loaded. extension: our id. polling: the plugin asks the
 *                backend itself.
 *     user-data  id, result
 *     accepted   id              The task will be executed, after those that
 *                                came before it.
 *     progress   id, progress    {lease, done, total, message, requests}: to
 *                                be posted to the backend as it is; it comes
 *                                at least three times in the task's timeout.
 *     result     id, result      {success, data | error, execution_time_ms,
 *                                executed_at, account, requests, lease}: to be
 *                                posted as it is;
 *                                null if the task was lost.
 *     refused    id, reason      "paused" or "invalid": it is not executed.
 *     lost                       (from the content script; to who has a port,
 *                                its end says so) The background has ended,
 *                                or its storage is silent: nothing asked before
 *                                is answered any more.
 *     gone                       The extension was removed or updated: load
 *                                the page anew.
 *
 * `id` is the page's own word for what it asked, a string. Only pages of the
 * configured backend's origin are heard. Should the page be closed before its
 * result is there, the plugin delivers that itself if it has a token. A page
 * that was loaded anew and hands over the same task again, under the same
 * lease, gets that very result: see relayed.js. */

import { api } from "./api.js";
import { makeQueue } from "./exclusive.js";
import { report } from "./log.js";
import { relay } from "./relayed.js";
import { isBackendPage } from "./sender.js";
import { readSettings } from "./store.js";
import { limited } from "./wait.js";
import { perform } from "./work.js";

const SCRIPT = "bridge";
const FILES = ["content/bridge.js"];

const inTurn = makeQueue();

/** Has our content script run on the backend's pages, and on no others. */
export const register = () => inTurn(adjust).catch(report);

async function adjust() {
  const { backendUrl, configured } = await readSettings();
  const matches = configured ? [patternOf(backendUrl)] : [];
  const known = await limited(api.scripting.getRegisteredContentScripts());
  const before = known.find((script) => script.id === SCRIPT)?.matches ?? [];
  if (String(before) === String(matches)) return;
  if (before.length > 0)
    await limited(api.scripting.unregisterContentScripts({ ids: [SCRIPT] }));
  if (matches.length === 0) return;
  const script = { id: SCRIPT, matches, js: FILES, runAt: "document_start" };
  await limited(api.scripting.registerContentScripts([script]));
  await joinOpenPages(matches);
}

/** A pattern cannot name a port: accept() compares the whole origin. */
function patternOf(url) {
  const { protocol, hostname } = new URL(url);
  return `${protocol}//${hostname}/*`;
}

async function joinOpenPages(url) {
  for (const { id: tabId } of await limited(api.tabs.query({ url })))
    api.scripting
      .executeScript({ target: { tabId }, files: FILES })
      .catch(() => {}); // an error page, for instance
}

/** Takes up the port of a page, if it is of the backend. */
export async function accept(port) {
  // Listened to at once, since what comes before that is lost.
  const visit = new Visit(port);
  port.onMessage.addListener((message) => visit.queue(message));
  port.onDisconnect.addListener(() => visit.leave());
  const { backendUrl = "" } = (await readSettings().catch(report)) ?? {};
  if (isBackendPage(port.sender, api.runtime.id, backendUrl)) visit.start();
  else port.disconnect();
}

/** One page, as long as it is connected. */
class Visit {
  #port;
  #started;
  start;
  #isOpen = true;
  #tasks = new Map(); // Relayed, by the page's id

  constructor(port) {
    this.#port = port;
    this.#started = new Promise((resolve) => {
      this.start = resolve;
    });
  }

  async queue(message) {
    await this.#started;
    const handlers = {
      hello: () => this.#hello(),
      "get-user-data": () => this.#userData(message),
      task: () => this.#task(message),
      cancel: () => this.#tasks.get(message.id)?.cancel(),
      budget: () => this.#tasks.get(message.id)?.allow(message.allowed),
    };
    if (!Object.hasOwn(handlers, message.type)) return;
    try {
      await handlers[message.type]();
    } catch (error) {
      report(error);
      this.#hangUp();
    }
  }

  /** The page then knows that it is not answered, and may ask again. */
  #hangUp() {
    this.leave();
    this.#port.disconnect();
  }

  leave() {
    this.#isOpen = false;
  }

  /** False if there is nobody any more. */
  #say(type, members) {
    if (this.#isOpen) this.#port.postMessage({ type, ...members });
    return this.#isOpen;
  }

  async #hello() {
    const { version } = api.runtime.getManifest();
    const { paused, configured, mode } = await readSettings();
    const polling = configured && !paused && mode !== "off";
    const extension = api.runtime.id;
    this.#say("ready", { version, extension, polling, paused, configured });
  }

  async #userData({ id }) {
    const task = { task_id: `page-${id}`, action: "get_user_data", params: {} };
    const { backendUrl } = await readSettings();
    const tell = async () => ({});
    const result = await perform(task, { backendUrl, tell });
    this.#say("user-data", { id, result });
  }

  async #task({ id, task }) {
    const isTask = typeof task?.task_id === "string" && task.action;
    if (!isTask) return this.#say("refused", { id, reason: "invalid" });
    const { paused } = await readSettings();
    if (paused) return this.#say("refused", { id, reason: "paused" });
    this.#say("accepted", { id });
    const relayed = await relay(task);
    this.#tasks.set(id, relayed);
    relayed.join((type, members) => {
      if (type === "lost") return this.#hangUp();
      if (type === "result") this.#tasks.delete(id);
      return this.#say(type, { id, ...members });
    });
  }
}
