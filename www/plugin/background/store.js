/* SPDX-License-Identifier: MIT */

/* Everything that must outlive the background. It is suspended after half a
 * minute without events, and the browser may be closed at any moment.
 *
 *   local    settings   what the options page sets
 *            memory     what the poller must not forget: see MEMORY
 *            outbox     results that the backend has yet to acknowledge
 *   session  status     what the popup shows
 *            pace       when to poll again after an error
 *            start      when the browser was started
 */

import { api } from "./api.js";
import { StorageError } from "./errors.js";
import { makeQueue } from "./exclusive.js";
import { report } from "./log.js";
import { limited } from "./wait.js";

const SETTINGS = {
  backendUrl: "http://localhost:8000",
  token: "",
  userId: "",
  mode: "long", // "interval", "long", or "off": only pages relay tasks
  intervalMs: 5000,
  photoHosts: "", // where photos may come from besides the backend
  paused: false,
  configured: false, // saved at least once
};

const MEMORY = {
  receiveId: null, // of the poll whose task is not finished yet
  begun: null, // {task_id, lease, writing} of the task that was executed last;
  // writing: a request that is no read may have gone out for it
  seller: null, // {user_id, login} as the last get_user_data found them
};

const STATUS = {
  connected: false,
  at: null, // when that became so, milliseconds
  error: null, // {text, at}: why the backend cannot be reached
  failure: null, // {action, text, code, account, at} of a last task that failed
  task: null, // {task_id, action, startedAt, done, total, message}
  queuePaused: null, // why the backend hands out nothing
  account: null, // {id, login}: who was last seen to be signed in at Vinted
  expected: null, // {id, login}: whose the last task was, where it said so
  undelivered: null, // {count, reason}: results that the backend has not taken
};

const PACE = { failures: 0, notBefore: 0 };

/** A call that was late may still be done. Browsers do those of an area in the
 * order in which they came: whatever is asked after it will see it. */
async function call(area, method, argument) {
  try {
    return await limited(api.storage[area][method](argument));
  } catch (error) {
    throw new StorageError(error);
  }
}

const get = (area, key) => call(area, "get", key);
const set = (area, values) => call(area, "set", values);

async function read(area, key, defaults) {
  const found = await get(area, key);
  return { ...defaults, ...found[key] };
}

// The poller and the pages' tasks change the same values, and a change is a
// read and a write: two at once would lose one of them, a result for instance.
const inTurn = { local: makeQueue(), session: makeQueue() };

function change(area, key, defaults, changes) {
  return inTurn[area](async () => {
    const value = { ...(await read(area, key, defaults)), ...changes };
    await set(area, { [key]: value });
  });
}

export const readSettings = () => read("local", "settings", SETTINGS);
export const changeSettings = (changes) =>
  change("local", "settings", SETTINGS, changes);
export const readMemory = () => read("local", "memory", MEMORY);
export const changeMemory = (changes) =>
  change("local", "memory", MEMORY, changes);
export const readStatus = () => read("session", "status", STATUS);
/** What the popup shows: no task waits for it for long, or fails by it. */
export const changeStatus = (changes) =>
  limited(change("session", "status", STATUS, changes)).catch(report);
export const readPace = () => read("session", "pace", PACE);
export const writePace = (pace) =>
  set("session", { pace: { ...PACE, ...pace } });

/** @returns {Promise<object[]>} {task_id, body}, oldest first; of one that could
 *     not be delivered also failures, notBefore and reason */
export async function readOutbox() {
  const { outbox } = await get("local", "outbox");
  return outbox ?? [];
}

const START = 30_000; // milliseconds that a browser may take to restore tabs

/** Notes when the background has run for the first time in this session. */
export async function noteStart() {
  const { start } = await get("session", "start");
  if (!start) await set("session", { start: Date.now() });
}

/** @returns {Promise<boolean>} whether it may still be restoring tabs */
export async function isStarting() {
  const { start = 0 } = await get("session", "start");
  return Date.now() < start + START;
}

const isSame = (one, other) =>
  one.task_id === other.task_id && one.body === other.body;

// What storage has yet to take: {result, isEnd}. Until it does, a result is
// here alone, and dies with the background.
let owed = [];

/** Adds a result to those that wait. */
export function keepResult(result) {
  owed.push({ result });
  return settle();
}

/**
 * Ends the task of the last poll: what is polled for next is another one.
 * @param {?object} result kept in the same step, if there is one
 */
export function finishTask(result) {
  owed.push({ result, isEnd: true });
  return settle();
}

/**
 * Has storage take what it has not taken yet, in one step.
 * @throws {StorageError} nothing is to be polled for before it has: it would be
 *     the task that has been executed
 */
export function settle() {
  return inTurn.local(async () => {
    const paid = [...owed];
    if (paid.length === 0) return;
    const outbox = await readOutbox();
    // A late call has perhaps brought it.
    for (const { result } of paid)
      if (result && !outbox.some((one) => isSame(one, result)))
        outbox.push(result);
    const values = { outbox };
    if (paid.some(({ isEnd }) => isEnd))
      values.memory = { ...(await readMemory()), receiveId: null };
    await set("local", values);
    owed = owed.filter((one) => !paid.includes(one));
  });
}

/** @returns {object[]} the results that storage has not taken */
export const readOwed = () =>
  owed.map(({ result }) => result).filter((result) => result);

/** Has storage need to take this result no more. */
export function forgive(result) {
  for (const one of owed) if (one.result === result) one.result = null;
}

function changeOutbox(change) {
  return inTurn.local(async () => {
    await set("local", { outbox: change(await readOutbox()) });
  });
}

export const dropResult = (result) =>
  changeOutbox((outbox) => outbox.filter((one) => !isSame(one, result)));

/** Gives a result these members, if it is there. */
export const changeResult = (result, members) =>
  changeOutbox((outbox) =>
    outbox.map((one) => (isSame(one, result) ? { ...one, ...members } : one)),
  );

/** Gives them to all. */
export const changeResults = (members) =>
  changeOutbox((outbox) => outbox.map((one) => ({ ...one, ...members })));

/** @returns {string} the address without what people add to it by mistake */
export function tidyUrl(url) {
  return url
    .trim()
    .replace(/\/+$/, "")
    .replace(/\/api$/, "");
}

/** @returns {?string} the origin, or null if it is no http(s) address */
export function originOf(url) {
  try {
    const { protocol, origin } = new URL(url);
    return /^https?:$/.test(protocol) ? origin : null;
  } catch {
    return null;
  }
}
