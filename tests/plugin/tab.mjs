/* SPDX-License-Identifier: MIT */

/* A browser with a Vinted tab, or more, for the extension's own modules under
 * node: what the tab's page would answer, a function of the test answers. */

import { readFileSync } from "node:fs";

export const PLUGIN = new URL("../../www/plugin/", import.meta.url);
export const readJson = (name) =>
  JSON.parse(readFileSync(new URL(name, PLUGIN)));
const manifest = readJson("manifest.json");

export const SELLER = { id: 29535217, login: "shop", email: "a@example.com" };
export const SITE = "https://www.vinted.fr";

export const never = new Promise(() => {});

/** Storage as browsers have it: copies, which come and go in their own time. */
function makeStorage(area) {
  let kept = {};
  return {
    get: async (key) => {
      if (tab.silent(area, "get", key)) await never;
      return structuredClone({ [key]: kept[key] });
    },
    set: async (values) => {
      const silence = tab.silent(area, "set", values);
      if (silence !== "lost") Object.assign(kept, structuredClone(values));
      if (silence) await never;
    },
    clear: () => (kept = {}),
  };
}

const local = makeStorage("local");
const session = makeStorage("session");
const FIRST = { id: 1, url: `${SITE}/`, status: "complete", lastAccessed: 1 };

/** What the tab does; a test changes it. */
export const tab = {
  user: SELLER, // who is signed in
  requests: [], // "METHOD path", all that were sent
  answer: () => notFound(), // of whatever is not users/current
  loads: 0,
  tabs: [FIRST],
  hangs: null, // the id of one that loads for ever
  // (area, "get" | "set", what) of a call of storage: "lost" where it is never
  // answered, "late" where it is not, either, but done
  silent: () => null,
};

/** Back to how it was, with this answer. */
export function reset(answer = () => notFound()) {
  const loads = tab.loads + 1;
  const silent = () => null;
  const fresh = { user: SELLER, requests: [], loads, hangs: null, silent };
  Object.assign(tab, { ...fresh, answer, tabs: [{ ...FIRST }] });
  local.clear();
  session.clear();
}

export const json = (status, value) => ({
  status,
  statusText: "",
  headers: { "content-type": "application/json" },
  text: JSON.stringify(value),
});
export const html = (status, text, headers = {}) => ({
  status,
  statusText: "",
  headers: { "content-type": "text/html", ...headers },
  text: `<!doctype html>${text}`,
});
export const notFound = () => json(404, { code: 104, message: "not_found" });

function current() {
  if (tab.user?.status) return tab.user; // an answer of the test's own
  if (tab.user) return json(200, { user: tab.user, code: 0 });
  return json(401, { code: 100, message_code: "invalid_authentication_token" });
}

function send({ url, method, body }) {
  const { pathname, search, searchParams } = new URL(url);
  tab.requests.push(`${method} ${pathname}${search}`);
  if (pathname === "/api/v2/users/current") return current();
  return tab.answer({ method, path: pathname, query: searchParams, body });
}

function readPage() {
  const page = { csrf_token: "c", anon_id: "a" };
  return { load: String(tab.loads), url: `${SITE}/`, page };
}

async function sendMessage(id, { stoflow, request }) {
  if (id === tab.hangs) throw new Error("Receiving end does not exist");
  const answer = stoflow === "page" ? readPage() : await send(request);
  return structuredClone(answer);
}

globalThis.browser = {
  runtime: { getManifest: () => manifest, getPlatformInfo: async () => ({}) },
  storage: { local, session },
  scripting: {
    executeScript: ({ target }) =>
      target.tabId === tab.hangs ? never : Promise.resolve([{}]),
  },
  tabs: {
    query: async () => structuredClone(tab.tabs),
    get: async () => ({ id: 1, status: "complete" }),
    reload: async () => {
      tab.loads++;
    },
    sendMessage,
  },
};

/** A module of the background, which finds this browser. */
export const load = (name) => import(`${PLUGIN}background/${name}.js`);

/** Runs a task as the poller does; returns what would be posted. */
export async function run(task) {
  const { runTask } = await load("runner");
  const { signal } = new AbortController();
  const surroundings = { signal, onProgress: () => {}, backendUrl: "" };
  return runTask({ task_id: "t", params: {}, ...task }, surroundings);
}

/** The console of the background is for people. */
for (const name of ["log", "warn", "error"]) console[name] = () => {};
