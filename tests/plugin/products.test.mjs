/* SPDX-License-Identifier: MIT */

/* get_all_products: what a list says of itself, and how large it may grow. */

import assert from "node:assert/strict";
import test from "node:test";

import { SELLER, SITE, json, load, reset, run, tab } from "./tab.mjs";

const { fit, productOf } = await load("listing");

const FIRST = 7750837000;
const BODY_MOST = 32 * 1024 * 1024; // the backend's max_body

const rows = (count, make = (id) => ({ id, title: `Article ${id}` })) =>
  Array.from({ length: count }, (_, n) => make(FIRST + n));

/** Answers with pages of what `look(page)` gives; total as many unless told. */
function wardrobe(look) {
  return ({ query }) => {
    const page = Number(query.get("page"));
    const per = Number(query.get("per_page"));
    const { items, total = items.length } = look(page);
    const shown = items.slice((page - 1) * per, page * per);
    const counts = {
      current_page: page,
      total_pages: Math.ceil(total / per),
      total_entries: total,
      per_page: per,
    };
    return json(200, { items: shown, pagination: counts, code: 0 });
  };
}

async function list(look, params = {}) {
  reset(typeof look === "function" ? look : wardrobe(() => look));
  const given = { user_id: SELLER.id, throttle: 0, ...params };
  const result = await run({ action: "get_all_products", params: given });
  assert.equal(result.success, true, result.error);
  return result.data;
}

test("the owner's list is complete", async () => {
  for (const count of [0, 1, 20, 45]) {
    const { products, ...told } = await list({ items: rows(count) });
    assert.deepEqual(products, rows(count));
    const known = { complete: true, reason: null, owner: true };
    assert.deepEqual(told, { total: count, ...known });
  }
});

test("a stranger's view, or nobody's, is not", async () => {
  for (const [user, said] of [
    [{ id: 5, login: "other" }, /^other est connecté.*brouillons/],
    [null, /^Personne n'est connecté/],
  ]) {
    const look = wardrobe(() => ({ items: rows(43) }));
    reset(look);
    tab.user = user;
    const params = { user_id: SELLER.id, throttle: 0 };
    const { data } = await run({ action: "get_all_products", params });
    assert.deepEqual([data.complete, data.owner], [false, false]);
    assert.match(data.reason, said);
    assert.deepEqual([data.products.length, data.total], [43, 43]);
  }
});

test("nor one during which somebody else has signed in", async () => {
  const data = await list(
    wardrobe((page) => {
      if (page === 2) tab.user = { id: 5, login: "other" };
      return { items: rows(43) };
    }),
  );
  assert.deepEqual([data.complete, data.owner], [false, false]);
  assert.match(data.reason, /La session a changé/);
});

test("a list that moved while it was read is partial", async () => {
  const items = rows(45);
  const fewer = items.slice(1);
  const more = [{ id: FIRST + 99, title: "new" }, ...items];
  for (const [then, total, size] of [
    [fewer, 45, 44],
    [more, 46, 45],
  ]) {
    const data = await list(
      wardrobe((page) => ({ items: page === 1 ? items : then })),
    );
    assert.equal(data.complete, false);
    assert.match(data.reason, /changé pendant la lecture/);
    assert.deepEqual([data.total, data.products.length], [total, size]);
  }
});

test("a list with a stranger in it, or one twice, is partial", async () => {
  for (const [items, reason, size] of [
    [[...rows(2), { title: "x" }], /ne sont pas des articles : 1/, 2],
    [[...rows(2), null], /ne sont pas des articles : 1/, 2],
    [[...rows(2), ...rows(1)], /deux fois : 1/, 2],
  ]) {
    const data = await list({ items });
    assert.deepEqual([data.complete, data.owner], [false, true]);
    assert.match(data.reason, reason);
    assert.equal(data.products.length, size);
  }
  const short = await list({ items: rows(2), total: 3 });
  assert.match(short.reason, /Articles lus : 2 sur 3/);
});

test("a list whose length nobody tells is partial", async () => {
  const data = await list(({ query }) =>
    json(200, { items: query.get("page") === "1" ? rows(3) : [] }),
  );
  assert.deepEqual([data.complete, data.total], [false, null]);
  assert.match(data.reason, /pas dit combien/);
});

test("addresses are absolute, whatever the shape", () => {
  const at = (path) => ({ url: `${SITE}${path}` });
  for (const [item, url, photos] of [
    [{ url: `${SITE}/items/1` }, "/items/1", []],
    [{ url: "/items/1-x" }, "/items/1-x", []],
    [{ path: "/items/1-x" }, "/items/1-x", []],
    [{ url: "", path: "/items/1" }, "/items/1", []],
    [{ url: null, photos: [{ full_size_url: `${SITE}/p` }] }, null, ["/p"]],
    [{ photos: [{ url: "/p?s=1" }, "/q"] }, null, ["/p?s=1", "/q"]],
    [{ photos: [{ high_resolution: { url: "/p" } }, {}] }, null, ["/p"]],
    [{ photo: { url: "//www.vinted.fr/p" } }, null, ["/p"]],
    [{ url: "javascript:alert(1)", photos: [{ url: "data:x" }] }, null, []],
    [{ url: "https://[", photos: "none" }, null, []],
  ]) {
    const product = productOf({ id: 1, ...item }, SITE);
    assert.equal(product.url, url === null ? undefined : SITE + url);
    assert.deepEqual(product.photos ?? [], photos.map(at));
  }
});

test("what the backend takes in is sent, and no more", () => {
  const used = {
    id: FIRST,
    title: "Jean",
    price: { amount: "28.9", currency_code: "EUR" },
    brand: { id: 53, title: "Nike" },
    size: { title: "M" },
    status: "Bon état",
    is_draft: false,
    is_hidden: true,
    item_closing_action: "sold",
    view_count: 0,
  };
  const item = {
    ...used,
    brand: { ...used.brand, path: "/brand" },
    user: { id: 5 },
    description: "",
    photos: [
      { url: `${SITE}/1`, thumbnails: [], high_resolution: { timestamp: 9 } },
      { id: 8, url: `${SITE}/2`, high_resolution: { timestamp: 7, id: "x" } },
    ],
  };
  assert.deepEqual(productOf(item, SITE), {
    ...used,
    photos: [
      { url: `${SITE}/1`, high_resolution: { timestamp: 7 } },
      { id: 8, url: `${SITE}/2` },
    ],
  });
});

/** With all that a real one bears, about 18 KB. */
function heavy(id, photoCount) {
  const token = "0123456789abcdef".repeat(3);
  const address = (size, n) =>
    `https://images1.vinted.net/${token}/${size}/${id}${n}.jpeg?s=${token}`;
  const thumbnails = (n) =>
    rows(9).map((_, at) => ({ type: `t${at}`, url: address(`t${at}`, n) }));
  const photos = Array.from({ length: photoCount }, (_, n) => ({
    id: id * 10 + n,
    url: address("f800", n),
    full_size_url: address("full", n),
    thumbnails: thumbnails(n),
    high_resolution: { id: token, timestamp: 1733565600 + n },
  }));
  return {
    id,
    title: "Robe d'été à fleurs, très bon état, portée une fois",
    description: "",
    price: { amount: "28.9", currency_code: "EUR" },
    brand: "Nike",
    size: "M / 38 / 10",
    status: "Très bon état",
    url: `${SITE}/items/${id}-robe-dete-a-fleurs-tres-bon-etat-portee`,
    view_count: 125,
    favourite_count: 8,
    is_draft: false,
    is_hidden: false,
    is_reserved: false,
    is_closed: false,
    user: { id: SELLER.id, login: SELLER.login, photo: photos[0] },
    photos,
  };
}

test("20,000 products fit into one request", async () => {
  const page = rows(96, (id) => heavy(id, 8));
  const data = await list(
    ({ query }) => {
      const at = (Number(query.get("page")) - 1) * 96;
      const items = page.slice(0, 20_000 - at).map((item) => ({
        ...item,
        id: item.id + at,
      }));
      const pagination = { total_entries: 20_000, total_pages: 209 };
      return json(200, { items, pagination });
    },
    { per_page: 96 },
  );
  assert.equal(data.complete, true, data.reason);
  assert.equal(data.products.length, 20_000);
  assert.ok(Buffer.byteLength(JSON.stringify({ data })) < BODY_MOST);
  for (const { photos } of data.products) assert.equal(photos.length, 4);
});

test("they have as many photos as fit, at least one", () => {
  for (const [description, photoCount, kept] of [
    ["", 2, 2],
    ["", 20, 4],
    ["é".repeat(500), 8, 1],
    ["é".repeat(2000), 8, 1],
  ]) {
    const one = productOf({ ...heavy(FIRST, photoCount), description }, SITE);
    const products = fit(Array.from({ length: 20_000 }, () => one));
    assert.ok(Buffer.byteLength(JSON.stringify(products)) < BODY_MOST);
    assert.equal(products[0].photos.length, kept);
  }
});
