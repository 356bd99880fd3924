/* SPDX-License-Identifier: MIT */

/* What ends a result, what a backend is, and what a restart repeats. */

import assert from "node:assert/strict";
import test from "node:test";
import { json, load, reset } from "./tab.mjs";

const { Backend } = await load("backend");
const { deliver, hurry } = await load("outbox");
const { perform } = await load("work");
const store = await load("store");

const settings = { backendUrl: "http://b", token: "t", userId: "" };
const backend = new Backend(settings);
const RECEIVED = '{"status":"received","message":"saved"}';
const JSON_TYPE = "application/json";
const PROBLEM = "application/problem+json";

/** Answers all requests with what `choose` makes of (path, body). */
function serve(choose) {
  const posts = [];
  globalThis.fetch = async (url, { body, redirect }) => {
    assert.equal(redirect, "manual");
    posts.push([url.pathname, body]);
    const answer = choose(url.pathname, body);
    if (!answer) throw new TypeError("Failed to fetch");
    const [status, type, text, more] = answer;
    if (status === 302)
      return {
        type: "opaqueredirect",
        status: 0,
        headers: new Headers(),
        text: async () => "",
      };
    const headers = { "Content-Type": type, ...more };
    return new Response(text, { status, headers });
  };
  return posts;
}

const problem = (status, code) => [
  status,
  PROBLEM,
  JSON.stringify({ status, code, detail: `it is ${code}` }),
];

async function fill(...ids) {
  reset();
  for (const task_id of ids)
    await store.keepResult({ task_id, body: `{"success":true,"lease":"x"}` });
}

const waiting = async () =>
  (await store.readOutbox()).map(({ task_id }) => task_id);

test("only the backend's own word ends a result", async () => {
  for (const [answer, isOver] of [
    [[200, JSON_TYPE, RECEIVED], true],
    [[200, `${JSON_TYPE}; charset=utf-8`, RECEIVED], true],
    [[200, "text/html", "<p>parked"], false],
    [[200, "text/html", RECEIVED], false],
    [[200, JSON_TYPE, "{}"], false],
    [[200, JSON_TYPE, '["received"]'], false],
    [[200, JSON_TYPE, "null"], false],
    [[201, JSON_TYPE, RECEIVED], false],
    [[302, "", ""], false],
    [[404, "text/html", "<p>no"], false],
    [[404, JSON_TYPE, '{"detail":"Not Found"}'], false],
    [[404, JSON_TYPE, '{"detail":"Task not found"}'], true],
    [[404, "text/html", '{"detail":"Task not found"}'], false],
    [problem(404, "unknown_task"), true],
    [problem(404, "unknown_route"), false],
    [problem(409, "result_conflict"), true],
    [problem(409, "lease_lost"), true],
    [problem(409, "ambiguous_task"), false],
    [problem(401, "token_invalid"), false],
    [problem(503, "unavailable"), false],
    [[409, JSON_TYPE, "{}"], false],
    [[413, "text/html", "<p>too large"], false],
    [null, false],
  ]) {
    await fill("t1");
    serve(() => answer);
    await deliver(backend);
    assert.equal((await waiting()).length === 0, isOver, String(answer));
  }
});

test("what our program cannot take is replaced by a failure", async () => {
  for (const code of ["too_large", "invalid_field", "malformed_json"]) {
    await fill("t1");
    const posts = serve((_path, body) =>
      body.includes("true") ? problem(413, code) : [200, JSON_TYPE, RECEIVED],
    );
    await deliver(backend);
    assert.deepEqual(await waiting(), []);
    const { success, error, lease } = JSON.parse(posts[1][1]);
    assert.deepEqual([success, lease], [false, "x"]);
    assert.match(error, new RegExp(`it is ${code}`));
  }
});

test("one that is refused holds up no other, and is shown", async () => {
  await fill("t1", "t2", "t3");
  const posts = serve((path) =>
    path.includes("t1")
      ? [403, "text/html", "<p>firewall"]
      : [200, JSON_TYPE, RECEIVED],
  );
  await deliver(backend);
  await deliver(backend);
  assert.equal(posts.length, 3);
  assert.deepEqual(await waiting(), ["t1"]);
  const { undelivered } = await store.readStatus();
  assert.equal(undelivered.count, 1);
  assert.match(undelivered.reason, /^403/);
});

test("it waits longer each time, but not after the backend came back", async () => {
  await fill("t1");
  serve(() => [503, "text/html", ""]);
  let before = 0;
  for (let failures = 0; failures < 20; failures += 4) {
    const [kept] = await store.readOutbox();
    await store.changeResult(kept, { failures, notBefore: 0 });
    await deliver(backend);
    const [{ notBefore }] = await store.readOutbox();
    const delay = notBefore - Date.now();
    assert.ok(delay > before / 2 && delay <= 3_600_000);
    before = delay;
  }
  assert.ok(before > 1_700_000);
  serve(() => [200, JSON_TYPE, RECEIVED]);
  await deliver(backend);
  assert.deepEqual(await waiting(), ["t1"]);
  await hurry();
  await deliver(backend);
  assert.deepEqual(await waiting(), []);
  assert.equal((await store.readStatus()).undelivered, null);
});

test("nobody but the backend says how long, and an hour at most", async () => {
  const own = problem(503, "unavailable");
  const FIRST = [0, 5]; // seconds, of our own
  for (const [answer, after, [least, most]] of [
    [[503, "text/html", "<p>"], "86400", FIRST],
    [[200, "text/html", "<p>"], "86400", FIRST],
    [[503, JSON_TYPE, "{}"], "86400", FIRST],
    [[503, PROBLEM, "<p>"], "86400", FIRST],
    [[503, "", ""], "Tue, 01 Dec 2099 12:00:00 GMT", FIRST],
    [own, "86400", [3590, 3600]],
    [own, "Tue, 01 Dec 2099 12:00:00 GMT", [3590, 3600]],
    [own, "60", [50, 60]],
    [own, "0", FIRST],
  ]) {
    await fill("t1");
    serve(() => [...answer, { "Retry-After": after }]);
    await deliver(backend);
    const [{ notBefore }] = await store.readOutbox();
    const seconds = (notBefore - Date.now()) / 1000;
    assert.ok(seconds > least && seconds <= most, `${answer}: ${seconds} s`);
    const failure = await backend.poll("r", 0).catch((error) => error);
    const asked = failure.retryAfter ?? 0;
    assert.ok(asked <= most * 1000, `${answer}: ${asked} ms`);
  }
});

test("where nobody answers the others are not all tried", async () => {
  await fill("t1", "t2", "t3", "t4");
  const posts = serve(() => null);
  await deliver(backend);
  assert.equal(posts.length, 2);
  assert.equal((await waiting()).length, 4);
});

test("a poll and a test of the connection know the backend", async () => {
  for (const [answer, polls, passes] of [
    [[200, JSON_TYPE, '{"task_id":null,"message":"No pending tasks"}'], 1, 0],
    [[200, JSON_TYPE, '{"connected":true,"pending":0}'], 0, 1],
    [[200, "text/html", "<p>Bienvenue"], 0, 0],
    [[200, JSON_TYPE, "{}"], 0, 0],
    [[302, "", ""], 0, 0],
    [[404, "text/html", "<p>"], 0, 0],
  ]) {
    serve(() => answer);
    const holds = (call) =>
      call.then(
        () => 1,
        () => 0,
      );
    assert.equal(await holds(backend.poll("r", 0)), polls, String(answer));
    assert.equal(await holds(backend.check()), passes, String(answer));
  }
});

test("what had not come to a write is executed again", async () => {
  const lease = "x";
  for (const [begun, isAgain] of [
    [{ task_id: "t1", lease, writing: false }, true],
    [{ task_id: "t1", lease, writing: true }, false],
    [{ task_id: "t1", lease }, false],
    [{ task_id: "t1", lease: "y", writing: true }, true],
    [null, true],
  ]) {
    reset(() => json(200, { item: { id: 5 } }));
    await store.changeMemory({ begun });
    const task = { task_id: "t1", lease, action: "create_product", params: {} };
    const tell = async () => ({});
    const told = await perform(task, { backendUrl: "http://b", tell });
    assert.equal(told.success, isAgain, JSON.stringify(begun));
    if (isAgain) assert.equal(told.requests, 2);
    else assert.equal(told.data.code, "unknown");
  }
});

test("a write is noted before it goes, a read is not", async () => {
  const seen = [];
  reset(async ({ method }) => {
    const { begun } = await store.readMemory();
    seen.push([method, begun.writing]);
    return json(200, { item: { id: 5, title: "Robe", photos: [] } });
  });
  const task = {
    task_id: "t2",
    lease: "x",
    action: "update_product",
    params: { item_id: 5 },
  };
  const tell = async () => ({});
  const told = await perform(task, { backendUrl: "http://b", tell });
  assert.deepEqual(seen, [
    ["GET", false],
    ["PUT", true],
  ]);
  assert.equal(told.requests, 3);
});
