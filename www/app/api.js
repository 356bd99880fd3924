// SPDX-License-Identifier: MIT
/** Talking to the API beside this page. The token stays in the tab's
 * sessionStorage and travels in a header, never in an address. */

import { named, text } from "./texts.js";

const TOKEN = "stoflow.token";
const USER = "stoflow.user";
const POLL = "stoflow.poll";

/** What went wrong, in the reader's words; `detail` is what was said of it in
 * another's, or null. */
class Failure extends Error {
  constructor(message, detail = null) {
    super(message);
    this.detail = detail;
  }
}

/** A refusal of the backend: `status`, and the problem's stable `code`. */
export class Refusal extends Failure {
  constructor(status, problem) {
    const { code = null, detail = null } = problem ?? {};
    super(named("code", code, `HTTP ${status}`), detail);
    this.status = status;
    this.code = code;
  }
}

/** All that is known of an error, for where there is one line for it. */
export const wholly = ({ message, detail }) =>
  detail ? `${message} ${detail}` : message;

let base = null;

/** Where /api begins: beside the page, or under cgi-bin where the server
 * cannot rewrite. null if neither answers. */
async function findBase() {
  for (const prefix of ["", "cgi-bin/"]) {
    const url = new URL(`${prefix}api/`, document.baseURI);
    try {
      const answer = await fetch(new URL("health", url));
      const health = await answer.json();
      if ("status" in health) return url;
    } catch {
      /* not here: the next one */
    }
  }
  return null;
}

export const session = {
  get token() {
    return sessionStorage.getItem(TOKEN);
  },
  /** The user chosen, where the token is good for all; "" otherwise. */
  get user() {
    return sessionStorage.getItem(USER) || "";
  },
  /** What the relay remembers of its poll, an object; null: nothing. */
  get poll() {
    return JSON.parse(sessionStorage.getItem(POLL));
  },
  set poll(poll) {
    sessionStorage.setItem(POLL, JSON.stringify(poll));
  },
  enter(token, user) {
    sessionStorage.setItem(TOKEN, token);
    sessionStorage.setItem(USER, user);
  },
  leave() {
    sessionStorage.removeItem(TOKEN);
    sessionStorage.removeItem(USER);
    sessionStorage.removeItem(POLL);
  },
};

async function send(method, path, query, body) {
  base ??= await findBase();
  if (base === null) throw new Failure(text("no_backend"));
  const url = new URL(path, base);
  const all = session.user ? { user_id: session.user, ...query } : query;
  for (const [key, value] of Object.entries(all))
    if (value !== null && value !== undefined && value !== "")
      url.searchParams.set(key, value);
  const headers = {};
  if (session.token !== null) {
    headers.Authorization = `Bearer ${session.token}`;
    headers["X-StoFlow-Token"] = session.token; // which no server keeps back
  }
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const options = { method, headers, cache: "no-store" };
  if (body !== undefined) options.body = JSON.stringify(body);
  const answer = await fetch(url, options).catch((error) => {
    throw new Failure(text("no_answer"), error.message);
  });
  if (!answer.ok)
    throw new Refusal(answer.status, await answer.json().catch(() => null));
  return answer;
}

export const get = async (path, query = {}) =>
  (await send("GET", path, query)).json();

export const getText = async (path, query = {}) =>
  (await send("GET", path, query)).text();

/** What is to be changed; the user stands in the query, as in a GET. */
export const post = async (path, body = {}) =>
  (await send("POST", path, {}, body)).json();

/** The same for the two routes that want the user in the body. */
export const postOwn = (path, body) =>
  post(path, session.user ? { user_id: Number(session.user), ...body } : body);
