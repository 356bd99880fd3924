/* SPDX-License-Identifier: MIT */

/* Reads who the seller is off the text of a Vinted page. Content scripts are
 * no modules, so this one leaves its functions in globalThis.stoflowPage.
 *
 * The forms, all of which occur:
 *   "CSRF_TOKEN":"…"  "anon_id":"…"  "currentUser":{…}   in an inline script,
 *   the same with backslashes before the quotes, in the pieces of a stream
 *   (self.__next_f.push) whose borders may lie anywhere, also in a word,
 *   window.vinted.config = {…} with csrf_token, anon_id and user, perhaps with
 *   keys that bear no quotes, and <meta name="csrf-token">. */

globalThis.stoflowPage = (() => {
  const UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
  const PUSH = /self\.__next_f\.push\((\[[\s\S]*\])\)\s*;?\s*$/;

  /** The stream that all the pieces make when they are put together. */
  function joinStream(scripts) {
    let stream = "";
    for (const script of scripts) {
      const match = PUSH.exec(script);
      if (!match) continue;
      try {
        const [, piece] = JSON.parse(match[1]);
        if (typeof piece === "string") stream += piece;
      } catch {
        // No JSON after all: the text is still looked at as it stands.
      }
    }
    return stream;
  }

  /** "key": "uuid", the key with or without quotes. */
  function findUuid(text, keys) {
    const pattern = new RegExp(
      `(?<![\\w-])["']?(?:${keys.join("|")})["']?\\s*[:=]\\s*["'](${UUID})["']`,
      "i",
    );
    return pattern.exec(text)?.[1] ?? null;
  }

  /** The object that begins at text[start], which is "{"; null if none ends. */
  function cutObject(text, start) {
    let depth = 0;
    let quoted = false;
    for (let at = start; at < text.length; at++) {
      const letter = text[at];
      if (quoted && letter === "\\") at++;
      else if (letter === '"') quoted = !quoted;
      else if (quoted) continue;
      else if (letter === "{") depth++;
      else if (letter === "}" && --depth === 0)
        return text.slice(start, at + 1);
    }
    return null;
  }

  /** As JSON; where the keys bear no quotes they are given some. */
  function readObject(text) {
    for (const each of [text, text.replace(/([{,]\s*)(\w+)\s*:/g, '$1"$2":')])
      try {
        return JSON.parse(each);
      } catch {
        continue;
      }
    return null;
  }

  /** The first object under the key that can be a signed-in user. */
  function findUser(text, key) {
    const pattern = new RegExp(`(?<![\\w-])["']?${key}["']?\\s*[:=]\\s*{`, "g");
    for (const match of text.matchAll(pattern)) {
      const source = cutObject(text, match.index + match[0].length - 1);
      const user = source && readObject(source);
      if (user && user.id && (user.login || user.email)) return user;
    }
    return null;
  }

  /** A "user" elsewhere on the page is anybody: only the config's is ours. */
  function findConfigUser(text) {
    const match = /vinted\.config\s*=\s*{|["']?vinted["']?\s*:\s*{/.exec(text);
    const start = match && match.index + match[0].length - 1;
    const config = match && cutObject(text, start);
    return config ? findUser(config, "user") : null;
  }

  function firstOf(texts, find) {
    for (const text of texts) {
      const found = text && find(text);
      if (found) return found;
    }
    return null;
  }

  function numberOf(id) {
    return typeof id === "string" && /^\d+$/.test(id) ? Number(id) : id;
  }

  /** A number, or an object that has one; null for a private person. */
  function businessOf(user) {
    const account = user.business_account ?? user.business_account_id;
    return numberOf(account?.id ?? account ?? null);
  }

  /** The shape of get_user_data; null for what is not known. */
  function describe(user) {
    return {
      user_id: numberOf(user.id ?? null),
      login: user.login ?? null,
      email: user.email ?? null,
      real_name: user.real_name ?? null,
      business_account: businessOf(user),
    };
  }

  /**
   * @param {object} page scripts: string[] (inline ones, in order), meta:
   *     {name: content}, cookie: string, config: ?object (window.vinted.config
   *     where the page let us see it)
   * @returns {object} user_id, login, email, anon_id, csrf_token, real_name,
   *     business_account; null for each that the page does not tell
   */
  function read({ scripts, meta = {}, cookie = "", config = null }) {
    const plain = scripts.join("\n");
    const texts = [
      plain,
      joinStream(scripts),
      plain.replace(/\\+"/g, '"'),
      config ? JSON.stringify(config) : "",
    ];
    const token = (keys) => firstOf(texts, (text) => findUuid(text, keys));
    const user =
      firstOf(texts, (text) => findUser(text, "currentUser")) ??
      firstOf(texts, (text) => findUser(text, "current_user")) ??
      firstOf(texts, findConfigUser) ??
      config?.user ??
      {};
    const anonCookie = new RegExp(`(?:^|; )anon_id=(${UUID})`).exec(cookie);
    return {
      ...describe(user),
      anon_id: token(["anon_id", "anonId"]) ?? anonCookie?.[1] ?? null,
      csrf_token:
        token(["csrf_token", "csrfToken"]) ?? meta["csrf-token"] ?? null,
    };
  }

  return { read, describe };
})();
