// SPDX-License-Identifier: MIT
/** Fetches tasks for a plugin that does not poll by itself, and hands their
 * results back. A result is posted until the backend has acknowledged it. */

import { get, post, session, wholly } from "./api.js";
import { named } from "./texts.js";

const WAIT = 25; // seconds a poll is held
const PAUSE = 2000; // ms between two tries at first
const PAUSE_MAX = 60000; // at the most
const FINAL = new Set([400, 404, 409, 413, 422]); // trying again is no use

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const growing = (failures) => Math.min(PAUSE * 2 ** failures, PAUSE_MAX);

/** receiveId: 8 to 32 characters that name our polls. The same name gets the
 * same task again, so it is good until that is done, though an answer be lost
 * or this page be loaded anew meanwhile. taskId: that task, once we know it. */
const newPoll = () => ({
  receiveId: crypto.randomUUID().replaceAll("-", ""),
  taskId: null,
});

/** Dispatches "change" when `held` or `trouble` becomes another. */
export class Relay extends EventTarget {
  /** Why the backend hands out nothing; null: it does. */
  held = null;
  /** Why it cannot be talked to; null: it can. */
  trouble = null;

  #plugin;
  #tell;
  #isRunning = false;

  /** `tell(key, ...values)` writes a line of the journal. */
  constructor(plugin, tell) {
    super();
    this.#plugin = plugin;
    this.#tell = tell;
  }

  /** Whether the plugin wants its tasks from us. */
  get isWanted() {
    const { state } = this.#plugin;
    return state !== null && !state.polling && !state.paused;
  }

  /** Runs as long as it is wanted; a second call changes nothing. */
  async run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    let failures = 0;
    while (this.isWanted) {
      try {
        const next = await this.#poll();
        failures = 0;
        if (next > 0) await pause(next);
      } catch (error) {
        if (error.status === 401) session.leave();
        this.#fail(error);
        if (session.token === null) break;
        await pause(growing(failures++));
      }
    }
    this.#isRunning = false;
  }

  /** Polls, and sees to the task that comes. The ms to the next poll. */
  async #poll() {
    const poll = (session.poll ??= newPoll());
    const isResumed = poll.taskId !== null;
    // What an earlier page was at is there at once, or no more to be had: the
    // plugin has then posted the result by itself. And that the trouble is over
    // is to be known before something comes.
    const isQuick = isResumed || this.trouble !== null;
    const query = { wait: isQuick ? 0 : WAIT, receive_id: poll.receiveId };
    const task = await get("plugin/tasks", query);
    this.#note(task.paused?.reason ?? null, null);
    if (task.task_id === null) {
      if (isResumed) session.poll = newPoll();
      return isResumed ? 0 : (task.next_poll_interval_ms ?? 0);
    }
    session.poll = { ...poll, taskId: task.task_id };
    if (!(await this.#carry(task))) return PAUSE;
    session.poll = newPoll();
    return 0;
  }

  #note(held, trouble) {
    if (held === this.held && trouble === this.trouble) return;
    Object.assign(this, { held, trouble });
    this.dispatchEvent(new Event("change"));
  }

  #fail(error) {
    this.#tell("relay_failed", wholly(error));
    this.#note(this.held, wholly(error));
  }

  /** False if the plugin is to be asked again, once it is there. */
  async #carry(task) {
    this.#tell("relay_task", named("action", task.action), task.task_id);
    const work = this.#plugin.carryOut(task, (progress) =>
      this.#progress(task, progress, work.id),
    );
    let result;
    try {
      result = await work.promise;
    } catch (error) {
      if (error.message === "paused") return this.#giveBack(task);
      this.#tell("relay_lost", task.task_id, named("lost", error.message));
      // What it does not understand it never will. The lease passes, and the
      // backend then decides what becomes of the task.
      return error.message === "invalid";
    }
    if (result === null) {
      this.#tell("relay_lost", task.task_id, "");
    } else if (await this.#deliver(task, result)) {
      const key = result.success ? "relay_done" : "relay_failure";
      this.#tell(key, task.task_id, result.error ?? "");
    }
    return true;
  }

  /** The plugin was paused while our poll was held. The backend knows these
   * words: nothing was sent to Vinted, and the task waits in its queue. */
  async #giveBack({ task_id, lease }) {
    const result = { success: false, error: "Plugin en pause", lease };
    if (await this.#deliver({ task_id }, result))
      this.#tell("relay_returned", task_id);
    return true;
  }

  async #progress(task, progress, id) {
    try {
      const path = `plugin/tasks/${task.task_id}/progress`;
      const answer = await post(path, progress);
      if (answer.cancel) this.#plugin.cancel(id);
      if (answer.budget !== undefined)
        this.#plugin.allow(id, progress.requests + answer.budget);
    } catch (error) {
      if (error.code === "lease_lost") this.#plugin.cancel(id);
    }
  }

  /** True once it is acknowledged, false if it never will be. */
  async #deliver({ task_id }, result) {
    for (let failures = 0; ; failures++) {
      try {
        await post(`plugin/tasks/${task_id}/result`, result);
        this.#note(this.held, null);
        return true;
      } catch (error) {
        this.#fail(error);
        if (FINAL.has(error.status)) return false;
        await pause(growing(failures));
      }
    }
  }
}
