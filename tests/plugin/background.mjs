/* SPDX-License-Identifier: MIT */

/* The extension's whole background, all of whose surroundings a test is: the
 * storage, the Vinted tab, the backend, the alarm, and the clock. The test may
 * kill this process at any line, as a browser that dies.
 *
 *   node background.mjs NOW            milliseconds: the clock as it starts
 *   → {id, now, step, …}               something is asked of the surroundings
 *   ← {id, value}, {id, error}         its answer
 *   ← {id, never: true}                there will be none
 *   → {now, step: "rest"}              nothing goes on, nothing is waited for
 *   ← {wake: NOW}                      the alarm, at that time
 *
 * The clock stands still as long as anything goes on, and then goes on to the
 * next moment that somebody waits for. */

import { createInterface } from "node:readline";
import { PLUGIN, SITE, readJson } from "./tab.mjs";

let now = Number(process.argv[2]);
let open = 0; // questions without an answer yet
let last = 0;
let isSettling = false;
const asked = new Map();
const timers = new Map();

function say(message) {
  process.stdout.write(`${JSON.stringify({ ...message, now })}\n`);
}

function ask(step, details = {}) {
  const id = ++last;
  open++;
  say({ id, step, ...details });
  return new Promise((resolve, reject) => asked.set(id, { resolve, reject }));
}

function hear({ id, value, error, never }) {
  const { resolve, reject } = asked.get(id);
  asked.delete(id);
  open--;
  if (error) reject(new TypeError(error));
  else if (!never) resolve(value);
}

/** What follows from the last answer is done before this comes. */
function settle() {
  if (!isSettling) setImmediate(goOn);
  isSettling = true;
}

function goOn() {
  isSettling = false;
  if (open > 0) return;
  const [next] = [...timers].sort(([, one], [, other]) => one.at - other.at);
  if (!next) return say({ step: "rest" });
  const [id, { at, call, every }] = next;
  now = Math.max(now, at);
  if (every) timers.set(id, { at: now + every, call, every });
  else timers.delete(id);
  call();
  settle();
}

function addTimer(call, delay, every) {
  timers.set(++last, { at: now + delay, call, every });
  return last;
}

Date.now = () => now;
globalThis.setTimeout = (call, delay = 0) => addTimer(call, delay, 0);
globalThis.setInterval = (call, delay) => addTimer(call, delay, delay);
globalThis.clearTimeout = (id) => timers.delete(id);
globalThis.clearInterval = globalThis.clearTimeout;

globalThis.fetch = async (url, { method, headers, body }) => {
  const told = await ask("fetch", { url: url.href, method, headers, body });
  return {
    ...told,
    headers: new Headers(told.headers),
    text: async () => told.text,
  };
};

const area = (name) => ({
  get: (key) => ask("get", { area: name, key }),
  set: (values) => ask("set", { area: name, values }),
});
const alarms = [];
const event = (listeners = []) => ({
  addListener: (listener) => listeners.push(listener),
});
const TAB = { id: 1, url: `${SITE}/`, status: "complete" };
const manifest = readJson("manifest.json");

globalThis.browser = {
  alarms: { onAlarm: event(alarms), get: async () => ({}) },
  runtime: {
    getManifest: () => manifest,
    getPlatformInfo: async () => ({}),
    onConnect: event(),
    onConnectExternal: event(),
    onInstalled: event(),
    onStartup: event(),
  },
  scripting: {
    getRegisteredContentScripts: async () => [],
    registerContentScripts: async () => {},
  },
  storage: {
    local: area("local"),
    session: area("session"),
    onChanged: event(),
  },
  tabs: {
    // Pages of the backend, which the bridge looks for, there are none.
    query: async ({ url }) => (String(url).includes("vinted") ? [TAB] : []),
    sendMessage: (_id, message) => ask("message", { message }),
  },
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line);
  if (message.wake) {
    now = Math.max(now, message.wake);
    alarms.forEach((listener) => listener());
  } else hear(message);
  settle();
});

await import(`${PLUGIN}background/main.js`);
