/* SPDX-License-Identifier: MIT */

/* Who is signed in, by Vinted's word alone, and what is done in whose name. */

import assert from "node:assert/strict";
import test from "node:test";

import { SELLER, json, reset, run, tab } from "./tab.mjs";

const OTHER = { id: 71450023, login: "other" };
const ACCOUNT = { id: SELLER.id, login: SELLER.login };
const CREATE = { action: "create_product", params: { title: "t" } };
const ITEM = { title: "t", price: "1.00", photos: [], view_count: 1 };
const WRITES = [
  CREATE,
  { action: "update_product", params: { item_id: 7, price: "2.00" } },
  { action: "update_prices", params: { updates: [{ item_id: 7, price: 1 }] } },
  { action: "delete_product", params: { item_id: 7 } },
  { action: "upload_photo", params: { item_id: 7, photo_data: "/9j/4AAQ" } },
  { action: "execute_http_request", params: { url: "/x", method: "POST" } },
  {
    action: "execute_batch_requests",
    params: { requests: [{ url: "/x" }, { url: "/y", method: "PUT" }] },
  },
  {
    action: "execute_sequential_requests",
    params: { requests: [{ url: "/x", method: "DELETE" }] },
  },
];

const written = () => tab.requests.filter((each) => !each.startsWith("GET"));
const asked = () =>
  tab.requests.filter((each) => each.endsWith("users/current")).length;
function answer({ path }) {
  const id = Number(/\d+$/.exec(path)?.[0] ?? 7);
  return json(200, { item: { ...ITEM, id }, code: 0 });
}

test("a result bears the account that it was done under", async () => {
  for (const account of [undefined, ACCOUNT, { id: String(SELLER.id) }]) {
    reset(answer);
    const result = await run({ ...CREATE, account });
    assert.equal(result.success, true);
    assert.deepEqual(result.account, ACCOUNT);
    assert.equal(asked(), 1);
    assert.equal(written().length, 1);
  }
});

test("nothing is written under another account", async () => {
  for (const task of WRITES) {
    reset(answer);
    tab.user = OTHER;
    const result = await run({ ...task, account: ACCOUNT });
    assert.equal(result.success, false, task.action);
    assert.deepEqual(result.data, {
      code: "wrong_account",
      expected: SELLER.id,
      found: OTHER.id,
    });
    assert.match(result.error, /other \(71450023\).*shop \(29535217\)/);
    assert.deepEqual(result.account, { id: OTHER.id, login: OTHER.login });
    assert.deepEqual(written(), [], task.action);
  }
});

test("nothing is written where nobody is known to be signed in", async () => {
  const page = { status: 200, headers: {}, text: "<!doctype html>" };
  for (const [user, code] of [
    [null, "signed_out"],
    [page, "unreadable"],
    [json(200, { code: 99, user: SELLER }), "unreadable"],
    [json(200, { user: { login: "x" } }), "unreadable"],
    [json(429, {}), "limited"],
    [json(502, {}), "refused"],
  ])
    for (const task of WRITES) {
      reset(answer);
      tab.user = user;
      const result = await run({ ...task, account: ACCOUNT });
      assert.equal(result.data?.code, code, `${task.action} ${code}`);
      assert.match(result.error, /^User ID non disponible/);
      assert.equal(result.account, undefined);
      assert.deepEqual(written(), [], task.action);
    }
});

test("a block page ends the task before anything else is sent", async () => {
  reset(answer);
  tab.user = { status: 403, headers: {}, text: '{"url":"https://captcha"}' };
  const result = await run(CREATE);
  assert.equal(result.success, false);
  assert.equal(result.data.status, 403);
  assert.equal(tab.requests.length, 1);
});

test("reads go on under any account, and without one", async () => {
  for (const [user, account] of [
    [OTHER, { id: OTHER.id, login: OTHER.login }],
    [null, undefined],
  ]) {
    reset(() => json(200, { view_count: 1 }));
    tab.user = user;
    const params = { item_id: 7 };
    const result = await run({ action: "get_stats", params, account: ACCOUNT });
    assert.equal(result.success, true);
    assert.deepEqual(result.account, account);
  }
});

test("many reads ask once, a write and get_user_data ask anew", async () => {
  reset(() => json(200, { view_count: 1 }));
  const read = { action: "get_stats", params: { item_id: 7 } };
  for (let n = 0; n < 9; n++)
    assert.deepEqual((await run(read)).account, ACCOUNT);
  assert.equal(asked(), 1);
  tab.user = OTHER;
  const result = await run({ ...CREATE, account: ACCOUNT });
  assert.equal(result.data.code, "wrong_account");
  assert.equal((await run({ action: "get_user_data" })).data.user_id, OTHER.id);
});

test("a page that is too old is loaded anew, once", async () => {
  reset((request) => {
    if (request.method === "POST") tab.loads++;
    return answer(request);
  });
  tab.user = null;
  const reload = globalThis.browser.tabs.reload;
  globalThis.browser.tabs.reload = async () => {
    await reload();
    tab.user = SELLER;
  };
  const result = await run({ ...CREATE, account: ACCOUNT });
  globalThis.browser.tabs.reload = reload;
  assert.equal(result.success, true);
  assert.deepEqual(result.account, ACCOUNT);
  assert.equal(asked(), 2);
});

test("another one who signs in during a long task is noticed", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  reset((request) => {
    if (request.method === "PUT") {
      tab.user = OTHER;
      t.mock.timers.tick(61_000);
    }
    return answer(request);
  });
  const updates = [7, 8].map((item_id) => ({ item_id, price: "1.00" }));
  const params = { updates, throttle: 0 };
  const task = { action: "update_prices", params, account: ACCOUNT };
  const result = await run(task);
  assert.equal(written().length, 1);
  assert.equal(result.success, false);
  assert.equal(result.data.code, "wrong_account");
});

test("get_user_data has the shape of the guides", async () => {
  for (const [business_account, known] of [
    [23111, 23111],
    ["23111", 23111],
    [{ id: 23111 }, 23111],
    [null, null],
    [undefined, null],
  ]) {
    reset(answer);
    tab.user = { ...SELLER, real_name: "John Doe", business_account };
    const { data } = await run({ action: "get_user_data" });
    assert.deepEqual(data, {
      user_id: SELLER.id,
      login: "shop",
      email: "a@example.com",
      anon_id: "a",
      csrf_token: "c",
      real_name: "John Doe",
      business_account: known,
    });
  }
});

test("an id is a number, and a login is told where there is one", async () => {
  reset(answer);
  tab.user = { id: "29535217", login: null };
  const result = await run({ ...CREATE, account: ACCOUNT });
  assert.equal(result.success, true);
  assert.deepEqual(result.account, { id: 29535217 });
});

test("nobody is signed in", async () => {
  reset(answer);
  tab.user = null;
  const result = await run({ action: "get_user_data" });
  assert.equal(result.error, "User ID non disponible");
  assert.deepEqual(result.data, { code: "signed_out" });
});
