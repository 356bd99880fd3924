/* SPDX-License-Identifier: MIT */

import { ACTIONS, WRITING } from "./actions.js";
import { LeaseLost, StorageError, TaskError, textOf } from "./errors.js";
import { LOG } from "./log.js";
import { Session } from "./session.js";
import { wait } from "./wait.js";

const DELAY_MOST = 60_000;

/**
 * Executes one task.
 * @param {object} task {task_id, action, params, execute_delay_ms?}
 * @param {object} surroundings signal: ends the task; onProgress(done, total,
 *     message); onSend(method): before each request to Vinted; backendUrl, for
 *     photos that are kept there
 * @returns {Promise<object>} what is posted to the backend
 * @throws {LeaseLost} the task has become somebody else's
 * @throws {StorageError} nothing was written to Vinted
 */
export async function runTask(task, surroundings) {
  console.log(`${LOG} 🚀 Exécution tâche ${task.task_id}: ${task.action}`);
  const began = Date.now();
  const { signal, onProgress, onSend, backendUrl } = surroundings;
  const session = new Session(signal, task.account ?? null, onSend);
  const context = { session, signal, onProgress, backendUrl };
  const outcome = await attempt(task, context);
  const { account } = session;
  return {
    ...outcome,
    ...(account && { account }),
    execution_time_ms: Date.now() - began,
    executed_at: new Date().toISOString(),
  };
}

async function attempt(task, context) {
  try {
    const action = ACTIONS[task.action];
    if (!Object.hasOwn(ACTIONS, task.action))
      throw new TaskError(`Action inconnue : ${task.action}`);
    const delay = Number(task.execute_delay_ms ?? 0);
    if (delay > 0) await wait(Math.min(delay, DELAY_MOST), context.signal);
    if (WRITING.has(task.action)) await context.session.guard();
    const data = await action(task.params ?? {}, context);
    return { success: true, data };
  } catch (error) {
    if (error instanceof LeaseLost || error instanceof StorageError)
      throw error;
    console.error(`${LOG} ❌ ${task.task_id}: ${textOf(error)}`);
    const data = error instanceof TaskError ? error.data : null;
    return { success: false, error: textOf(error), ...(data && { data }) };
  }
}
