/* SPDX-License-Identifier: MIT */

/* content/page.js: who is signed in, by the text of a page. */

import assert from "node:assert/strict";
import test from "node:test";

await import("../../www/plugin/content/page.js");
const { read } = globalThis.stoflowPage;

const TOKEN = "75f6c9fa-dc8e-4e52-a000-e09dd4084b3e";
const ANON = "6f646e72-5010-4da3-8640-6c0cf62aa346";
const USER = {
  id: 29535217,
  login: "shop.ton.outfit",
  email: "user@example.com",
  real_name: 'John "Jo" Doé {}',
  business_account: { id: 23111, name: "x" },
};
const KNOWN = {
  user_id: 29535217,
  login: "shop.ton.outfit",
  email: "user@example.com",
  real_name: 'John "Jo" Doé {}',
  business_account: 23111,
  anon_id: ANON,
  csrf_token: TOKEN,
};
const FACTS = JSON.stringify({
  a: [{ user: { id: 5, login: "a-buyer" } }],
  CSRF_TOKEN: TOKEN,
  anon_id: ANON,
  currentUser: USER,
});

const push = (text) => `self.__next_f.push(${JSON.stringify([1, text])})`;

/** In two pieces, cut at this place. */
const cutAt = (at) => [push(FACTS.slice(0, at)), push(FACTS.slice(at))];

test("a plain script", () => {
  assert.deepEqual(read({ scripts: [`boot(${FACTS});`] }), KNOWN);
});

test("a stream, wherever it is cut", () => {
  for (let at = 0; at <= FACTS.length; at++)
    assert.deepEqual(read({ scripts: cutAt(at) }), KNOWN, `cut at ${at}`);
});

test("quotes behind backslashes, once and twice", () => {
  const simple = FACTS.replace(/John.*?Do/, "John Do");
  const once = JSON.stringify(simple);
  for (const text of [once, JSON.stringify(once)]) {
    const told = read({ scripts: [`boot(${text})`] });
    assert.deepEqual(told, { ...KNOWN, real_name: "John Doé {}" });
  }
});

test("window.vinted.config, as JSON, as a literal, and as an object", () => {
  const config = { csrf_token: TOKEN, anon_id: ANON, user: USER };
  const text = JSON.stringify(config);
  const bare = text.replace(/"(\w+)":/g, "$1: ");
  for (const source of [text, bare])
    assert.deepEqual(read({ scripts: [`vinted.config = ${source}`] }), KNOWN);
  assert.deepEqual(read({ scripts: [], config }), KNOWN);
});

test("a meta element and a cookie", () => {
  const meta = { "csrf-token": TOKEN };
  const told = read({ scripts: [], meta, cookie: `a=b; anon_id=${ANON}` });
  assert.equal(told.csrf_token, TOKEN);
  assert.equal(told.anon_id, ANON);
  assert.equal(told.user_id, null);
});

test("nobody is signed in, whoever else stands on the page", () => {
  for (const text of [
    `{"currentUser":null,"user":{"id":5,"login":"a-buyer"}}`,
    `{"user":{"id":5,"login":"a"},"item":{"user_id":5}}`,
    `{"currentUser":{"id":null,"login":null}}`,
    `{"currentUser":{"id":5,"login":"cut off`,
    `{"notcurrentUser":{"id":5,"login":"a"}}`,
  ])
    assert.equal(read({ scripts: [text] }).user_id, null, text);
});

test("a token that is no UUID is none", () => {
  const told = read({ scripts: [`{"CSRF_TOKEN":"x","anon_id":""}`] });
  assert.deepEqual([told.csrf_token, told.anon_id], [null, null]);
});

test("a business account as a number, as an object, and none", () => {
  for (const [account, known] of [
    [23111, 23111],
    ["23111", 23111],
    [{ id: 23111 }, 23111],
    [null, null],
    [undefined, null],
  ]) {
    const currentUser = { ...USER, business_account: account };
    const told = read({ scripts: [JSON.stringify({ currentUser })] });
    assert.equal(told.business_account, known);
  }
});
