/* SPDX-License-Identifier: MIT */

/* Reads off a Vinted page the tokens that requests must bear. Content scripts
 * are no modules, so this one leaves its function in globalThis.stoflowPage.
 *
 * Where they stand, all of which occurs:
 *   "CSRF_TOKEN":"…"  "anon_id":"…"  in the rows of a stream, which comes in
 *   pieces (self.__next_f.push) whose borders may lie anywhere, also in a word
 *   or a letter; the same in a script of JSON, or of statements that set or
 *   hand over a value; window.vinted.config = {…} with csrf_token and anon_id;
 *   <meta name="csrf-token">; the cookie anon_id.
 *
 * Strangers write on these pages: titles, descriptions, names. What they write
 * is the text of a string wherever it stands, so only members of real objects
 * count, and no string is ever looked into, whatever it looks like. The one
 * exception is a statement whose whole value is JSON in a string, as older
 * pages have it, and only where nothing else tells the token. */

globalThis.stoflowPage = (() => {
  const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
  const PUSH = "self.__next_f.push";
  const TEXT = 1; // kinds of a stream's pieces
  const BYTES = 3;

  const bytesOf = (base64) =>
    Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

  /** The bytes of the stream that all the pieces make when put together. */
  function joinStream(statements) {
    const encoder = new TextEncoder();
    const pieces = [];
    for (const { name, value } of statements) {
      if (name !== PUSH || typeof value?.[1] !== "string") continue;
      if (value[0] === TEXT) pieces.push(encoder.encode(value[1]));
      if (value[0] === BYTES) pieces.push(bytesOf(value[1]));
    }
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const stream = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      stream.set(piece, at);
      at += piece.length;
    }
    return stream;
  }

  /** Text from one place up to a byte, and where it ends; null if none does. */
  function readUntil(stream, at, letter) {
    const end = stream.indexOf(letter.charCodeAt(0), at);
    if (end < 0) return null;
    const text = new TextDecoder().decode(stream.subarray(at, end));
    return { text, next: end + 1 };
  }

  /**
   * The values of the stream's rows: ID:JSON, ID:XJSON, or ID:Tlength,text with
   * as many bytes (hexadecimal), which may be somebody's and hold anything. So
   * nothing behind a row that is not understood is read.
   */
  function* rowsOf(stream) {
    let at = 0;
    while (at < stream.length) {
      const first = stream[at];
      const id = "{[".includes(String.fromCharCode(first))
        ? { text: "", next: at }
        : readUntil(stream, at, ":");
      if (!id || !/^[0-9a-f]*$/.test(id.text)) return;
      const tag = String.fromCharCode(stream[id.next]);
      if (/[TAOobUSsLlGgMmV]/.test(tag)) {
        const size = readUntil(stream, id.next + 1, ",");
        if (!size || !/^[0-9a-f]+$/.test(size.text)) return;
        at = size.next + parseInt(size.text, 16);
        continue;
      }
      const row = readUntil(stream, id.next, "\n") ?? {
        text: new TextDecoder().decode(stream.subarray(id.next)),
        next: stream.length,
      };
      const value = parse(row.text.replace(/^[A-Z#rx](?=[[{"])/, ""));
      if (value !== undefined) yield value;
      at = row.next;
    }
  }

  function parse(text) {
    try {
      return JSON.parse(text);
    } catch {
      return undefined; // a row of another kind: an import, an error
    }
  }

  /** Every object in a value. Pages nest deeper than calls may. */
  function* objectsIn(value) {
    const left = [value];
    while (left.length > 0) {
      const next = left.pop();
      if (typeof next !== "object" || next === null) continue;
      if (!Array.isArray(next)) yield next;
      for (const inner of Object.values(next).reverse()) left.push(inner);
    }
  }

  /** The UUID that an object has as a member: csrf_token, CSRF_TOKEN, … */
  function memberOf(object, wanted) {
    for (const [key, value] of Object.entries(object))
      if (key.toLowerCase().replace("_", "") === wanted)
        if (typeof value === "string" && UUID.test(value)) return value;
    return null;
  }

  /** {token, beside, anon}: beside is the anonymous id in the same object. */
  function tokensIn(values) {
    const found = { token: null, beside: null, anon: null };
    for (const value of values)
      for (const object of objectsIn(value)) {
        const anon = memberOf(object, "anonid");
        const token = found.token ? null : memberOf(object, "csrftoken");
        found.anon ??= anon;
        if (token) Object.assign(found, { token, beside: anon });
      }
    return found;
  }

  /** The values of strings that are JSON, in one layer of it or more. */
  function* unpack(statements) {
    for (const { name, value } of statements) {
      let inner = value;
      while (typeof inner === "string") inner = parse(inner);
      if (name !== PUSH && inner !== value) yield inner;
    }
  }

  /**
   * @param {object} page scripts: string[] (inline ones, in order), meta:
   *     {name: content}, cookie: string, config: ?object (window.vinted.config
   *     where the page let us see it)
   * @returns {object} {csrf_token, anon_id}; null for each that is not told
   */
  function read({ scripts, meta = {}, cookie = "", config = null }) {
    const { readScript } = globalThis.stoflowLiteral;
    const statements = scripts.flatMap(readScript);
    const plain = statements.filter(({ name }) => name !== PUSH);
    const values = plain.map(({ value }) => value);
    const told = tokensIn([
      ...rowsOf(joinStream(statements)),
      ...values,
      config,
    ]);
    const packed = tokensIn(unpack(statements));
    const [, jar] = /(?:^|; )anon_id=([^;]*)/.exec(cookie) ?? [];
    const kept = UUID.test(jar) ? jar : null;
    return {
      csrf_token: told.token ?? meta["csrf-token"] ?? packed.token,
      anon_id: told.beside ?? kept ?? told.anon ?? packed.beside ?? packed.anon,
    };
  }

  return { read };
})();
