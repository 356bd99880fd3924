// SPDX-License-Identifier: MIT
/** The bridge page: is the plugin there, does it poll by itself, and if not,
 * this page hands it its tasks. */

import { get, session, wholly } from "./api.js";
import { button, find, make } from "./dom.js";
import { Plugin } from "./plugin.js";
import { Relay } from "./relay.js";
import { moment, pauseReason, text, translate } from "./texts.js";

const LINES = 200; // of the journal
const SHOWN = 20000; // characters of an answer

function tell(key, ...values) {
  const when = moment(new Date().toISOString());
  const line = make("li", {}, `${when} ${text(key, ...values)}`);
  find("log").prepend(line);
  while (find("log").children.length > LINES) find("log").lastChild.remove();
}

function wordOf(state) {
  if (!state) return "not_connected";
  return state.paused ? "plugin_paused" : "connected";
}

function modeOf(state) {
  if (!state) return "relay_no_plugin";
  if (state.paused) return "relay_paused";
  if (state.polling) return "relay_polling";
  if (session.token === null) return "relay_no_token";
  if (relay.trouble !== null) return "relay_failed";
  return relay.held === null ? "relay_running" : "relay_held";
}

function showPlugin() {
  const { state } = plugin;
  find("plugin").textContent = text(wordOf(state));
  const why = relay.trouble ?? (relay.held && pauseReason(relay.held));
  find("relay").textContent = text(modeOf(state), why);
  if (relay.isWanted && session.token !== null) relay.run();
}

async function test(work) {
  const place = find("answer");
  place.hidden = false;
  place.textContent = "…";
  try {
    const answer = JSON.stringify(await work(), null, 2);
    place.textContent =
      answer.length > SHOWN ? `${answer.slice(0, SHOWN)}…` : answer;
  } catch (error) {
    place.textContent = wholly(error);
  }
}

/** Everything the plugin knows but what opens the session to who looks over
 * the seller's shoulder. */
async function testUserData() {
  const result = await plugin.userData();
  if (!result?.success) return result;
  return { ...result.data, csrf_token: "…", anon_id: "…" };
}

async function testProducts() {
  const user = await plugin.userData();
  if (!user?.success) return user;
  const params = { user_id: user.data.user_id };
  const task = {
    task_id: `page-${Date.now()}`,
    action: "get_all_products",
    params,
    priority: 1,
    timeout: 600,
  };
  const place = find("answer");
  const shown = ({ done, total }) => {
    place.textContent = `${done ?? 0} / ${total ?? "?"}`;
  };
  const result = await plugin.carryOut(task, shown).promise;
  if (!result?.success) return result;
  const { products, total } = result.data;
  return { total, products: products.slice(0, 3) };
}

// Kept for the way back, this page was told nothing while it was away.
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
translate();
const plugin = new Plugin();
const relay = new Relay(plugin, tell);
plugin.addEventListener("change", () => {
  const { state } = plugin;
  if (!state) tell("plugin_went");
  else if (state.paused) tell("plugin_paused");
  else tell("plugin_came", state.version);
  showPlugin();
});
relay.addEventListener("change", showPlugin);
find("tests").append(
  button("test_user", () => test(testUserData)),
  button("test_products", () => test(testProducts)),
  button("test_health", () => test(() => get("health"))),
);
showPlugin();
