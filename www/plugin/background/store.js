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
import { makeQueue } from "./exclusive.js";

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

async function read(area, key, defaults) {
  const found = await api.storage[area].get(key);
  return { ...defaults, ...found[key] };
}

// The poller and the pages' tasks change the same values, and a change is a
// read and a write: two at once would lose one of them, a result for instance.
const inTurn = makeQueue();

function change(area, key, defaults, changes) {
  return inTurn(async () => {
    const value = { ...(await read(area, key, defaults)), ...changes };
    await api.storage[area].set({ [key]: value });
  });
}

export const readSettings = () => read("local", "settings", SETTINGS);
export const changeSettings = (changes) =>
  change("local", "settings", SETTINGS, changes);
export const readMemory = () => read("local", "memory", MEMORY);
export const changeMemory = (changes) =>
  change("local", "memory", MEMORY, changes);
export const readStatus = () => read("session", "status", STATUS);
export const changeStatus = (changes) =>
  change("session", "status", STATUS, changes);
export const readPace = () => read("session", "pace", PACE);
export const writePace = (pace) =>
  api.storage.session.set({ pace: { ...PACE, ...pace } });

/** @returns {Promise<object[]>} {task_id, body}, oldest first; of one that could
 *     not be delivered also failures, notBefore and reason */
export async function readOutbox() {
  const { outbox } = await api.storage.local.get("outbox");
  return outbox ?? [];
}

const START = 30_000; // milliseconds that a browser may take to restore tabs

/** Notes when the background has run for the first time in this session. */
export async function noteStart() {
  const { start } = await api.storage.session.get("start");
  if (!start) await api.storage.session.set({ start: Date.now() });
}

/** @returns {Promise<boolean>} whether it may still be restoring tabs */
export async function isStarting() {
  const { start = 0 } = await api.storage.session.get("start");
  return Date.now() < start + START;
}

/** Adds a result to those that wait. */
export function keepResult(result) {
  return inTurn(async () => {
    await api.storage.local.set({ outbox: [...(await readOutbox()), result] });
  });
}

/**
 * Ends the task of the last poll: what is polled for next is another one.
 * @param {?object} result kept in the same step, if there is one
 */
export function finishTask(result) {
  return inTurn(async () => {
    const outbox = await readOutbox();
    if (result) outbox.push(result);
    const memory = { ...(await readMemory()), receiveId: null };
    await api.storage.local.set({ outbox, memory });
  });
}

const isSame = (one, other) =>
  one.task_id === other.task_id && one.body === other.body;

function changeOutbox(change) {
  return inTurn(async () => {
    await api.storage.local.set({ outbox: change(await readOutbox()) });
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
