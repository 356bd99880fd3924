/* SPDX-License-Identifier: MIT */

/* While a task runs: its lease is renewed, its progress told, and the word
 * that it is cancelled heard. */

import { api } from "./api.js";
import { CANCELLED, LeaseLost, TaskError } from "./errors.js";
import { changeStatus } from "./store.js";
import { cut } from "./text.js";

const TELL_EVERY = 2000; // progress, at most
const AWAKE = 15_000; // a background without events for 30 s is suspended
const MESSAGE_MOST = 200;

export class Lease {
  #controller = new AbortController();
  #task;
  #post;
  #last = {};
  #requests = 0;
  #postedAt = 0;
  #posting = false;
  #timers;

  /**
   * @param {object} task {task_id, lease, timeout}
   * @param {function(object): Promise<object>} post tells the progress; the
   *     answer may say {cancel: true}
   */
  constructor(task, post) {
    this.#task = task;
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

  /** One more request goes to Vinted for this task. */
  countRequest() {
    this.#requests++;
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
    try {
      const { lease } = this.#task;
      const answer = await this.#post({
        ...(lease && { lease }),
        ...this.#last,
        requests: this.#requests,
      });
      if (answer.cancel === true) this.cancel();
    } catch (error) {
      // A backend that knows no progress, or is away for now: go on.
      if (error.code === "lease_lost") this.cancel(new LeaseLost());
    } finally {
      this.#posting = false;
    }
  }
}
