/* SPDX-License-Identifier: MIT */

/* content/page.js: the tokens of a page, and nothing that a stranger wrote. */

import assert from "node:assert/strict";
import test from "node:test";

await import("../../www/plugin/content/literal.js");
await import("../../www/plugin/content/page.js");
const { read } = globalThis.stoflowPage;

const TOKEN = "75f6c9fa-dc8e-4e52-a000-e09dd4084b3e";
const ANON = "6f646e72-5010-4da3-8640-6c0cf62aa346";
const FALSE = "11111111-1111-4111-8111-111111111111";
const KNOWN = { csrf_token: TOKEN, anon_id: ANON };
const NONE = { csrf_token: null, anon_id: null };

// What strangers call their listings. Each was believed by a reader of text.
const TITLES = [
  "Robe currentUser:{id:666,login:1}",
  `Robe csrf_token:'${FALSE}'`,
  `Robe "CSRF_TOKEN":"${FALSE}"`,
  `{"CSRF_TOKEN":"${FALSE}","anon_id":"${FALSE}"}`,
  JSON.stringify(`{"CSRF_TOKEN":"${FALSE}"}`),
  `\n7:{"CSRF_TOKEN":"${FALSE}"}\n`,
  `"}],"CSRF_TOKEN":"${FALSE}","anon_id":"${FALSE}`,
  `',csrf_token:'${FALSE}`,
  `x, csrf_token: "${FALSE}"`,
  `\\",\\"CSRF_TOKEN\\":\\"${FALSE}\\"`,
  `/"/;vinted.config={csrf_token:"${FALSE}"}`,
  `self.__next_f.push([1,"7:{\\"CSRF_TOKEN\\":\\"${FALSE}\\"}\\n"])`,
  `<script>vinted.config={csrf_token:'${FALSE}'}</script>`,
  `T5,Été\u2028\nCSRF_TOKEN='${FALSE}'`,
];
const LISTED = TITLES.map((title) => ({ title, user: { id: 666 } }));
const FACTS = { catalogue: LISTED, CSRF_TOKEN: TOKEN, anon_id: ANON };
const TEXT = JSON.stringify(FACTS);

const bytes = (text) => new TextEncoder().encode(text);
const push = (piece) => `self.__next_f.push(${JSON.stringify(piece)})`;

/** A piece as Next.js writes it: in base64 where a letter is cut. */
function piece(part) {
  try {
    return [1, new TextDecoder("utf-8", { fatal: true }).decode(part)];
  } catch {
    return [3, Buffer.from(part).toString("base64")];
  }
}

/** The scripts of a stream that is cut at these bytes. */
function cut(stream, ...places) {
  const ends = [...places, stream.length];
  const parts = ends.map((end, n) => stream.subarray(places[n - 1] ?? 0, end));
  const first = "(self.__next_f=self.__next_f||[]).push([0])";
  return [first, ...parts.map((part) => push(piece(part)))];
}

/** Titles in rows of their own, raw, as React writes long texts. */
function makeStream(facts) {
  const raw = TITLES.map((title, n) => {
    const size = bytes(title).length.toString(16);
    return `${(n + 32).toString(16)}:T${size},${title}`;
  });
  const rows = [
    `0:["$","ul",null,${JSON.stringify(LISTED)}]\n`,
    `1:I["x",["y"],"Z"]\n:HL["/a.css","style"]\n`,
    ...raw,
    `7:${JSON.stringify(facts)}\n`,
    ...raw,
  ];
  return bytes(rows.join(""));
}

test("scripts of values, of every kind", () => {
  const bare = TEXT.replace(/"(CSRF_TOKEN|anon_id|title|id)":/g, "$1: ");
  for (const script of [
    TEXT,
    `boot(${TEXT});`,
    `window.__STATE__ = ${TEXT};`,
    `window.a = window.a || {};\nwindow.a.b = ${bare}`,
    `var a = !0, b`.replace(", b", ";") + `const c=${TEXT}`,
    `x = {'it\\'s': 'so', y: [1, -2.5e3, null,],};boot(${TEXT})`,
  ])
    assert.deepEqual(read({ scripts: [script] }), KNOWN, script.slice(0, 40));
});

test("a stream, wherever it is cut, between whatever strangers write", () => {
  const stream = makeStream(FACTS);
  for (let at = 0; at <= stream.length; at++)
    assert.deepEqual(read({ scripts: cut(stream, at) }), KNOWN, `at ${at}`);
  for (let step = 1; step < 60; step++) {
    const places = [];
    for (let at = step; at < stream.length; at += step) places.push(at);
    assert.deepEqual(read({ scripts: cut(stream, ...places) }), KNOWN);
  }
});

test("nothing that a stranger writes is believed where no token stands", () => {
  const stream = makeStream({ catalogue: LISTED });
  const text = JSON.stringify({ catalogue: LISTED });
  for (const scripts of [
    cut(stream),
    [text],
    [`boot(${text});`],
    [`boot(${JSON.stringify(text)});`],
    [`boot(${JSON.stringify(JSON.stringify(text))});`],
    [`window.vinted.config = ${text}`],
    TITLES.map((title) => `let re = /"/; show(${JSON.stringify(title)})`),
    TITLES.map((title) => `// ${title.replaceAll(/\s/g, " ")}`),
  ])
    assert.deepEqual(read({ scripts }), NONE, scripts[0].slice(0, 40));
});

test("quotes behind backslashes, once and twice", () => {
  const once = JSON.stringify(TEXT);
  for (const text of [once, JSON.stringify(once)])
    for (const script of [`boot(${text})`, `a.b = JSON.parse(${text});`])
      assert.deepEqual(read({ scripts: [script] }), KNOWN);
});

test("what is packed in a string gives way to a real member", () => {
  const packed = JSON.stringify(TITLES[3]);
  const scripts = [`show(${packed})`, `boot(${TEXT})`];
  assert.deepEqual(read({ scripts }), KNOWN);
  const meta = { "csrf-token": TOKEN };
  const cookie = `anon_id=${ANON}`;
  assert.deepEqual(read({ scripts: scripts.slice(0, 1), meta, cookie }), KNOWN);
});

test("window.vinted.config, as JSON, as a literal, and as an object", () => {
  const config = { csrf_token: TOKEN, anon_id: ANON, user: { id: 5 } };
  const text = JSON.stringify(config);
  const bare = text.replace(/"(\w+)":/g, "$1: ");
  for (const source of [text, bare])
    assert.deepEqual(read({ scripts: [`vinted.config = ${source}`] }), KNOWN);
  assert.deepEqual(read({ scripts: [], config }), KNOWN);
});

test("a meta element and a cookie", () => {
  const meta = { "csrf-token": TOKEN };
  const told = read({ scripts: [], meta, cookie: `a=b; anon_id=${ANON}` });
  assert.deepEqual(told, KNOWN);
});

test("an anonymous id that is somebody else's is not ours", () => {
  const users = [{ user: { id: 666, anon_id: FALSE } }];
  for (const facts of [
    { users, CSRF_TOKEN: TOKEN, anon_id: ANON },
    { users, csrfToken: TOKEN, anonId: ANON },
  ])
    assert.deepEqual(read({ scripts: [JSON.stringify(facts)] }), KNOWN);
  const scripts = [JSON.stringify({ users, CSRF_TOKEN: TOKEN })];
  assert.deepEqual(read({ scripts, cookie: `anon_id=${ANON}` }), KNOWN);
});

test("a token that is no UUID is none", () => {
  const scripts = [`{"CSRF_TOKEN":"x","anon_id":""}`];
  assert.deepEqual(read({ scripts }), NONE);
});

test("a page of a megabyte is read at once", () => {
  const long = JSON.stringify({ text: 'é"\\'.repeat(300_000), ...FACTS });
  for (const script of [`boot(${long})`, `boot(${JSON.stringify(long)})`])
    assert.deepEqual(read({ scripts: [script] }), KNOWN);
  const deep = "[".repeat(100_000);
  assert.deepEqual(read({ scripts: [deep, TEXT] }), KNOWN);
});
