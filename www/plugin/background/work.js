/* SPDX-License-Identifier: MIT */

import { isRepeatable } from "./actions.js";
import { INTERRUPTED, LeaseLost } from "./errors.js";
import { exclusively } from "./exclusive.js";
import { Lease } from "./lease.js";
import { LOG } from "./log.js";
import { isWrite } from "./proof.js";
import { runTask } from "./runner.js";
import { changeMemory, changeStatus, readMemory } from "./store.js";

/**
 * Executes a task when those before it are done. One that must not run twice is
 * not executed where it was begun before under the same lease, and had come to
 * a write: the browser may have died in the middle of that.
 * @param {object} task as the backend hands it out
 * @param {object} surroundings backendUrl; tell(progress): answers what the
 *     backend says to it; begin(lease): is given the Lease, to cancel it
 * @returns {Promise<?object>} what is to be posted; null if nobody wants it,
 *     because the task has become somebody else's
 */
export function perform(task, surroundings) {
  return exclusively(async () => {
    console.log(`${LOG} ✅ Nouvelle tâche: ${task.action} ${task.task_id}`);
    const result = (await hadWritten(task))
      ? { success: false, error: INTERRUPTED, data: { code: "unknown" } }
      : await execute(task, surroundings);
    const { lease } = task;
    return result && { ...result, ...(lease && { lease }) };
  });
}

/** Whether it was begun before and must not be again; else notes it as begun. */
async function hadWritten(task) {
  const { task_id, lease = null } = task;
  const { begun } = await readMemory();
  const isSame = begun?.task_id === task_id && begun.lease === lease;
  // One that an earlier version has begun does not say.
  if (isSame && begun.writing !== false && !isRepeatable(task)) return true;
  await changeMemory({ begun: { task_id, lease, writing: false } });
  return false;
}

/** To be waited for before each request: what was noted outlives the browser. */
function makeNote({ task_id, lease = null }, held) {
  let writing = false;
  return async (method) => {
    await held.spend();
    if (isWrite(method) && !writing) {
      await changeMemory({ begun: { task_id, lease, writing: true } });
      writing = true;
    }
  };
}

async function execute(task, { backendUrl, tell, begin = () => {} }) {
  const { task_id, action, lease, timeout, budget } = task;
  const shown = { task_id, action, startedAt: Date.now() };
  await changeStatus({ task: shown });
  const held = new Lease({ ...shown, lease, timeout }, tell, budget);
  begin(held);
  try {
    const { signal, progress: onProgress } = held;
    const onSend = makeNote(task, held);
    const outcome = await runTask(task, {
      signal,
      onProgress,
      onSend,
      backendUrl,
    });
    const result = { ...outcome, requests: held.requests };
    const { error, data, account = null } = result;
    const code = data?.code ?? null;
    const failure = { action, text: error, code, account, at: Date.now() };
    await changeStatus({
      failure: result.success ? null : failure,
      expected: task.account ?? null,
      ...(account && { account }),
    });
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
