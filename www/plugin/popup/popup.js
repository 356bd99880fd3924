/* SPDX-License-Identifier: MIT */

import { api } from "../background/api.js";
import * as store from "../background/store.js";
import { text, translate } from "../ui/i18n.js";

const field = (id) => document.getElementById(id);

/** [name of a text, whether it is good news] */
function connectionOf({ configured, paused, mode }, { connected }) {
  if (!configured) return ["notConfigured", false];
  if (paused) return ["paused", false];
  if (mode === "off") return ["relayOnly", true];
  return connected ? ["connected", true] : ["notConnected", false];
}

function showLine(id, value) {
  field(`${id}Line`).hidden = !value;
  field(id).textContent = value ?? "";
}

/** An action in the reader's words; "" for none. */
const nameOf = (action) => (action && text(`action_${action}`)) || action;

const named = ({ id, login }) => (login ? `${login} (${id})` : `${id}`);

/** What went wrong, in the reader's language where we have words for it. */
function wordsOf({ text: said, code, account }) {
  const words = code && text(`failure_${code}`, account ? named(account) : "?");
  return words || said;
}

const joined = (...parts) => parts.filter(Boolean).join(" · ");

function showTask(task) {
  const { action, message, done, total } = task ?? {};
  showLine("task", task && joined(nameOf(action), message));
  field("task").title = action ?? "";
  const bar = field("progress");
  if (done !== undefined && total) bar.value = done / total;
  else bar.removeAttribute("value");
}

// How the backend begins to say that another account is signed in at Vinted.
const OTHER = /^another Vinted account \((\d+)\) is signed in, not (\d+);/;

// And that the account was changed while tasks waited.
const CHANGED = /^the Vinted account was changed;/;

/** Whose the queue is and who is signed in, where these are not the same. */
function differing({ queuePaused, account, expected }) {
  const [, found, own] = OTHER.exec(queuePaused ?? "") ?? [];
  if (found) return [own, found];
  if (!account || !expected) return null;
  const ids = [expected, account].map(({ id }) => String(id));
  return ids[0] === ids[1] ? null : ids;
}

function otherText(status) {
  const known = [status.account, status.expected].filter(Boolean);
  const names = differing(status)?.map((id) =>
    named(known.find((one) => String(one.id) === id) ?? { id }),
  );
  return names && text("otherAccountHelp", ...names);
}

function showConnection(name, isGood) {
  const connection = field("connection");
  connection.textContent = text(name);
  connection.className = isGood ? "good" : "bad";
}

async function showKnown() {
  const settings = await store.readSettings();
  const status = await store.readStatus();
  const { seller } = await store.readMemory();
  showConnection(...connectionOf(settings, status));
  showTask(status.task);
  const other = otherText(status);
  showLine("other", other);
  const changed = CHANGED.test(status.queuePaused ?? "");
  const paused = changed ? text("accountChangedHelp") : status.queuePaused;
  showLine("queue", other ? null : paused);
  const { undelivered } = status;
  showLine(
    "undelivered",
    undelivered && joined(undelivered.count, undelivered.reason),
  );
  const error = status.error ?? (other ? null : status.failure);
  const when = error && new Date(error.at).toLocaleTimeString();
  showLine(
    "error",
    error && joined(when, nameOf(error.action), wordsOf(error)),
  );
  const person = status.account ?? (seller && { ...seller, id: seller.user_id });
  showLine("seller", person && named(person));
  field("pause").textContent = text(settings.paused ? "resume" : "pause");
  field("pause").disabled = !settings.configured;
}

/** Nothing else is shown where storage is silent. */
async function show(work = showKnown) {
  let isKnown = true;
  await work().catch(() => {
    isKnown = false;
    showConnection("noStorage", false);
  });
  field("known").hidden = !isKnown;
  field("pause").hidden = !isKnown;
}

async function togglePause() {
  const { paused } = await store.readSettings();
  await store.changeSettings({ paused: !paused });
}

translate();
field("pause").addEventListener("click", () => show(togglePause));
field("options").addEventListener("click", () => api.runtime.openOptionsPage());
api.storage.onChanged.addListener(() => show());
await show();
document.body.dataset.ready = "yes";
