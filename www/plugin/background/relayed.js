/* SPDX-License-Identifier: MIT */

/* The tasks that pages relay. One goes on though its page is closed or loaded
 * anew. Whoever hands the same task over again, under the same lease, joins the
 * one that is under way, or is given the result that it has had: nothing is
 * done twice, and nothing is lost between two pages. */

import { report } from "./log.js";
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
  #last; // [type, members] of what the pages are told at the end
  #pages = new Set();
  #lease = null;

  constructor(task, result) {
    if (result) this.#end("result", { result });
    else this.#execute(task).catch((error) => this.#lose(error));
  }

  /** @param {function(string, object): boolean} say tells the page progress
   *     and the result, or that the task is "lost"; false if it is closed */
  join(say) {
    if (this.isDone) say(...this.#last);
    else this.#pages.add(say);
  }

  cancel() {
    this.#lease?.cancel();
  }

  allow(requests) {
    this.#lease?.allow(requests);
  }

  async #execute(task) {
    const { backendUrl, token } = await readSettings();
    const tell = async (progress) => {
      this.#say("progress", { progress });
      return {};
    };
    const begin = (lease) => {
      this.#lease = lease;
    };
    const result = await perform(task, { backendUrl, tell, begin });
    if (this.#end("result", { result }) || !token || !result) return;
    const { task_id } = task;
    await keepResult({ task_id, body: JSON.stringify(result) }).catch(report);
    wake();
  }

  /** Nothing was written: whoever hands it over again has it executed. */
  #lose(error) {
    report(error);
    for (const [key, one] of known) if (one === this) known.delete(key);
    this.#end("lost");
  }

  /** Whether any page was there to hear it. */
  #end(type, members) {
    this.isDone = true;
    this.#last = [type, members];
    forgetOthers(this);
    return this.#say(type, members);
  }

  #say(type, members) {
    return [...this.#pages].filter((say) => say(type, members)).length > 0;
  }
}
