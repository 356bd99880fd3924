/* SPDX-License-Identifier: MIT */

/* The two ways between a page and the extension, as the page takes them. */

import assert from "node:assert/strict";
import test from "node:test";

const { Channel } = await import("../../www/app/channel.js");

const EXTENSION = "abcdefghijklmnopabcdefghijklmnop";
const READY = { type: "ready", version: "1.0", extension: EXTENSION };

/** One end of a port, whose other end the test plays. */
class Port {
  said = [];
  onMessage = { addListener: (listener) => (this.bring = listener) };
  onDisconnect = { addListener: (listener) => (this.end = listener) };
  postMessage(message) {
    this.said.push(message.type);
  }
}

/** A page with a channel; `connect` is missing where browsers lack it. */
function open(canConnect) {
  const page = { posted: [], ports: [], heard: [] };
  const listeners = [];
  globalThis.location = { origin: "http://localhost:8000" };
  globalThis.window = {
    addEventListener: (_type, listener) => listeners.push(listener),
    postMessage: (data) => page.posted.push(data.type),
  };
  const connect = (extension, { name }) => {
    assert.deepEqual([extension, name], [EXTENSION, "bridge"]);
    page.ports.push(new Port());
    return page.ports.at(-1);
  };
  globalThis.chrome = canConnect ? { runtime: { connect } } : undefined;
  page.channel = new Channel(({ type }) => page.heard.push(type));
  page.overhear = (message, event = {}) => {
    const data = { stoflow: 1, from: "plugin", ...message };
    const { origin } = globalThis.location;
    for (const listener of listeners)
      listener({ source: globalThis.window, origin, data, ...event });
  };
  return page;
}

test("without runtime messaging all goes by the content script", () => {
  const page = open(false);
  page.channel.say({ type: "hello" });
  page.overhear(READY);
  page.channel.say({ type: "task" });
  page.overhear({ type: "result" });
  assert.deepEqual(page.posted, ["hello", "task"]);
  assert.deepEqual(page.heard, ["ready", "result"]);
});

test("nobody else is heard", () => {
  const page = open(false);
  page.overhear(READY, { source: {} });
  page.overhear(READY, { origin: "http://localhost:8001" });
  page.overhear({ ...READY, from: "page" });
  page.overhear({ ...READY, stoflow: 2 });
  assert.deepEqual(page.heard, []);
});

test("with it all goes by a port, once its id is known", () => {
  const page = open(true);
  page.channel.say({ type: "hello" });
  page.overhear(READY);
  const [port] = page.ports;
  assert.deepEqual(page.heard, []);
  port.bring(READY);
  page.channel.say({ type: "task" });
  page.overhear({ type: "result" });
  port.bring({ type: "result" });
  assert.deepEqual(page.posted, ["hello"]);
  assert.deepEqual(port.said, ["hello", "task"]);
  assert.deepEqual(page.heard, ["ready", "result"]);
});

test("a background that has slept is woken by the next message", () => {
  const page = open(true);
  page.overhear(READY);
  page.ports[0].bring(READY);
  page.ports[0].end();
  page.channel.say({ type: "task" });
  assert.deepEqual(page.ports[1].said, ["task"]);
  assert.deepEqual(page.heard, ["ready", "lost"]);
  assert.deepEqual(page.posted, []);
});

test("where no port is answered all goes by the content script", () => {
  const page = open(true);
  for (let tries = 0; tries < 3; tries++) {
    page.overhear(READY);
    page.ports[tries].end();
  }
  page.overhear(READY);
  page.channel.say({ type: "task" });
  assert.equal(page.ports.length, 3);
  assert.equal(page.heard.at(-1), "ready");
  assert.equal(page.posted.at(-1), "task");
});

test("what is no id of an extension in Chromium is not tried", () => {
  const page = open(true);
  for (const extension of [undefined, "plugin@stoflow.example", "a", 1])
    page.overhear({ ...READY, extension });
  assert.equal(page.ports.length, 0);
  assert.equal(page.heard.length, 4);
});
