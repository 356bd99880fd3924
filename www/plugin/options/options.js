/* SPDX-License-Identifier: MIT */

import { api } from "../background/api.js";
import { Backend } from "../background/backend.js";
import { hostsIn } from "../background/fetched.js";
import * as store from "../background/store.js";
import { text, translate } from "../ui/i18n.js";

const form = document.getElementById("settings");
const said = document.getElementById("said");
const field = (id) => document.getElementById(id);

function say(message, isGood) {
  said.textContent = message;
  said.className = isGood ? "good" : "bad";
}

function show({ backendUrl, token, userId, photoHosts, mode, intervalMs }) {
  field("backendUrl").value = backendUrl;
  field("token").value = token;
  field("userId").value = userId;
  field("photoHosts").value = photoHosts;
  field("interval").value = intervalMs / 1000;
  form.elements.mode.value = mode;
}

/** What the form says; null, and a word to the user, if that cannot be. */
function read() {
  if (!form.reportValidity()) return null;
  const backendUrl = store.tidyUrl(field("backendUrl").value);
  if (!store.originOf(backendUrl)) {
    say(text("badUrl"), false);
    return null;
  }
  return {
    backendUrl,
    token: field("token").value.trim(),
    userId: field("userId").value.trim(),
    photoHosts: field("photoHosts").value.trim(),
    mode: form.elements.mode.value,
    intervalMs: Math.round(Number(field("interval").value) * 1000),
  };
}

/**
 * The right to reach the backend, and where photos lie. Browsers ask the user,
 * who may take his time, and only as the direct consequence of a click: nothing
 * may be awaited before.
 */
function requestAccess({ backendUrl, photoHosts }) {
  const { protocol, hostname } = new URL(backendUrl);
  const origins = [
    `${protocol}//${hostname}/*`,
    ...hostsIn(photoHosts).map((host) => `https://${host.split(":")[0]}/*`),
  ];
  return api.permissions.request({ origins });
}

/** What the form says, once we may reach the backend; else null, as above. */
async function readPermitted() {
  const settings = read();
  if (!settings) return null;
  if (await requestAccess(settings)) return settings;
  say(text("noAccess"), false);
  return null;
}

async function save(event) {
  event.preventDefault();
  const settings = await readPermitted();
  if (!settings) return;
  try {
    await store.changeSettings({ ...settings, configured: true });
    say(text("saved"), true);
  } catch {
    say(text("noStorage"), false);
  }
}

async function test() {
  const settings = await readPermitted();
  if (!settings) return;
  say(text("testing"), true);
  try {
    await new Backend(settings).check();
    say(text("testGood"), true);
  } catch (error) {
    say(text("testBad", error.message), false);
  }
}

/** What the form cannot show it must not be able to overwrite. */
async function showKnown() {
  try {
    show(await store.readSettings());
  } catch {
    say(text("noStorage"), false);
    field("save").disabled = true;
    field("test").disabled = true;
  }
}

translate();
await showKnown();
form.addEventListener("submit", save);
field("test").addEventListener("click", test);
form.dataset.ready = "yes";
