/* SPDX-License-Identifier: MIT */

/* How many requests may go to Vinted for a task, where the backend keeps a
 * budget for the account. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { json, load, reset, tab } from "./tab.mjs";

const { perform } = await load("work");
const { Lease } = await load("lease");
const READ = { task_id: "t", action: "get_stats", params: { item_id: 7 } };

/** Lets all that is not waiting for a timer come to its end. */
async function settle() {
  for (let n = 0; n < 50; n++) await new Promise(setImmediate);
}

test("no request goes beyond it, and more follow when there is room", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  reset(() => json(200, { view_count: 1 }));
  const told = [];
  const room = [0, 0, 5];
  const tell = async (progress) => {
    told.push(progress);
    return { budget: room.shift() };
  };
  const task = { ...READ, timeout: 600, budget: 1 };
  const work = perform(task, { backendUrl: "", tell });
  await settle();
  assert.equal(tab.requests.length, 1);
  for (const count of [1, 2]) {
    t.mock.timers.tick(5000);
    await settle();
    assert.equal(tab.requests.length, count);
  }
  const result = await work;
  assert.equal(result.success, true);
  assert.equal(result.requests, 2);
  assert.deepEqual(
    told.map(({ requests }) => requests),
    [1, 1, 1],
  );
  assert.match(told[0].message, /Budget/);
});

test("the task ends where the backend never says that there is room", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  reset(() => json(200, { view_count: 1 }));
  const task = { ...READ, timeout: 10, budget: 1 };
  const work = perform(task, { backendUrl: "", tell: async () => ({}) });
  for (let n = 0; n < 4; n++) {
    await settle();
    t.mock.timers.tick(5000);
  }
  const result = await work;
  assert.equal(tab.requests.length, 1);
  assert.equal(result.success, false);
  assert.equal(result.data.code, "limited");
});

test("one that waits is cancelled at once, another goes without a budget", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const held = new Lease({ task_id: "t", timeout: 60 }, async () => ({}), 0);
  const spent = assert.rejects(held.spend(), /Annulé/);
  await settle();
  held.cancel();
  await spent;
  assert.equal(held.requests, 0);
  held.end();
  const free = new Lease({ task_id: "t", timeout: 60 }, async () => ({}));
  for (let n = 0; n < 100; n++) await free.spend();
  assert.equal(free.requests, 100);
  free.end();
});

test("a page may say that there is more", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const held = new Lease({ task_id: "t", timeout: 60 }, async () => ({}), 0);
  const spent = held.spend();
  await settle();
  held.allow("1");
  held.allow(1);
  t.mock.timers.tick(5000);
  await spent;
  assert.equal(held.requests, 1);
  held.end();
});
