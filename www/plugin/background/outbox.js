/* SPDX-License-Identifier: MIT */

/* A result waits in storage until the backend has acknowledged it. */

import { LOG } from "./log.js";
import { dropResult, readOutbox } from "./store.js";

// The backend has another result or does not know the task: it will not want
// this one however often it is sent.
const SETTLED = [404, 409];
// It cannot take this one; it may take the word that there was one.
const REFUSED = [400, 413, 422];

/**
 * Delivers what waits, oldest first.
 * @param {Backend} backend
 * @throws {BackendError} the first that could not be delivered, and stays
 */
export async function deliver(backend) {
  for (const { task_id, body } of await readOutbox()) {
    await post(backend, task_id, body);
    await dropResult(task_id);
  }
}

async function post(backend, taskId, body) {
  try {
    await backend.postResult(taskId, body);
    console.log(`${LOG} ✅ Résultat envoyé pour ${taskId}`);
  } catch (error) {
    if (REFUSED.includes(error.status))
      return postRefusal(backend, taskId, error);
    if (!SETTLED.includes(error.status)) throw error;
    console.warn(`${LOG} ⚠️ Résultat de ${taskId} : ${error.message}`);
  }
}

async function postRefusal(backend, taskId, { message }) {
  console.error(`${LOG} ❌ Résultat de ${taskId} refusé : ${message}`);
  const error = `Résultat refusé par le backend : ${message}`;
  try {
    await backend.postResult(taskId, JSON.stringify({ success: false, error }));
  } catch (second) {
    if (![...REFUSED, ...SETTLED].includes(second.status)) throw second;
  }
}
