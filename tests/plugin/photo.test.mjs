/* SPDX-License-Identifier: MIT */

/* Where photos may come from, and what is one. */

import assert from "node:assert/strict";
import test from "node:test";
import { load, reset } from "./tab.mjs";

const { fetchPhoto, hostsIn, isPhotoHost } = await load("fetched");
const { PHOTO_MOST, kindOf, toBase64, toBytes } = await load("picture");
const store = await load("store");

const BACKEND = "http://127.0.0.1:8000/cgi-bin";
const ALLOWED =
  "https://Photos.Example.org/x, cdn.example.org:8443 localhost 10.0.0.1 " +
  "[::1] router 192.168.1.1 nas.local 169.254.169.254";
const bytes = (text) => Uint8Array.from(Buffer.from(text, "latin1"));
const PNG = bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0");

test("photos come from the backend and from hosts that were allowed", () => {
  const isAllowed = (url) => isPhotoHost(new URL(url), BACKEND, ALLOWED);
  for (const url of [
    "http://127.0.0.1:8000/api/photos/a.jpg",
    "https://photos.example.org/a.jpg",
    "https://cdn.example.org:8443/a.jpg",
  ])
    assert.ok(isAllowed(url), url);
  for (const url of [
    "http://127.0.0.1:8001/a",
    "http://127.0.0.1/a",
    "https://127.0.0.1:8000/a",
    "http://u:p@127.0.0.1:8000/a",
    "http://photos.example.org/a.jpg",
    "https://photos.example.org:444/a.jpg",
    "https://evil.photos.example.org/a.jpg",
    "https://cdn.example.org/a.jpg",
    "https://localhost/a",
    "https://localhost./a",
    "https://10.0.0.1/a",
    "https://167772161/a",
    "https://[::1]/a",
    "https://router/a",
    "https://nas.local/a",
    "https://192.168.1.1/a",
    "https://169.254.169.254/a",
    "file:///etc/passwd",
    "data:image/png;base64,AA",
  ])
    assert.ok(!isAllowed(url), url);
  assert.deepEqual(hostsIn("  "), []);
});

/** Fetches one photo where fetch answers so. */
async function fetched(response, url = "/p.png") {
  reset();
  await store.changeSettings({ photoHosts: "" });
  let asked = 0;
  globalThis.fetch = async (_url, { redirect, credentials }) => {
    assert.deepEqual([redirect, credentials], ["manual", "omit"]);
    asked++;
    return response;
  };
  const { signal } = new AbortController();
  try {
    return { photo: await fetchPhoto(url, BACKEND, signal), asked };
  } catch (error) {
    return { error: error.message, asked };
  }
}

test("a stranger's address is not asked", async () => {
  for (const url of [
    "http://127.0.0.1:22/",
    "https://x.example.org/",
    "http://[",
  ]) {
    const { error, asked } = await fetched(new Response(PNG), url);
    assert.match(error, /^Photo refusée/);
    assert.equal(asked, 0);
  }
});

test("a redirect is not followed, and no more is read than a photo has", async () => {
  const { photo } = await fetched(new Response(PNG));
  assert.deepEqual(photo, PNG);
  const { error } = await fetched({ type: "opaqueredirect" });
  assert.match(error, /renvoie ailleurs/);
  let pulled = 0;
  const body = new ReadableStream({
    pull(stream) {
      pulled += 1 << 20;
      stream.enqueue(new Uint8Array(1 << 20));
    },
  });
  const large = await fetched(new Response(body));
  assert.ok(large.photo.length > PHOTO_MOST);
  assert.ok(pulled < PHOTO_MOST + (4 << 20));
});

test("the kind of a photo is what its first bytes say", () => {
  const webp = (chunk) => bytes(`RIFF\x01\x02\x03\x04WEBP${chunk}....`);
  for (const [photo, type] of [
    [bytes("\xff\xd8\xff\xe0"), "image/jpeg"],
    [PNG, "image/png"],
    [webp("VP8 "), "image/webp"],
    [webp("VP8X"), "image/webp"],
    [webp("VP9 "), undefined],
    [bytes("RIFF\x01\x02\x03\x04WAVEfmt "), undefined],
    [bytes("\x89PNG\r\n\x1a\n"), undefined],
    [bytes("\xff\xd8"), undefined],
    [bytes("<svg>"), undefined],
    [bytes(""), undefined],
  ])
    assert.equal(kindOf(photo)?.type, type);
  assert.deepEqual(toBytes(toBase64(PNG)), PNG);
  assert.equal(toBytes("é"), null);
});
