/* SPDX-License-Identifier: MIT */

/* A result waits in storage until the backend has acknowledged it. Only its
 * own words end that: anybody may answer 200, or 404. Each waits for itself, so
 * that one which cannot go holds up no other. */

import { StorageError, textOf } from "./errors.js";
import { LOG } from "./log.js";
import * as store from "./store.js";
import { jittered } from "./wait.js";

// The backend has another result, does not know the task or has given it to
// another plugin: it will not want this one however often it is sent.
const SETTLED = [
  "unknown_task",
  "result_conflict",
  "lease_lost",
  "task_finished",
];
// It cannot take this one; it may take the word that there was one.
const REFUSED = [
  "malformed_json",
  "too_large",
  "too_large_here",
  "invalid_field",
];

const DELAY_FIRST = 5000;
const DELAY_MOST = 3_600_000;
const SILENCES_MOST = 2; // unanswered ones before the others wait, too

/**
 * Delivers what is due, oldest first. What does not go is tried again later,
 * and shown as long as it waits.
 * @param {Backend} backend
 * @throws {StorageError} what has gone may go again, which does no harm
 */
export async function deliver(backend) {
  await settle(backend);
  let silences = 0;
  const isDue = ({ notBefore = 0 }) => notBefore <= Date.now();
  for (const result of (await store.readOutbox()).filter(isDue)) {
    if (silences >= SILENCES_MOST) break;
    try {
      await post(backend, result);
      await store.dropResult(result);
    } catch (error) {
      if (error instanceof StorageError) throw error;
      if (error.status === 0) silences++;
      await store.changeResult(result, putOff(result, error));
    }
  }
  await show();
}

/** What storage does not take goes at once: the browser may end any moment. */
async function settle(backend) {
  try {
    await store.settle();
  } catch (error) {
    for (const result of store.readOwed()) {
      await post(backend, result);
      store.forgive(result);
    }
    throw error;
  }
}

/** Has all be tried again at once: the backend is back. */
export async function hurry() {
  if ((await store.readOutbox()).some(({ notBefore }) => notBefore))
    await store.changeResults({ notBefore: 0 });
}

async function post(backend, { task_id, body }) {
  try {
    await backend.postResult(task_id, body);
    console.log(`${LOG} ✅ Résultat envoyé pour ${task_id}`);
  } catch (error) {
    if (REFUSED.includes(error.code))
      return postRefusal(backend, task_id, body, error);
    if (!SETTLED.includes(error.code)) throw error;
    console.warn(`${LOG} ⚠️ Résultat de ${task_id} : ${error.message}`);
  }
}

/** Under the same lease, since another would not be taken. */
async function postRefusal(backend, taskId, body, { message }) {
  console.error(`${LOG} ❌ Résultat de ${taskId} refusé : ${message}`);
  const { lease } = JSON.parse(body);
  const error = `Résultat refusé par le backend : ${message}`;
  const failure = { success: false, error, ...(lease && { lease }) };
  try {
    await backend.postResult(taskId, JSON.stringify(failure));
  } catch (second) {
    if (![...REFUSED, ...SETTLED].includes(second.code)) throw second;
  }
}

function putOff({ task_id, failures = 0 }, error) {
  const reason = textOf(error);
  console.error(`${LOG} ❌ Résultat de ${task_id} : ${reason}`);
  const growing = Math.min(DELAY_FIRST * 2 ** failures, DELAY_MOST);
  const delay = Math.max(jittered(growing), error.retryAfter ?? 0);
  const notBefore = Date.now() + delay;
  return { failures: failures + 1, notBefore, reason };
}

/** In the popup: how many have been refused at least once, and why. */
async function show() {
  const kept = (await store.readOutbox()).filter(({ reason }) => reason);
  const undelivered = kept.length
    ? { count: kept.length, reason: kept.at(-1).reason }
    : null;
  const known = (await store.readStatus()).undelivered;
  if (JSON.stringify(known) !== JSON.stringify(undelivered))
    await store.changeStatus({ undelivered });
}

/** @returns {Promise<number>} milliseconds until one is due */
export async function untilDue() {
  const moments = (await store.readOutbox()).map((one) => one.notBefore ?? 0);
  return Math.max(0, Math.min(...moments) - Date.now());
}
