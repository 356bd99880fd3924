/* SPDX-License-Identifier: MIT */

/* The loop: deliver results, ask for a task, execute it, and again. Its state
 * is in storage, so that it may be cut off anywhere:
 *
 *   before a poll        receiveId is kept: the same poll gets the same task
 *   before an execution  begun is kept: what must not run twice does not
 *   after it             one write keeps the result and ends the task
 */

import { isRepeatable } from "./actions.js";
import { Backend } from "./backend.js";
import { textOf } from "./errors.js";
import { parseJson } from "./json.js";
import { LOG, report } from "./log.js";
import { deliver, hurry, untilDue } from "./outbox.js";
import * as store from "./store.js";
import { jittered, wait } from "./wait.js";
import { perform } from "./work.js";

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
  await store.writePace({}).catch(report);
  isChanged = true;
  pause.abort(new Error("restart"));
  wake();
}

async function run() {
  isRunning = true;
  try {
    let isOver = false;
    while (!isOver) {
      isChanged = false;
      pause = new AbortController();
      await announce();
      isOver = await goRound(pause.signal);
    }
  } catch (error) {
    report(error);
  } finally {
    isRunning = false; // whatever it was, the alarm starts it again
  }
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
  const hold = settings.mode === "long" ? await holdFor() : 0;
  const began = Date.now();
  const answer = await backend.poll(await receiveId(), hold, signal);
  if (await noteSuccess(answer)) await deliver(backend);
  if (!answer.task_id) return pauseAfter(answer, settings, Date.now() - began);
  await take(answer, settings, backend);
  await deliver(backend);
  return 0;
}

/** A result that is to be tried again soon does not wait for a poll. */
async function holdFor() {
  return Math.min(HOLD, Math.max(1, Math.ceil((await untilDue()) / 1000)));
}

async function receiveId() {
  const { receiveId: known } = await store.readMemory();
  if (known) return known;
  const receiveId = crypto.randomUUID().replaceAll("-", "");
  await store.changeMemory({ receiveId });
  return receiveId;
}

/** Whether the backend has just come back: what waits may be delivered. */
async function noteSuccess(answer) {
  await store.writePace({});
  const { connected, error, queuePaused } = await store.readStatus();
  const reason = answer.paused ? (answer.paused.reason ?? "") : null;
  if (connected && !error && queuePaused === reason) return false;
  const at = Date.now();
  await store.changeStatus({
    connected: true,
    at,
    error: null,
    queuePaused: reason,
  });
  if (!connected) await hurry();
  return !connected;
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
  report(error);
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

/**
 * Executes it, and in one step keeps its result and ends it. What storage does
 * not take then is seen to with what is delivered next.
 * @throws {StorageError} nothing was written to Vinted; the same poll will get
 *     the same task
 */
async function take(task, { backendUrl }, backend) {
  const { task_id } = task;
  const tell = (progress) => backend.postProgress(task_id, progress);
  const result =
    (await doneBefore(task)) ?? (await perform(task, { backendUrl, tell }));
  const kept = result && { task_id, body: JSON.stringify(result) };
  await store.finishTask(kept).catch(report);
}

/** The success that the backend has not heard of yet, under the new lease: what
 * must not run twice does not. */
async function doneBefore(task) {
  if (isRepeatable(task)) return null;
  for (const { task_id, body } of await store.readOutbox()) {
    if (task_id !== task.task_id) continue;
    const { lease: _, ...result } = parseJson(body);
    const { lease } = task;
    if (result.success) return { ...result, ...(lease && { lease }) };
  }
  return null;
}
