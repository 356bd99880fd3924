/* SPDX-License-Identifier: MIT */

/* The modules of the background that need no browser, and what must agree. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { PLUGIN, load, readJson } from "./tab.mjs";

const manifest = readJson("manifest.json");
const { isVinted } = await load("tabs");
const { ACTIONS, isRepeatable } = await load("actions");
const { digitsOf, idFrom, parseBody, parseJson } = await load("json");
const { jittered, limited, parseRetryAfter, wait } = await load("wait");
const store = await load("store");
const { originOf, tidyUrl } = store;
const { makeQueue } = await load("exclusive");
const { isBackendPage } = await load("sender");

test("content scripts run where requests may go, and nowhere else", () => {
  const [{ matches }] = manifest.content_scripts;
  const vinted = manifest.host_permissions.filter((p) => p.includes("vinted"));
  assert.deepEqual(matches, vinted);
  assert.ok(matches.length > 20);
});

test("every text exists in both languages, and is used", () => {
  const french = readJson("_locales/fr/messages.json");
  const english = readJson("_locales/en/messages.json");
  assert.deepEqual(Object.keys(french), Object.keys(english));
  const pages = ["options/options", "popup/popup"].flatMap((name) => [
    readFileSync(new URL(`${name}.html`, PLUGIN), "utf8"),
    readFileSync(new URL(`${name}.js`, PLUGIN), "utf8"),
  ]);
  const sources = JSON.stringify(manifest) + pages.join("");
  const isBuilt = (name) => /^(?:action|failure)_/.test(name);
  for (const name of Object.keys(french).filter((one) => !isBuilt(one)))
    assert.match(sources, new RegExp(`\\b${name}\\b`), name);
  for (const [, name] of sources.matchAll(/data-text="(\w+)"/g))
    assert.ok(french[name], name);
});

test("a failure that has words of its own is one that tasks tell", () => {
  const modules = readdirSync(new URL("background/", PLUGIN));
  const sources = modules
    .map((name) => readFileSync(new URL(`background/${name}`, PLUGIN), "utf8"))
    .join("");
  for (const name of Object.keys(readJson("_locales/fr/messages.json")))
    if (name.startsWith("failure_"))
      assert.ok(sources.includes(`"${name.slice(8)}"`), name);
});

test("every action has words, and no other", () => {
  const words = Object.keys(readJson("_locales/fr/messages.json"))
    .filter((name) => name.startsWith("action_"))
    .map((name) => name.slice("action_".length));
  assert.deepEqual(words.sort(), Object.keys(ACTIONS).sort());
});

test("what is stored at the same time is all stored", async () => {
  const result = (task_id) => ({ task_id, body: "{}" });
  await store.keepResult(result("delivered"));
  await store.keepResult(result("refused"));
  await Promise.all([
    store.changeMemory({ receiveId: "12345678" }),
    store.dropResult(result("delivered")),
    store.changeResult(result("refused"), { failures: 1 }),
    store.keepResult(result("of a page")),
    store.finishTask(result("of the poller")),
    store.changeMemory({ begun: { task_id: "t1", lease: "x" } }),
    store.changeMemory({ seller: { user_id: 7, login: "shop" } }),
  ]);
  const waiting = await store.readOutbox();
  assert.deepEqual(waiting, [
    { ...result("refused"), failures: 1 },
    result("of a page"),
    result("of the poller"),
  ]);
  assert.deepEqual(await store.readMemory(), {
    receiveId: null,
    begun: { task_id: "t1", lease: "x" },
    seller: { user_id: 7, login: "shop" },
  });
});

test("only Vinted's own hosts, by HTTPS", () => {
  for (const url of ["https://www.vinted.fr/x", "https://www.vinted.co.uk/"])
    assert.ok(isVinted(url), url);
  for (const url of [
    "http://www.vinted.fr/",
    "https://www.vinted.fr:8443/",
    "https://www.vinted.fr.example/",
    "https://www.vinted.fr@example.org/",
    "https://example.org/?https://www.vinted.fr/",
    "//www.vinted.fr/",
    "",
  ])
    assert.ok(!isVinted(url), url);
});

test("only a page of the backend is heard", () => {
  const self = "ourselves";
  const url = "http://localhost:8000/stoflow";
  const page = { id: undefined, frameId: 0, origin: "http://localhost:8000" };
  const isHeard = (sender) => isBackendPage({ ...page, ...sender }, self, url);
  assert.ok(isHeard({}), "by itself");
  assert.ok(isHeard({ id: self }), "through our content script");
  for (const sender of [
    { id: "another" },
    { frameId: 3 },
    { frameId: undefined },
    { origin: "http://localhost:8001" },
    { origin: "https://localhost:8000" },
    { origin: "http://127.0.0.1:8000" },
    { origin: "null" },
    { origin: undefined },
  ])
    assert.ok(!isHeard(sender), JSON.stringify(sender));
  assert.ok(!isBackendPage({ ...page, origin: null }, self, "no address"));
});

test("no other page may reach us by itself than the local ones", () => {
  const local = manifest.host_permissions.filter((p) => !p.includes("vinted"));
  assert.deepEqual(manifest.externally_connectable, { matches: local });
});

test("only reads are repeated", () => {
  const one = (method) => ({ request: { url: "/", method } });
  const many = (...methods) => ({
    requests: methods.map((m) => one(m).request),
  });
  for (const [action, params, expected] of [
    ["get_stats", {}, true],
    ["delete_product", {}, true],
    ["create_product", {}, false],
    ["upload_photo", {}, false],
    ["something", {}, false],
    ["execute_http_request", one("GET"), true],
    ["execute_http_request", one(undefined), true],
    ["execute_http_request", one("POST"), false],
    ["execute_batch_requests", many("GET", "HEAD"), true],
    ["execute_sequential_requests", many("GET", "PUT"), false],
  ])
    assert.equal(isRepeatable({ action, params }), expected, action);
});

test("large ids stay exact", (context) => {
  if (!JSON.rawJSON) return context.skip("this engine has no JSON.rawJSON");
  const text = '{"id":12345678901234567890,"n":7750837522,"p":15.5}';
  assert.equal(JSON.stringify(parseJson(text)), text);
  assert.equal(digitsOf(parseJson(text).id), "12345678901234567890");
  assert.equal(
    JSON.stringify(idFrom("12345678901234567890")),
    text.slice(6, 26),
  );
});

test("ids are positive whole numbers", () => {
  for (const id of [5, "5", 7750837522]) assert.equal(digitsOf(id), String(id));
  for (const id of [0, -1, 1.5, "", "5/../6", null, undefined, {}, []])
    assert.equal(digitsOf(id), null, String(id));
});

test("bodies that are no JSON are text", () => {
  assert.equal(parseBody(""), null);
  assert.equal(parseBody("<p>"), "<p>");
  assert.deepEqual(parseBody("[1]"), [1]);
});

test("Retry-After in seconds and as a date", () => {
  assert.equal(parseRetryAfter("3"), 3000);
  assert.equal(parseRetryAfter(null), null);
  assert.equal(parseRetryAfter("soon"), null);
  const soon = new Date(Date.now() + 10_000).toUTCString();
  assert.ok(Math.abs(parseRetryAfter(soon) - 10_000) < 2000);
  assert.equal(parseRetryAfter("Sat, 01 Jan 2000 00:00:00 GMT"), 0);
});

test("a wait ends early with the reason", async () => {
  const stop = new AbortController();
  const waiting = wait(60_000, stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(wait(0, stop.signal), /enough/);
  const never = new Promise(() => {});
  await assert.rejects(limited(never, 1), /ne répond pas/);
});

test("jitter stays between half and whole", () => {
  for (let n = 0; n < 200; n++) {
    const delay = jittered(1000);
    assert.ok(delay >= 500 && delay <= 1000);
  }
});

test("addresses are tidied, and must be http or https", () => {
  assert.equal(tidyUrl(" https://h/cgi-bin/ "), "https://h/cgi-bin");
  assert.equal(tidyUrl("https://h/api/"), "https://h");
  assert.equal(originOf("http://h:8000/x"), "http://h:8000");
  assert.equal(originOf("ftp://h/"), null);
  assert.equal(originOf("h"), null);
});

test("one after the other, also after a failure", async () => {
  const order = [];
  const inTurn = makeQueue();
  const failing = inTurn(async () => {
    await wait(5);
    order.push(1);
    throw new Error("no");
  });
  const second = inTurn(async () => order.push(2));
  await assert.rejects(failing, /no/);
  await second;
  assert.deepEqual(order, [1, 2]);
});
