/* SPDX-License-Identifier: MIT */

import { isRepeatable } from "./actions.js";
import { INTERRUPTED, LeaseLost } from "./errors.js";
import { exclusively } from "./exclusive.js";
import { Lease } from "./lease.js";
import { LOG } from "./log.js";
import { runTask } from "./runner.js";
import { changeMemory, changeStatus, readMemory } from "./store.js";

/**
 * Executes a task when those before it are done. One that must not run twice
 * and was begun before under the same lease is not executed: the browser may
 * have died in the middle of it.
 * @param {object} task as the backend hands it out
 * @param {object} surroundings backendUrl; tell(progress): answers what the
 *     backend says to it; begin(lease): is given the Lease, to cancel it
 * @returns {Promise<?object>} what is to be posted; null if nobody wants it,
 *     because the task has become somebody else's
 */
export function perform(task, surroundings) {
  return exclusively(async () => {
    console.log(`${LOG} ✅ Nouvelle tâche: ${task.action} ${task.task_id}`);
    const result = (await wasBegun(task))
      ? { success: false, error: INTERRUPTED }
      : await execute(task, surroundings);
    const { lease } = task;
    return result && { ...result, ...(lease && { lease }) };
  });
}

/** Notes the task as begun; whether it was before and must not be again. */
async function wasBegun(task) {
  const { task_id, lease = null } = task;
  const { begun } = await readMemory();
  const same = begun?.task_id === task_id && begun.lease === lease;
  await changeMemory({ begun: { task_id, lease } });
  return same && !isRepeatable(task);
}

async function execute(task, { backendUrl, tell, begin = () => {} }) {
  const { task_id, action, lease, timeout } = task;
  const shown = { task_id, action, startedAt: Date.now() };
  await changeStatus({ task: shown });
  const held = new Lease({ ...shown, lease, timeout }, tell);
  begin(held);
  try {
    const { signal, progress: onProgress } = held;
    const result = await runTask(task, { signal, onProgress, backendUrl });
    const { error, data, account = null } = result;
    const code = data?.code ?? null;
    const failure = { action, text: error, code, account, at: Date.now() };
    await changeStatus({ failure: result.success ? null : failure });
    return result;
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    console.warn(`${LOG} ⚠️ ${task_id} a été confiée à un autre plugin`);
    return null;
  } finally {
    held.end();
    await changeStatus({ task: null });
  }
}
