/* SPDX-License-Identifier: MIT */

/* What counts as done at Vinted, and what a failure says. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { PLUGIN, html, json, load, notFound, reset, run, tab } from "./tab.mjs";

const { isBlock, judge, wordsOf } = await load("proof");
const { cut } = await load("text");
const says = (data, status = 200) => json(status, data);

const ID = 7750837522;
const ITEM = { id: ID, title: "Robe", price: "9.00", photos: [{ id: 5 }] };
const ME = { id: 7, login: "shop", currency: "GBP" };
const CURRENT = "GET /api/v2/users/current";
const EDITOR = `/api/v2/item_upload/items/${ID}`;
const PATH = `/api/v2/items/${ID}`;
const JPEG = Buffer.from("ffd8ffe000104a464946", "hex").toString("base64");

/** Executes with Vinted's answers: "METHOD path", or else by the method. */
function execute(action, params, answers) {
  reset(
    ({ method, path }) =>
      answers[`${method} ${path}`] ?? answers[method] ?? notFound(),
  );
  tab.user = ME;
  return run({ action, params });
}

const READ = {
  [`GET ${EDITOR}`]: says({ item: ITEM }),
};
const CALLS = [
  ["create_product", { title: "Robe" }, "POST", "unknown"],
  ["update_product", { item_id: ID, title: "x" }, "PUT", "unreadable"],
  ["upload_photo", { item_id: ID, photo_data: JPEG }, "POST", "unknown"],
  ["delete_product", { item_id: ID }, "POST", "unreadable"],
  ["get_stats", { item_id: ID }, "GET", "unreadable"],
];

test("a page under 200 is no success, whatever was asked", async () => {
  for (const [action, params, method, code] of CALLS) {
    const answers = { ...READ, [method]: html(200, "Bonjour") };
    if (method === "GET") delete answers[`GET ${EDITOR}`];
    const told = await execute(action, params, answers);
    assert.equal(told.success, false, action);
    assert.equal(told.data.code, code, action);
    assert.match(told.error, /200 autre chose que du JSON/, action);
  }
});

test("a code under 200 is no success, and its words are told", async () => {
  const no = says({ code: 99, message: "Compte suspendu" });
  for (const [action, params, method] of CALLS) {
    const answers = { ...READ, [method]: no };
    const told = await execute(action, params, answers);
    assert.equal(told.success, false, action);
    assert.equal(told.data.code, "unreadable", action);
    assert.match(told.error, /Compte suspendu/, action);
  }
});

test("an answer about another item is no success", async () => {
  const other = { ...ITEM, id: ID + 1 };
  for (const answers of [
    { [`GET ${EDITOR}`]: says({ item: other }), PUT: says({ item: ITEM }) },
    { ...READ, PUT: says({ item: other }) },
    { ...READ, PUT: says({ code: 0 }) },
  ]) {
    const told = await execute("update_product", { item_id: ID }, answers);
    assert.deepEqual([told.success, told.data?.code], [false, "unreadable"]);
  }
});

test("what was not read whole is not written", async () => {
  const { photos: _, ...bare } = ITEM;
  for (const [answer, code] of [
    [says({ item: bare }), "unreadable"],
    [html(200, "Bonjour"), "unreadable"],
    [html(404, "Bonjour"), "refused"],
    [notFound(), "refused"],
    [says({ code: 99, item: ITEM }), "unreadable"],
  ])
    for (const [action, params] of CALLS.slice(1, 3)) {
      const answers = { GET: answer, PUT: says({ item: ITEM }) };
      const told = await execute(action, params, answers);
      assert.deepEqual([told.success, told.data.code], [false, code]);
      assert.deepEqual(tab.requests, [CURRENT, `GET ${EDITOR}`]);
    }
});

test("what is written is the whole item, with what is changed", async () => {
  let sent;
  reset(({ method, body }) => {
    if (method === "PUT") sent = JSON.parse(body).item;
    return says({ item: ITEM, code: 0 });
  });
  const params = { item_id: ID, price: "8.00" };
  const told = await run({ action: "update_product", params });
  assert.equal(told.success, true);
  const { id, title, price, assigned_photos } = sent;
  assert.deepEqual([id, title, price], [ID, "Robe", "8.00"]);
  assert.deepEqual(assigned_photos, [{ id: 5, orientation: 0 }]);
});

test("the photos go back that either member tells, or nothing does", async () => {
  const one = [{ id: 3 }];
  const two = [{ id: 3 }, { id: 4 }];
  for (const [photos, assigned_photos, sent] of [
    [[], one, [3]],
    [one, [], [3]],
    [one, two, [3, 4]],
    [two, one, [3, 4]],
    [[null], one, [3]],
    [7, one, [3]],
    [one, "x", [3]],
    [null, one, [3]],
    [[], [], []],
    [null, [], []],
    [7, [], null],
    [[null], [], null],
    [[{ id: 3 }, {}], one, null],
    [one, [{ id: 3 }, null], null],
    [[null], [{}], null],
    [null, null, null],
  ])
    for (const [action, params, added] of [
      ["update_product", { item_id: ID, price: "8.00" }, []],
      ["upload_photo", { item_id: ID, photo_data: JPEG }, [5]],
    ]) {
      let put;
      reset(({ method, body }) => {
        if (method === "POST") return says({ photo: { id: 5 } });
        if (method === "PUT") put = JSON.parse(body).item;
        return says({ item: { ...ITEM, photos, assigned_photos } });
      });
      const told = await run({ action, params });
      const what = JSON.stringify([action, photos, assigned_photos]);
      assert.equal(told.success, sent !== null, what);
      const ids = put?.assigned_photos.map(({ id }) => id);
      assert.deepEqual(ids, sent ? [...sent, ...added] : undefined, what);
      assert.equal(put?.photos, undefined);
      if (!sent) assert.equal(told.data.code, "unreadable", what);
    }
});

test("prices go on after one that cannot be read, and write it not", async () => {
  const other = { ...ITEM, id: ID + 1 };
  const told = await execute(
    "update_prices",
    {
      throttle: 0,
      updates: [
        { item_id: ID, price: "1" },
        { item_id: ID + 1, price: "2" },
      ],
    },
    {
      [`GET /api/v2/item_upload/items/${ID + 1}`]: says({ item: other }),
      [`GET ${EDITOR}`]: html(200, "Bonjour"),
      PUT: says({ item: other }),
    },
  );
  assert.deepEqual([told.data.updated, told.data.failed], [1, 1]);
  assert.equal(told.data.results[0].code, "unreadable");
  assert.equal(tab.requests.filter((call) => /PUT/.test(call)).length, 1);
});

/** A wardrobe of these items. */
const wardrobe = (...ids) => ({
  "GET /api/v2/wardrobe/7/items": says({
    items: ids.map((id) => ({ id })),
    pagination: { total_entries: ids.length, total_pages: 1 },
  }),
});
const DELETED = { [`POST ${PATH}/delete`]: says({ code: 0 }) };
const GONE_WAY = html(404, "Not found");

test("a deletion is looked up", async () => {
  for (const [answers, isGone] of [
    [DELETED, true],
    [{ DELETE: { status: 204, headers: {}, text: "" } }, true],
    [{ ...DELETED, GET: says({ item: ITEM }) }, false],
    [{ ...wardrobe(1, 2) }, true],
    [{ ...wardrobe(1, ID) }, false],
    [{ ...wardrobe(1, 2), GET: says({ item: ITEM }) }, false],
    [{ ...wardrobe(1, 2), [`GET ${PATH}`]: says({ item: ITEM }) }, false],
    [{ POST: GONE_WAY, DELETE: GONE_WAY, GET: GONE_WAY }, false],
    [{ POST: says({}, 405), ...wardrobe(ID) }, false],
    [
      {
        ...wardrobe(1),
        "GET /api/v2/wardrobe/7/items": says({ items: [{ id: 1 }] }),
      },
      false,
    ],
  ]) {
    const told = await execute("delete_product", { item_id: ID }, answers);
    assert.equal(told.success, isGone, JSON.stringify(answers));
  }
});

test("stats without any count are none", async () => {
  const none = { view_count: null, favourite_count: null };
  for (const [answers, views] of [
    [{ GET: says({ item: { id: ID } }) }, undefined],
    [{ GET: says(none) }, undefined],
    [
      {
        [`GET ${PATH}/stats`]: html(200, "?"),
        [`GET ${PATH}`]: says({ item: { id: ID, view_count: 3 } }),
      },
      3,
    ],
    [{ [`GET ${PATH}/stats`]: says({ view_count: 4 }) }, 4],
  ]) {
    const told = await execute("get_stats", { item_id: ID }, answers);
    assert.equal(told.success, views !== undefined, told.error);
    assert.equal(told.data.view_count, views);
  }
});

test("the currency is the account's, where the task names none", async () => {
  for (const [given, user, sent] of [
    [{}, ME, "GBP"],
    [{ currency: "PLN" }, ME, "PLN"],
    [{}, { id: 7 }, undefined],
  ]) {
    let body;
    reset((request) => {
      body = JSON.parse(request.body);
      return says({ item: ITEM });
    });
    tab.user = user;
    const params = { title: "Robe", ...given };
    await run({ action: "create_product", params });
    assert.equal(body.item.currency, sent);
  }
});

test("a write without an answer is unknown, and so is a lost tab", async () => {
  const late = { error: "pas de réponse en 30000 ms" };
  for (const [action, params] of [CALLS[0], CALLS[2], CALLS[1]]) {
    const answers = { ...READ, POST: late, PUT: late };
    const told = await execute(action, params, answers);
    assert.equal(told.data.code, "unknown", action);
    assert.match(told.error, /pas de réponse/);
    const lost = { ...READ, POST: Promise.reject(), PUT: Promise.reject() };
    Object.values(lost).forEach((one) => one.catch?.(() => {}));
    const cut = await execute(action, params, lost);
    assert.equal(cut.data.code, "unknown", action);
    assert.match(cut.error, /Onglet Vinted fermé/);
  }
  const told = await execute(
    "create_product",
    {},
    { ...READ, POST: says({}, 502) },
  );
  assert.equal(told.data.code, "unknown");
});

test("a refusal is told in Vinted's own words", async () => {
  const no = says(
    {
      code: 99,
      message: "Il y a des erreurs",
      errors: [{ field: "price", value: "Le prix est trop bas" }],
    },
    400,
  );
  const told = await execute("create_product", {}, { ...READ, POST: no });
  assert.equal(
    told.error,
    "Vinted a répondu 400 : Il y a des erreurs ; price : Le prix est trop bas",
  );
  assert.deepEqual([told.data.code, told.data.status], ["refused", 400]);
  assert.equal(wordsOf({ errors: { price: ["non"] } }), "price : non");
  assert.equal(wordsOf({ errors: [{ field: "title" }] }), "title");
  assert.equal(wordsOf({ message: "a\u202eb\u0007" }), "a b");
  assert.equal(wordsOf("<p>"), "");
});

test("a 403 with words is a refusal, without them a stale session", async () => {
  const judged = (answer) => judge("PUT", EDITOR, answer).failure.data.code;
  assert.equal(judged(says({ code: 106, message: "denied" }, 403)), "refused");
  assert.equal(judged(says({ code: 100, message: "no" }, 403)), "signed_out");
  assert.equal(judged(says({}, 403)), "signed_out");
  assert.equal(judged(says({}, 401)), "signed_out");
  assert.equal(judged(says({}, 429)), "limited");
});

test("every anti-bot page is a block, and nothing else", () => {
  const dataDome = '{"url":"https://geo.captcha-delivery.com/captcha/"}';
  const moment = "<title>Just a moment...</title>";
  for (const answer of [
    { status: 403, text: dataDome },
    { ...says(JSON.parse(dataDome), 403) },
    html(403, moment),
    html(503, moment),
    html(429, "Sorry"),
    html(200, moment),
    html(200, "x", { "cf-mitigated": "challenge" }),
    html(405, '<script src="https://ct.captcha-delivery.com/c.js">'),
  ])
    assert.ok(isBlock(answer), JSON.stringify(answer));
  for (const answer of [
    { error: "captcha" },
    says({ message: "access_denied" }, 403),
    says({ item: { title: "captcha datadome" } }),
    html(404, '<script src="https://js.datadome.co/tags.js">'),
    html(502, "Sorry"),
    says({}, 429),
  ])
    assert.ok(!isBlock(answer), JSON.stringify(answer));
});

test("a block ends the task at once", async () => {
  const page = html(403, "<title>Just a moment...</title>");
  const told = await execute("create_product", {}, { ...READ, POST: page });
  assert.deepEqual([told.data.code, told.data.status], ["blocked", 403]);
  assert.match(told.error, /captcha/);
  assert.deepEqual(tab.requests, [CURRENT, "POST /api/v2/item_upload/items"]);
});

test("a tab that loads for ever is asked last", async () => {
  reset(() => says({ view_count: 1 }));
  tab.hangs = 2;
  const other = { ...tab.tabs[0], id: 2, lastAccessed: 9 };
  tab.tabs = [{ ...other, status: "loading" }, ...tab.tabs];
  const began = Date.now();
  const params = { item_id: ID };
  const told = await run({ action: "get_stats", params });
  assert.equal(told.success, true);
  assert.ok(Date.now() - began < 5000);
});

test("one that says it has loaded has a limit, and another is tried", async () => {
  reset(() => says({ view_count: 1 }));
  tab.hangs = 2;
  tab.tabs.push({ ...tab.tabs[0], id: 2, lastAccessed: 9 });
  const params = { item_id: ID };
  const told = await run({ action: "get_stats", params });
  assert.equal(told.success, true);
});

test("text is cut well-formed", () => {
  assert.equal(cut("a😀b", 2), "a");
  assert.equal(cut("a😀b", 3), "a😀");
  assert.equal(cut("a😀b", 9), "a😀b");
  assert.equal(cut("a\ud83d", 9), "a\ufffd");
  assert.equal(cut("\ude00b", 1), "\ufffd");
  assert.equal(cut("😀", 1), "");
  for (let most = 0; most < 9; most++)
    assert.ok(!/\p{Surrogate}/u.test(cut("😀😀a😀", most)));
});

test("no text is cut elsewhere", () => {
  const sources = readdirSync(PLUGIN, { recursive: true }).filter(
    (name) => name.endsWith(".js") && name !== "background/text.js",
  );
  assert.ok(sources.length > 20);
  for (const name of sources) {
    const source = readFileSync(new URL(name, PLUGIN), "utf8");
    // A list of photos is none.
    const cuts = /(?<!photos)\.slice\(0,|\.substring\(|\.substr\(/;
    assert.doesNotMatch(source, cuts, name);
  }
});

test("every call has its row", () => {
  const known = (method, path) => judge(method, path, says({ code: 0 }));
  for (const name of readdirSync(new URL("background/", PLUGIN))) {
    const source = readFileSync(new URL(`background/${name}`, PLUGIN), "utf8");
    for (const [, path] of source.matchAll(
      /session\.call\("GET", "(\/[^"]*)"/g,
    ))
      assert.ok(known("GET", path), name);
  }
  assert.throws(() => known("GET", "/api/v2/else"), /no proof/);
});
