/* SPDX-License-Identifier: MIT */

/* The loop: deliver results, ask for a task, execute it, and again. Its state
 * is in storage, so that it may be cut off anywhere:
 *
 *   before a poll        receiveId is kept: the same poll gets the same task
 *   before an execution  running is kept: what must not run twice does not
 *   after it             one write keeps the result and ends the task
 */

import { isRepeatable } from "./actions.js";
import { Backend } from "./backend.js";
import { INTERRUPTED, LeaseLost, textOf } from "./errors.js";
import { exclusively } from "./exclusive.js";
import { Lease } from "./lease.js";
import { LOG } from "./log.js";
import { deliver } from "./outbox.js";
import { runTask } from "./runner.js";
import * as store from "./store.js";
import { jittered, wait } from "./wait.js";

const HOLD = 25; // seconds that a long poll may be held
const QUICK = 1000; // an empty answer within this was not held
const BACKOFF_FIRST = 5000;
const BACKOFF_MOST = 300_000;
const PACE_LEAST = 100;
const PACE_MOST = 300_000;
const STOP = -1;

let isRunning = false;
let isChanged = false; // the settings have, since the round began
let pause = new AbortController(); // cuts short a wait, or a poll, not a task

/** Starts the loop unless it runs. */
export function wake() {
  if (!isRunning) run();
}

/** The settings have changed. A task that runs goes on. */
export async function restart() {
  await store.writePace({});
  isChanged = true;
  pause.abort(new Error("restart"));
  wake();
}

async function run() {
  isRunning = true;
  let isOver = false;
  while (!isOver) {
    isChanged = false;
    pause = new AbortController();
    await announce();
    isOver = await goRound(pause.signal);
  }
  isRunning = false;
}

async function announce() {
  const { mode, intervalMs, paused, configured } = await store.readSettings();
  if (paused || !configured || mode === "off") return;
  const how =
    mode === "long" ? `long, ${HOLD}s` : `intervalle: ${intervalMs}ms`;
  console.log(`${LOG} ✅ Démarrage polling (${how})`);
}

/** Round after round. True if there is nothing to do until settings change. */
async function goRound(signal) {
  try {
    while (!isChanged) if ((await step(signal)) === STOP) break;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return !isChanged;
}

async function step(signal) {
  const settings = await store.readSettings();
  if (!settings.configured) return STOP;
  const { notBefore } = await store.readPace();
  await wait(Math.max(0, notBefore - Date.now()), signal);
  let delay;
  try {
    delay = await round(settings, signal);
  } catch (error) {
    signal.throwIfAborted();
    delay = await backOff(error);
  }
  if (delay !== STOP) await wait(delay, signal);
  return delay;
}

/** The milliseconds to the next round, or STOP. */
async function round(settings, signal) {
  const backend = new Backend(settings);
  await deliver(backend);
  if (settings.paused || settings.mode === "off") {
    await store.changeStatus({ connected: false, task: null });
    return STOP;
  }
  const hold = settings.mode === "long" ? HOLD : 0;
  const began = Date.now();
  const answer = await backend.poll(await receiveId(), hold, signal);
  await noteSuccess(answer);
  if (!answer.task_id) return pauseAfter(answer, settings, Date.now() - began);
  await exclusively(() => take(answer, settings, backend));
  await deliver(backend);
  return 0;
}

async function receiveId() {
  const { receiveId: known } = await store.readMemory();
  if (known) return known;
  const receiveId = crypto.randomUUID().replaceAll("-", "");
  await store.changeMemory({ receiveId });
  return receiveId;
}

async function noteSuccess(answer) {
  await store.writePace({});
  const { connected, error, queuePaused } = await store.readStatus();
  const reason = answer.paused ? (answer.paused.reason ?? "") : null;
  if (connected && !error && queuePaused === reason) return;
  const at = Date.now();
  await store.changeStatus({
    connected: true,
    at,
    error: null,
    queuePaused: reason,
  });
}

/** What the backend asks for counts more than what is set here. */
function pauseAfter(answer, { mode, intervalMs }, took) {
  const asked = Number(answer.next_poll_interval_ms);
  if (asked > 0) return Math.min(Math.max(asked, PACE_LEAST), PACE_MOST);
  return mode === "long" && took > QUICK ? 0 : intervalMs;
}

/** Kept in storage, since the background may not live that long. */
async function backOff(error) {
  const text = textOf(error);
  console.error(`${LOG} ❌ ${text}`);
  const { failures } = await store.readPace();
  const growing = Math.min(BACKOFF_FIRST * 2 ** failures, BACKOFF_MOST);
  const delay = Math.max(jittered(growing), error.retryAfter ?? 0);
  const notBefore = Date.now() + delay;
  await store.writePace({ failures: failures + 1, notBefore });
  await store.changeStatus({
    connected: false,
    at: Date.now(),
    error: { text, at: Date.now() },
  });
  return delay;
}

async function take(task, settings, backend) {
  console.log(`${LOG} ✅ Nouvelle tâche: ${task.action} ${task.task_id}`);
  const { running } = await store.readMemory();
  const begunBefore =
    running?.task_id === task.task_id && running.lease === task.lease;
  if (begunBefore && !isRepeatable(task)) {
    const result = { success: false, error: INTERRUPTED };
    return store.keepResult({ task_id: task.task_id, body: bodyOf(task, result) });
  }
  const { task_id, lease } = task;
  await store.changeMemory({ running: { task_id, lease } });
  const result = await execute(task, settings, backend);
  if (result) await store.keepResult({ task_id, body: bodyOf(task, result) });
  else await store.changeMemory({ running: null, receiveId: null });
}

/** The result; null where the task has become somebody else's. */
async function execute(task, { backendUrl }, backend) {
  const { task_id, action, lease, timeout } = task;
  const shown = { task_id, action, startedAt: Date.now() };
  await store.changeStatus({ task: shown });
  const held = new Lease({ ...shown, lease, timeout }, (progress) =>
    backend.postProgress(task_id, progress),
  );
  try {
    const { signal, progress: onProgress } = held;
    return await runTask(task, { signal, onProgress, backendUrl });
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    console.warn(`${LOG} ⚠️ ${task_id} a été confiée à un autre plugin`);
    return null;
  } finally {
    held.end();
    await store.changeStatus({ task: null });
  }
}

function bodyOf({ lease }, result) {
  return JSON.stringify({ ...result, ...(lease && { lease }) });
}
