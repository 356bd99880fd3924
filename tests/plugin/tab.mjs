/* SPDX-License-Identifier: MIT */

/* A browser with one Vinted tab, for the extension's own modules under node:
 * what the tab's page would answer, a function of the test answers. */

import { readFileSync } from "node:fs";

const PLUGIN = new URL("../../www/plugin/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.json", PLUGIN)));

export const SELLER = { id: 29535217, login: "shop", email: "a@example.com" };
export const SITE = "https://www.vinted.fr";

/** Storage as browsers have it: copies, which come and go in their own time. */
function makeStorage() {
  const kept = {};
  return {
    get: async (key) => structuredClone({ [key]: kept[key] }),
    set: async (values) => Object.assign(kept, structuredClone(values)),
  };
}

/** What the tab does; a test changes it. */
export const tab = {
  user: SELLER, // who is signed in
  requests: [], // "METHOD path", all that were sent
  answer: () => notFound(), // of whatever is not users/current
  loads: 0,
};

/** Back to how it was, with this answer. */
export function reset(answer) {
  const loads = tab.loads + 1;
  Object.assign(tab, { user: SELLER, requests: [], answer, loads });
}

export const json = (status, value) => ({
  status,
  statusText: "",
  headers: { "content-type": "application/json" },
  text: JSON.stringify(value),
});
const notFound = () => json(404, { code: 104 });

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

globalThis.browser = {
  runtime: { getManifest: () => manifest, getPlatformInfo: async () => ({}) },
  storage: { local: makeStorage(), session: makeStorage() },
  scripting: { executeScript: async () => [{ result: "null" }] },
  tabs: {
    query: async () => [{ id: 1, url: `${SITE}/`, lastAccessed: 1 }],
    get: async () => ({ id: 1, status: "complete" }),
    reload: async () => {
      tab.loads++;
    },
    sendMessage: async (_id, { stoflow, request }) =>
      structuredClone(stoflow === "page" ? readPage() : send(request)),
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
