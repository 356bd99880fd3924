/* SPDX-License-Identifier: MIT */

/* Requests to Vinted as the seller: in one of the seller's tabs, with the
 * tokens of its page. One Session for each task. */

import {
  CURRENT_USER,
  KNOWN_FOR,
  accountOf,
  check,
  isSame,
  readUser,
  recall,
  remember,
} from "./account.js";
import { NO_TAB, TAB_LOST, TaskError } from "./errors.js";
import { parseBody } from "./json.js";
import { isWrite, judge } from "./proof.js";
import { isStarting } from "./store.js";
import * as tabs from "./tabs.js";
import { jittered, parseRetryAfter, wait } from "./wait.js";

const TIMEOUT = 30_000;
const READ_RETRIES = 2;
const READ_PAUSE = 1000;
const LIMIT_PAUSE = 10_000; // after a 429 that does not say how long
const LIMIT_PAUSE_MOST = 60_000;
const LOOK_AGAIN = 500;

export class Session {
  #signal;
  #tab = null;
  #told = null; // of the tab's page
  #reloaded = false;
  #expected;
  #found = null; // who is signed in there; see account.js
  #foundAt = 0; // 0: for a task before this one
  #onSend;
  #hasWritten = false;

  /**
   * @param {AbortSignal} signal aborted when the task is to end
   * @param {?object} expected {id, login}: the only account that may write
   * @param {function(string): Promise} [onSend] is told the method of each
   *     request, which goes once that is done
   */
  constructor(signal, expected = null, onSend = async () => {}) {
    this.#signal = signal;
    this.#expected = expected;
    this.#onSend = onSend;
  }

  /**
   * The tab of the expected account where there is one, else of any that is
   * signed in, else the last used.
   * @param {?string} host only tabs of this site
   * @throws {TaskError} NO_TAB
   */
  async open(host = null) {
    await this.#find(host);
    // A browser that has just been started is about to restore its tabs.
    while (!this.#tab && (await isStarting())) {
      await wait(LOOK_AGAIN, this.#signal);
      await this.#find(host);
    }
    if (!this.#tab) throw new TaskError(NO_TAB, { code: "no_tab" });
  }

  async #find(host) {
    if (this.#tab) return;
    let best = null;
    for (const tab of await tabs.findTabs(host)) {
      const seen = await this.#try(tab);
      if (seen && !(seen.rank <= best?.rank)) best = seen;
      if (best?.rank === BEST) break;
    }
    if (!best) return;
    ({ tab: this.#tab, told: this.#told, found: this.#found } = best);
    this.#foundAt = best.at;
  }

  /** What can be had of a tab; null for one that does not answer. */
  async #try(tab) {
    const told = await this.#look(tab);
    if (!told) return null;
    const known = recall(tab, told);
    const found = known ?? (await this.#identify(tab, told));
    if (!found) return null;
    const at = known ? 0 : Date.now();
    return { tab, told, found, at, rank: rankOf(found, this.#expected) };
  }

  /**
   * Who is signed in in a tab; null where it was lost.
   * @throws {TaskError} the anti-bot layer
   */
  async #identify(tab, told) {
    const headers = headersFor(told.page);
    const url = new URL(CURRENT_USER, told.url).href;
    const request = { url, method: "GET", headers, timeout: TIMEOUT };
    const answer = await this.#pass(tab, request);
    if (!answer) return null;
    const { failure } = judge("GET", CURRENT_USER, answer);
    if (failure?.data.code === "blocked") throw failure;
    const found = readUser(answer);
    remember(tab, told, found);
    return found;
  }

  /** All that Vinted tells of who is signed in; null where nobody is. */
  get user() {
    return this.#found?.user ?? null;
  }

  /** {id, login} of who is signed in; null where nobody is known. */
  get account() {
    return accountOf(this.user);
  }

  async #ask() {
    const found = await this.#identify(this.#tab, this.#told);
    if (!found) throw this.#lost();
    this.#found = found;
    this.#foundAt = Date.now();
  }

  /**
   * Who is signed in, of late; a page that is too old to tell is loaded anew.
   * @returns {Promise<object>} as user
   * @throws {TaskError} why nobody is known
   */
  async askUser() {
    if (Date.now() > this.#foundAt + KNOWN_FOR) await this.#ask();
    if (!this.user) await this.refresh();
    if (!this.user) throw this.#found.error;
    return this.user;
  }

  /** Who is signed in now. @returns {Promise<?object>} as account */
  async askAgain() {
    await this.#ask();
    return this.account;
  }

  /** @throws {AccountError} nothing may be written as who is signed in */
  async guard() {
    await this.open();
    if (this.#expected) check(await this.askUser(), this.#expected);
  }

  /** A tab that the browser has put to sleep is woken. */
  async #look(tab) {
    try {
      if (tab.discarded) return await tabs.reload(tab, null, this.#signal);
      return await tabs.readPage(tab);
    } catch (error) {
      if (this.#signal.aborted) throw error;
      return null;
    }
  }

  /** The tokens of the page; see content/page.js. */
  get page() {
    return this.#told.page;
  }

  /** The origin of the Vinted site that it belongs to. */
  get site() {
    return new URL(this.#told.url).origin;
  }

  /**
   * Loads the page anew, once in a task; false if that was done before.
   * @throws {TaskError} TAB_LOST, since NO_TAB would say that nothing was sent
   */
  async refresh() {
    if (this.#reloaded) return false;
    this.#reloaded = true;
    const { load } = this.#told;
    try {
      this.#told = await tabs.reload(this.#tab, load, this.#signal);
    } catch (error) {
      if (this.#signal.aborted) throw error;
      throw this.#lost();
    }
    await this.#ask();
    return true;
  }

  /**
   * One request as it is given; see content/proxy.js for the answer.
   * @throws {AccountError} nothing was sent
   */
  async send(details) {
    if (isWrite(details.method)) await this.guard();
    const url = new URL(details.url, this.#told.url).href;
    const timeout = details.timeout ?? TIMEOUT;
    const answer = await this.#pass(this.#tab, { ...details, url, timeout });
    if (answer) return answer;
    throw this.#lost();
  }

  /** Every request goes here. null where the tab was lost. */
  async #pass(tab, request) {
    await this.#onSend(request.method);
    this.#signal.throwIfAborted();
    this.#hasWritten ||= isWrite(request.method);
    return tabs.request(tab, request);
  }

  /** Once something was written, nobody knows whether it took effect. */
  #lost() {
    const code = this.#hasWritten ? "unknown" : "no_tab";
    return new TaskError(TAB_LOST, { code });
  }

  /** The headers that Vinted wants, as of now. */
  get headers() {
    return headersFor(this.page);
  }

  /**
   * A request to Vinted's interface, which must be proven: see proof.js.
   * @param {string} method
   * @param {string} path
   * @param {object} [options] body: sent as JSON; form: see content/proxy.js;
   *     accept: statuses that are no failure although not 2xx
   * @returns {Promise<object>} {status, data}: data is the JSON, of an accepted
   *     status perhaps a text
   * @throws {TaskError} whose data tells why and, where there was an answer,
   *     its status
   */
  async call(method, path, { body, form, accept = [] } = {}) {
    await this.open();
    for (let tried = 0; ; tried++) {
      const answer = await this.#once(method, path, body, form);
      const { status } = answer;
      const { data, failure } = judge(method, path, answer);
      if (!failure) return { status, data };
      if (failure.data.code === "blocked") throw failure;
      if (accept.includes(status))
        return { status, data: parseBody(answer.text) };
      const isStale = status === 401 || status === 403;
      if (isStale && (await this.refresh())) continue;
      if (isWrite(method) || tried >= READ_RETRIES || !isPassing(status))
        throw failure;
      await wait(pauseAfter(answer, tried), this.#signal);
    }
  }

  #once(method, path, body, form) {
    const headers = this.headers;
    if (body === undefined)
      return this.send({ url: path, method, headers, form });
    headers["Content-Type"] = "application/json";
    const text = JSON.stringify(body);
    return this.send({ url: path, method, headers, body: text });
  }
}

function headersFor({ csrf_token, anon_id }) {
  return {
    Accept: "application/json",
    ...(csrf_token && { "X-CSRF-Token": csrf_token }),
    ...(anon_id && { "X-Anon-Id": anon_id }),
  };
}

const BEST = 2;

/** Of a tab: the higher, the better for the task. */
function rankOf({ user }, expected) {
  if (!user) return 0;
  return !expected || isSame(user.id, expected.id) ? BEST : 1;
}

/** What may be otherwise in a moment; 0 is no answer at all. */
function isPassing(status) {
  return status === undefined || status === 429 || status >= 500;
}

function pauseAfter({ status, headers }, tried) {
  if (status !== 429) return jittered(READ_PAUSE * 2 ** tried);
  const asked = parseRetryAfter(headers["retry-after"]) ?? LIMIT_PAUSE;
  return Math.min(asked, LIMIT_PAUSE_MOST);
}
