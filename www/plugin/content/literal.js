/* SPDX-License-Identifier: MIT */

/* Reads the values that a script is made of, without running it: JSON, and what
 * scripts allow themselves beyond it (keys without quotes, single quotes, a
 * comma at the end, !0 and !1). Where anything else stands it stops: whoever
 * guesses on takes the text of a string for a member sooner or later. */

globalThis.stoflowLiteral = (() => {
  const SPACE = /\s*/y;
  const WORD = /[\w$]+/y;
  const STRING = /"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'/y;
  const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  const CONSTANTS = { true: true, false: false, null: null, undefined: null };
  const DEPTH_MOST = 200;

  class Reader {
    #text;
    #at = 0;

    constructor(text) {
      this.#text = text;
    }

    /** What matches here, behind spaces; null, and nothing is read. */
    take(pattern) {
      SPACE.lastIndex = this.#at;
      SPACE.exec(this.#text);
      pattern.lastIndex = SPACE.lastIndex;
      const [found] = pattern.exec(this.#text) ?? [null];
      if (found !== null) this.#at = pattern.lastIndex;
      return found;
    }

    need(pattern) {
      const found = this.take(pattern);
      if (found === null) throw new SyntaxError(`at ${this.#at}`);
      return found;
    }

    value(depth = 0) {
      if (depth > DEPTH_MOST) throw new SyntaxError("too deep");
      if (this.take(/\{/y)) return this.#object(depth + 1);
      if (this.take(/\[/y)) return this.#array(depth + 1);
      const text = this.take(STRING);
      if (text !== null) return decode(text);
      const number = this.take(NUMBER);
      if (number !== null) return Number(number);
      if (this.take(/!(?=[01])/y)) return this.need(/[01]/y) === "0";
      const word = this.need(WORD);
      if (!Object.hasOwn(CONSTANTS, word)) throw new SyntaxError(word);
      return CONSTANTS[word];
    }

    #object(depth) {
      const members = new Map();
      while (!this.take(/\}/y)) {
        if (members.size > 0) this.need(/,/y);
        if (this.take(/\}/y)) break;
        const text = this.take(STRING);
        const key = text === null ? this.need(WORD) : decode(text);
        this.need(/:/y);
        members.set(key, this.value(depth));
      }
      return Object.fromEntries(members);
    }

    #array(depth) {
      const values = [];
      while (!this.take(/\]/y)) {
        if (values.length > 0) this.need(/,/y);
        if (this.take(/\]/y)) break;
        values.push(this.value(depth));
      }
      return values;
    }
  }

  /** A string's text. What JSON has no word for (\', \x27) ends the reading. */
  function decode(literal) {
    const inner = literal.slice(1, -1);
    if (literal.startsWith('"')) return JSON.parse(literal);
    const quoted = inner.replace(/\\'|"/g, (found) =>
      found === '"' ? '\\"' : "'",
    );
    return JSON.parse(`"${quoted}"`);
  }

  const NAME = /(?:(?:var|let|const)\s+)?[\w$]+(?:\.[\w$]+)*/y;
  const MAYBE = /[\w$.]+\s*\|\|\s*(?=\{\s*\}|\[\s*\])/y;

  /** One statement's value: NAME = VALUE, NAME = NAME || {}, NAME(VALUE). */
  function statement(reader) {
    const name = reader.take(NAME);
    if (name === null) return { value: reader.value(), name };
    const opened = reader.need(/=(?!=)|\(/y);
    if (opened === "=") reader.take(MAYBE);
    const parsed = opened === "=" && reader.take(/JSON\.parse\s*\(/y);
    const value = reader.value();
    if (opened === "(" || parsed) reader.need(/\)/y);
    return { value, name };
  }

  /**
   * @param {string} script
   * @returns {object[]} {name, value} of its statements, up to the first that
   *     is of another kind; name is null for a value by itself
   */
  function readScript(script) {
    const reader = new Reader(script);
    const found = [];
    try {
      for (;;) {
        while (reader.take(/;/y));
        if (reader.take(/$/y) !== null) return found;
        found.push(statement(reader));
      }
    } catch {
      return found;
    }
  }

  return { readScript };
})();
