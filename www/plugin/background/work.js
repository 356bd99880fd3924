/* SPDX-License-Identifier: MIT */

import { isRepeatable } from "./actions.js";
import { INTERRUPTED, LeaseLost } from "./errors.js";
import { exclusively } from "./exclusive.js";
import { Lease } from "./lease.js";
import { LOG } from "./log.js";
import { isWrite } from "./proof.js";
import { runTask } from "./runner.js";
import { changeMemory, changeStatus, readMemory } from "./store.js";

// {task_id, lease} of a task for which no write went out, whatever storage says
// of it: it may have taken the note although it did not answer.
let spared = null;

const isFor = (noted, { task_id, lease = null }) =>
  noted?.task_id === task_id && noted.lease === lease;

/**
 * Executes a task when those before it are done. One that must not run twice is
 * not executed where it was begun before under the same lease, and had come to
 * a write: the browser may have died in the middle of that.
 * @param {object} task as the backend hands it out
 * @param {object} surroundings backendUrl; tell(progress): answers what the
 *     backend says to it; begin(lease): is given the Lease, to cancel it
 * @returns {Promise<?object>} what is to be posted; null if nobody wants it,
 *     because the task has become somebody else's
 * @throws {StorageError} nothing was written to Vinted: it may be given again
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
  // One that an earlier version has begun does not say.
  const hasWritten = isFor(begun, task) && begun.writing !== false;
  if (hasWritten && !isFor(spared, task) && !isRepeatable(task)) return true;
  await changeMemory({ begun: { task_id, lease, writing: false } });
  spared = null;
  return false;
}

/** To be waited for before each request: what was noted outlives the browser. */
function makeNote({ task_id, lease = null }, held) {
  let noted = null; // once for all: where it fails no other write goes, either
  async function note() {
    try {
      await changeMemory({ begun: { task_id, lease, writing: true } });
    } catch (error) {
      spared = { task_id, lease };
      throw error;
    }
  }
  return async (method) => {
    await held.spend();
    if (isWrite(method)) await (noted ??= note());
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
    await changeStatus({ task: null });
    held.end();
  }
}
