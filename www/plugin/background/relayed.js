/* SPDX-License-Identifier: MIT */

/* The tasks that pages relay. One goes on though its page is closed or loaded
 * anew. Whoever hands the same task over again, under the same lease, joins the
 * one that is under way, or is given the result that it has had: nothing is
 * done twice, and nothing is lost between two pages. */

import { wake } from "./poller.js";
import { keepResult, readOutbox, readSettings } from "./store.js";
import { perform } from "./work.js";

// By task and lease. One that is done stays until another one is.
const known = new Map();

/**
 * Has the task executed, unless it is already.
 * @param {object} task as the backend handed it to the page
 * @returns {Promise<Relayed>}
 */
export async function relay(task) {
  const kept = await findKept(task);
  const key = JSON.stringify([task.task_id, task.lease]);
  const before = task.lease && known.get(key);
  if (before) return before;
  const relayed = new Relayed(task, kept);
  known.set(key, relayed);
  return relayed;
}

/** The result that waits to be delivered, if the background has forgotten all
 * else. */
async function findKept({ task_id, lease }) {
  for (const kept of await readOutbox()) {
    const result = JSON.parse(kept.body);
    if (lease && kept.task_id === task_id && result.lease === lease)
      return result;
  }
  return null;
}

function forgetOthers(relayed) {
  for (const [key, other] of known)
    if (other.isDone && other !== relayed) known.delete(key);
}

class Relayed {
  isDone = false;
  #result;
  #pages = new Set();
  #lease = null;

  constructor(task, result) {
    if (result) this.#end(result);
    else this.#execute(task);
  }

  /** @param {function(string, object): boolean} say tells the page progress
   *     and the result; false if it is closed */
  join(say) {
    if (this.isDone) say("result", { result: this.#result });
    else this.#pages.add(say);
  }

  cancel() {
    this.#lease?.cancel();
  }

  allow(requests) {
    this.#lease?.allow(requests);
  }

  async #execute(task) {
    const { backendUrl } = await readSettings();
    const tell = async (progress) => {
      this.#say("progress", { progress });
      return {};
    };
    const begin = (lease) => {
      this.#lease = lease;
    };
    const result = await perform(task, { backendUrl, tell, begin });
    const { token } = await readSettings();
    this.#end(result);
    if (this.#say("result", { result }) || !token || !result) return;
    await keepResult({ task_id: task.task_id, body: JSON.stringify(result) });
    wake();
  }

  #end(result) {
    this.isDone = true;
    this.#result = result;
    forgetOthers(this);
  }

  /** Whether any page was there to hear it. */
  #say(type, members) {
    return [...this.#pages].filter((say) => say(type, members)).length > 0;
  }
}
