/* SPDX-License-Identifier: MIT */

/* While a task runs: its lease is renewed, its progress told, and the word
 * that it is cancelled heard. No request goes to Vinted for it before the
 * account's budget has room, where the backend keeps one. */

import { api } from "./api.js";
import { CANCELLED, LeaseLost, TaskError } from "./errors.js";
import { changeStatus } from "./store.js";
import { cut } from "./text.js";
import { wait } from "./wait.js";

const TELL_EVERY = 2000; // progress, at most
const AWAKE = 15_000; // a background without events for 30 s is suspended
const MESSAGE_MOST = 200;
const ASK_AGAIN = 5000; // whether the budget has room
const WAITING = "Budget de requêtes épuisé : en attente";
const NO_WORD =
  "Budget de requêtes épuisé, et le backend ne dit pas quand il en reste";

export class Lease {
  #controller = new AbortController();
  #task;
  #post;
  #last = {};
  #requests = 0;
  #allowed; // of them in all, as far as the backend has told
  #heardAt = Date.now(); // its last word on that
  #postedAt = 0;
  #posting = false;
  #timers;

  /**
   * @param {object} task {task_id, lease, timeout}
   * @param {function(object): Promise<object>} post tells the progress; the
   *     answer may say {cancel: true}, and {budget: n} as the task did
   * @param {number} [budget] requests that may be sent to Vinted for it
   */
  constructor(task, post, budget = Infinity) {
    this.#task = task;
    this.#allowed = budget;
    this.#post = post;
    const renewal = Math.max(1000, ((task.timeout ?? 60) * 1000) / 3);
    this.#timers = [
      setInterval(() => this.#tell(), renewal),
      setInterval(() => api.runtime.getPlatformInfo(), AWAKE),
    ];
  }

  /** Aborted with a TaskError or LeaseLost when the task is to end. */
  get signal() {
    return this.#controller.signal;
  }

  /** @param {string} [message] at most 200 characters of it are told */
  progress = (done, total, message) => {
    this.#last = {
      ...(Number.isInteger(done) && { done }),
      ...(Number.isInteger(total) && { total }),
      ...(message && { message: cut(message, MESSAGE_MOST) }),
    };
    changeStatus({ task: { ...this.#task, ...this.#last } });
    if (Date.now() - this.#postedAt >= TELL_EVERY) this.#tell();
  };

  /**
   * To be waited for before each request to Vinted: counts it.
   * @throws what the signal was aborted with; a TaskError where the backend is
   *     silent about the budget for as long as the task may last
   */
  async spend() {
    if (this.#requests >= this.#allowed) this.#heardAt = Date.now();
    while (this.#requests >= this.#allowed) {
      this.#last = { ...this.#last, message: WAITING };
      await this.#tell();
      if (this.#requests < this.#allowed) break;
      if (Date.now() - this.#heardAt > (this.#task.timeout ?? 60) * 1000)
        throw new TaskError(NO_WORD, { code: "limited" });
      await wait(ASK_AGAIN, this.signal);
    }
    this.signal.throwIfAborted();
    this.#requests++;
  }

  /** @param {number} requests that may be sent for the task in all */
  allow(requests) {
    if (!Number.isInteger(requests)) return;
    this.#allowed = requests;
    this.#heardAt = Date.now();
  }

  get requests() {
    return this.#requests;
  }

  cancel(reason = new TaskError(CANCELLED, { code: "cancelled" })) {
    this.#controller.abort(reason);
  }

  end() {
    this.#timers.forEach(clearInterval);
  }

  async #tell() {
    if (this.#posting || this.signal.aborted) return;
    this.#posting = true;
    this.#postedAt = Date.now();
    const requests = this.#requests;
    try {
      const { lease } = this.#task;
      const answer = await this.#post({
        ...(lease && { lease }),
        ...this.#last,
        requests,
      });
      this.allow(requests + answer.budget);
      if (answer.cancel === true) this.cancel();
    } catch (error) {
      // A backend that knows no progress, or is away for now: go on.
      if (error.code === "lease_lost") this.cancel(new LeaseLost());
    } finally {
      this.#posting = false;
    }
  }
}
