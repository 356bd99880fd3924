// SPDX-License-Identifier: MIT
/** Fetches tasks for a plugin that does not poll by itself, and hands their
 * results back. A result is posted until the backend has acknowledged it. */

import { Refusal, get, post } from "./api.js";

const WAIT = 25; // seconds a poll is held
const PAUSE_MAX = 60000; // ms between two tries at the most
const FINAL = new Set([400, 404, 409, 413, 422]); // trying again is no use

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** 8 to 32 characters that name this poll: should its answer be lost, the
 * same poll gets the same task again. */
const newReceiveId = () => crypto.randomUUID().replaceAll("-", "");

export class Relay {
  #plugin;
  #tell;
  #isRunning = false;

  /** `tell(key, ...values)` writes a line of the journal. */
  constructor(plugin, tell) {
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
    let receiveId = newReceiveId();
    let failures = 0;
    while (this.isWanted) {
      try {
        const query = { wait: WAIT, receive_id: receiveId };
        const task = await get("plugin/tasks", query);
        failures = 0;
        if (task.task_id !== null) {
          receiveId = newReceiveId();
          await this.#carry(task);
        } else if (task.next_poll_interval_ms)
          await pause(task.next_poll_interval_ms);
      } catch (error) {
        this.#tell("relay_failed", error.message);
        if (error instanceof Refusal && error.status < 500) break;
        await pause(Math.min(2000 * 2 ** failures++, PAUSE_MAX));
      }
    }
    this.#isRunning = false;
  }

  async #carry(task) {
    this.#tell("relay_task", task.action, task.task_id);
    const work = this.#plugin.carryOut(task, (progress) =>
      this.#progress(task, progress, work.id),
    );
    let result;
    try {
      result = await work.promise;
    } catch (error) {
      // Its lease passes, and the backend then decides what becomes of it.
      this.#tell("relay_lost", task.task_id, error.message);
      return;
    }
    if (result === null) this.#tell("relay_lost", task.task_id, "");
    else await this.#deliver(task, result);
  }

  async #progress(task, progress, id) {
    try {
      const path = `plugin/tasks/${task.task_id}/progress`;
      const answer = await post(path, progress);
      if (answer.cancel) this.#plugin.cancel(id);
    } catch (error) {
      if (error.code === "lease_lost") this.#plugin.cancel(id);
    }
  }

  async #deliver(task, result) {
    for (let failures = 0; ; failures++) {
      try {
        await post(`plugin/tasks/${task.task_id}/result`, result);
        const key = result.success ? "relay_done" : "relay_failure";
        this.#tell(key, task.task_id, result.error ?? "");
        return;
      } catch (error) {
        this.#tell("relay_failed", error.message);
        if (FINAL.has(error.status)) return;
        await pause(Math.min(2000 * 2 ** failures, PAUSE_MAX));
      }
    }
  }
}
