/* SPDX-License-Identifier: MIT */

/* A storage that never answers: nothing waits for it without end, no result is
 * lost or another than it was, and nothing is written to Vinted without the
 * note that guards it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PLUGIN, json, load, never, readJson, reset, tab } from "./tab.mjs";

const store = await load("store");
const { StorageError } = await load("errors");
const { deliver } = await load("outbox");
const { perform } = await load("work");
const { relay } = await load("relayed");
const { restart, wake } = await load("poller");

const LIMIT = 10_000;
const ALARM = 30_000;
const SETTINGS = { configured: true, backendUrl: "http://b", token: "t" };
const CREATE = {
  task_id: "t1",
  lease: "x",
  action: "create_product",
  params: {},
  timeout: 60,
};
const surroundings = { backendUrl: "http://b", tell: async () => ({}) };

/** Lets all that is not waiting for a timer come to its end. */
async function settle() {
  for (let n = 0; n < 100; n++) await new Promise(setImmediate);
}

/** A test whose time goes by as it says. Nothing of it goes on in the next. */
function scenario(name, play) {
  test(name, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    reset();
    await play(t);
    reset();
    restart(); // the loop finds no settings, and ends
    await pass(t, 2 * LIMIT);
  });
}

/** Has so much time go by, in which all goes on that waits for some. */
async function pass(t, milliseconds) {
  for (let gone = 0; gone < milliseconds; gone += 500) {
    await settle();
    t.mock.timers.tick(500);
  }
  await settle();
}

/** What becomes of it in that time: its value, its error, or "waiting". */
async function outcome(t, promise, milliseconds) {
  let told = "waiting";
  promise.then(
    (value) => (told = value),
    (error) => (told = error),
  );
  await pass(t, milliseconds);
  return told;
}

const isNote = (area, method, { memory } = {}) =>
  area === "local" && method === "set" && memory?.begun?.writing;
const isEnd = (area, method, { memory } = {}) =>
  area === "local" && method === "set" && memory?.receiveId === null;

const posts = () => tab.requests.filter((line) => line.startsWith("POST"));

/** A browser in whose tab products can be created. */
function open() {
  reset(() => json(200, { item: { id: 5 } }));
}

/** A backend that has one task, until it has the result: the list of these. */
function serve(task) {
  const results = [];
  const polls = [];
  const say = (value) => new Response(JSON.stringify(value), JSON_ANSWER);
  globalThis.fetch = async (url, { body, signal }) => {
    if (url.pathname.endsWith("/result")) {
      results.push(JSON.parse(body));
      return say({ status: "received" });
    }
    if (url.pathname.endsWith("/progress")) return say({});
    polls.push(url.searchParams.get("receive_id"));
    if (results.length === 0) return say(task);
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  };
  return { results, polls };
}
const JSON_ANSWER = { headers: { "Content-Type": "application/json" } };

scenario("no call of storage is waited for without end", async (t) => {
  tab.silent = () => "lost";
  for (const call of [
    store.readSettings,
    store.readPace,
    store.readOutbox,
    store.isStarting,
    store.noteStart,
    () => store.writePace({}),
    () => store.changeMemory({ receiveId: "r" }),
    () => store.dropResult({ task_id: "t", body: "" }),
  ])
    assert.ok((await outcome(t, call(), LIMIT)) instanceof StorageError);
  tab.silent = (_area, method) => method === "set" && "lost";
  assert.ok((await outcome(t, store.writePace({}), LIMIT)) instanceof Error);
  // A thousand notes of what the popup shows hold up nobody, either.
  for (let n = 0; n < 1000; n++) store.changeStatus({ at: n });
  assert.equal(await outcome(t, store.changeStatus({}), LIMIT), undefined);
  tab.silent = (area) => area === "session" && "lost";
  await store.changeMemory({ receiveId: "r" });
});

scenario("what is refused is known by the same error", async (t) => {
  reset();
  t.mock.method(globalThis.browser.storage.local, "set", async () => {
    throw new Error("QuotaExceededError");
  });
  const calling = store.changeMemory({ receiveId: "r" });
  await assert.rejects(calling, /QuotaExceeded/);
  await assert.rejects(calling, StorageError);
});

scenario("nothing is written whose note was not taken", async (t) => {
  for (const how of ["lost", "late"]) {
    open();
    tab.silent = (...call) => isNote(...call) && how;
    const told = await outcome(t, perform(CREATE, surroundings), LIMIT);
    assert.ok(told instanceof StorageError, how);
    assert.deepEqual(posts(), []);
    // The same task once more is no task of a browser that has died.
    tab.silent = () => null;
    const again = await outcome(t, perform(CREATE, surroundings), LIMIT);
    assert.equal(again.success, true, how);
    assert.equal(posts().length, 1);
    // That it has written is known from then on.
    const third = await outcome(t, perform(CREATE, surroundings), LIMIT);
    assert.equal(third.data.code, "unknown");
    assert.equal(posts().length, 1);
  }
});

scenario("where the note of one write fails no other goes", async (t) => {
  open();
  let notes = 0;
  tab.silent = (...call) => isNote(...call) && ++notes === 1 && "lost";
  const requests = [1, 2, 3].map((n) => ({ method: "POST", url: `/${n}` }));
  const batch = { action: "execute_batch_requests", params: { requests } };
  const told = perform({ ...CREATE, ...batch }, surroundings);
  assert.ok((await outcome(t, told, 2 * LIMIT)) instanceof StorageError);
  await pass(t, ALARM);
  assert.deepEqual(posts(), []);
});

scenario("nothing is begun where it is not known what was", async (t) => {
  open();
  await store.changeMemory({ begun: { task_id: "t1", lease: "x" } });
  tab.silent = (_area, _method, what) => what === "memory" && "lost";
  const told = await outcome(t, perform(CREATE, surroundings), LIMIT);
  assert.ok(told instanceof StorageError);
  assert.deepEqual(tab.requests, []);
});

scenario("a result stands though the popup cannot be told", async (t) => {
  open();
  tab.silent = (area) => area === "session" && "lost";
  const told = await outcome(t, perform(CREATE, surroundings), 4 * LIMIT);
  assert.equal(told.success, true);
});

scenario(
  "a result that storage does not take is delivered all the same",
  async (t) => {
    open();
    await store.changeSettings({ ...SETTINGS });
    const { results, polls } = serve(CREATE);
    let isOver = false;
    tab.silent = (...call) => (isOver ||= isEnd(...call)) && "lost";
    wake();
    await pass(t, 3 * LIMIT);
    assert.deepEqual([results.length, results[0]?.success], [1, true]);
    // Nothing is polled for under the name of what was executed, but when
    // storage is there again the next task is.
    wake();
    await pass(t, ALARM);
    assert.deepEqual([results.length, polls.length], [1, 1]);
    tab.silent = () => null;
    wake();
    await pass(t, ALARM);
    assert.equal(polls.length, 2);
    assert.notEqual(polls[0], polls[1]);
    assert.equal(posts().length, 1);
  },
);

for (const how of ["lost", "late"])
  scenario(`${how}, and no backend: it waits for one of both`, async (t) => {
    open();
    await store.changeSettings({ ...SETTINGS });
    const { results } = serve(CREATE);
    const { fetch } = globalThis;
    tab.silent = (...call) => {
      if (!isEnd(...call)) return null;
      globalThis.fetch = async () => {
        throw new TypeError("Failed to fetch");
      };
      return how;
    };
    wake();
    await pass(t, ALARM);
    assert.deepEqual(results, []);
    tab.silent = () => null;
    await pass(t, ALARM);
    const kept = await store.readOutbox();
    assert.deepEqual([kept.length, kept[0]?.task_id], [1, "t1"]);
    globalThis.fetch = fetch;
    await pass(t, 10 * ALARM);
    assert.deepEqual([results.length, results[0]?.success], [1, true]);
    assert.equal(posts().length, 1);
  });

scenario(
  "one that was delivered goes again where that cannot be noted",
  async (t) => {
    reset();
    const { results } = serve(CREATE);
    const result = { task_id: "t1", body: '{"success":true}' };
    await store.keepResult(result);
    const { Backend } = await load("backend");
    const backend = new Backend(SETTINGS);
    tab.silent = (_area, method) => method === "set" && "lost";
    const told = await outcome(t, deliver(backend), LIMIT);
    assert.ok(told instanceof StorageError);
    tab.silent = () => null;
    // Not as one that the backend has not taken.
    assert.deepEqual(await store.readOutbox(), [result]);
    await deliver(backend);
    assert.deepEqual(results, [{ success: true }, { success: true }]);
    assert.deepEqual(await store.readOutbox(), []);
  },
);

scenario("the next alarm tries again", async (t) => {
  open();
  await store.changeSettings({ ...SETTINGS });
  const { results } = serve(CREATE);
  for (const area of ["local", "session"]) {
    tab.silent = (one) => one === area && "lost";
    wake();
    await pass(t, ALARM);
    assert.deepEqual(results, []);
  }
  tab.silent = () => null;
  wake();
  await pass(t, LIMIT);
  assert.deepEqual([results.length, results[0]?.success], [1, true]);
});

scenario(
  "a page hears that its task is lost, and may give it again",
  async (t) => {
    open();
    const said = [];
    const say = (type, members) => {
      said.push([type, members?.result?.success]);
      return true;
    };
    tab.silent = (...call) => isNote(...call) && "late";
    (await relay(CREATE)).join(say);
    await pass(t, LIMIT);
    assert.deepEqual(said, [["lost", undefined]]);
    tab.silent = () => null;
    (await relay(CREATE)).join(say);
    await pass(t, LIMIT);
    assert.deepEqual(said[1], ["result", true]);
    assert.equal(posts().length, 1);
  },
);

scenario(
  "what a page's task has come to outlives the page and the silence",
  async (t) => {
    open();
    await store.changeSettings({ ...SETTINGS, mode: "off" });
    const { results } = serve(CREATE);
    tab.silent = (_area, method, { outbox } = {}) =>
      method === "set" && outbox && "lost";
    await relay({ ...CREATE, lease: "y" }); // no page stays to hear it
    await pass(t, 3 * LIMIT);
    assert.deepEqual([results.length, results[0]?.success], [1, true]);
  },
);

/** The other end of a page's port. */
function makePort() {
  const port = { said: [], isOpen: true };
  return Object.assign(port, {
    sender: { frameId: 0, origin: "http://b" },
    onMessage: { addListener: (listener) => (port.bring = listener) },
    onDisconnect: { addListener: () => {} },
    postMessage: ({ type }) => port.said.push(type),
    disconnect: () => (port.isOpen = false),
  });
}

scenario(
  "a page is hung up on rather than left without an answer",
  async (t) => {
    const { accept } = await load("bridge");
    for (const isKnown of [false, true]) {
      open();
      await store.changeSettings({ ...SETTINGS });
      const port = makePort();
      if (!isKnown) tab.silent = () => "lost";
      accept(port);
      await settle();
      tab.silent = () => "lost";
      port.bring({ type: "hello" });
      await pass(t, LIMIT);
      assert.deepEqual([port.isOpen, port.said], [false, []]);
    }
  },
);

scenario("neither alarms nor scripts hold up the start", async (t) => {
  const event = { addListener: () => {} };
  const { browser } = globalThis;
  const made = [];
  const names = ["onConnect", "onConnectExternal", "onInstalled", "onStartup"];
  for (const name of names) browser.runtime[name] = event;
  browser.storage.onChanged = event;
  const get = () => never;
  const create = (name) => made.push(name);
  browser.alarms = { onAlarm: event, get, create };
  browser.scripting.getRegisteredContentScripts = get;
  browser.scripting.registerContentScripts = async ([{ id }]) => made.push(id);
  await store.changeSettings({ ...SETTINGS, mode: "off" });
  await load("main");
  const { register } = await load("bridge");
  await pass(t, LIMIT);
  assert.deepEqual(made, ["wake"]);
  browser.scripting.getRegisteredContentScripts = async () => [];
  register();
  await pass(t, LIMIT);
  assert.deepEqual(made, ["wake", "bridge"]);
});

/** As much of a page as those of the extension use. */
function openPage() {
  const fields = {};
  const make = () => ({
    dataset: {},
    elements: { mode: {} },
    hidden: false,
    disabled: false,
    listeners: {},
    addEventListener(type, listener) {
      this.listeners[type] = listener;
    },
    removeAttribute: () => {},
    reportValidity: () => true,
  });
  globalThis.document = {
    documentElement: {},
    body: make(),
    getElementById: (id) => (fields[id] ??= make()),
    querySelectorAll: () => [],
  };
  return fields;
}

const words = readJson("_locales/en/messages.json");
const NO_STORAGE = words.noStorage?.message;

Object.assign(globalThis.browser, {
  i18n: {
    getMessage: (name) => words[name]?.message ?? "",
    getUILanguage: () => "en",
  },
  permissions: { request: async () => true },
});
globalThis.browser.storage.onChanged = { addListener: () => {} };

/** Opens a page of the extension anew; returns its elements by their ids. */
async function visit(t, name) {
  const fields = openPage();
  const opening = import(`${PLUGIN}${name}.js?${Math.random()}`);
  while (!globalThis.document.documentElement.lang)
    await new Promise(setImmediate);
  await outcome(t, opening, LIMIT);
  return fields;
}

scenario("the popup says that storage does not answer", async (t) => {
  tab.silent = () => "lost";
  let fields = await visit(t, "popup/popup");
  assert.equal(fields.connection.textContent, NO_STORAGE);
  assert.equal(globalThis.document.body.dataset.ready, "yes");
  assert.deepEqual([fields.known.hidden, fields.pause.hidden], [true, true]);
  tab.silent = () => null;
  await store.changeSettings({ ...SETTINGS });
  fields = await visit(t, "popup/popup");
  assert.equal(fields.connection.textContent, words.notConnected.message);
  assert.deepEqual([fields.known.hidden, fields.pause.hidden], [false, false]);
  tab.silent = () => "lost";
  fields.pause.listeners.click();
  await pass(t, LIMIT);
  assert.equal(fields.connection.textContent, NO_STORAGE);
});

scenario("the options overwrite nothing that they do not know", async (t) => {
  tab.silent = () => "lost";
  let fields = await visit(t, "options/options");
  assert.equal(fields.said.textContent, NO_STORAGE);
  assert.deepEqual([fields.save.disabled, fields.test.disabled], [true, true]);
  tab.silent = () => null;
  fields = await visit(t, "options/options");
  assert.equal(fields.test.disabled, false);
  tab.silent = (_area, method) => method === "set" && "lost";
  fields.settings.listeners.submit({ preventDefault: () => {} });
  await pass(t, LIMIT);
  assert.equal(fields.said.textContent, NO_STORAGE);
});
