// SPDX-License-Identifier: MIT
/** One task's whole story, in a dialog. */

import { nameOf } from "./account.js";
import { get } from "./api.js";
import { commands } from "./commands.js";
import { button, find, make } from "./dom.js";
import { explain } from "./live.js";
import { outcomeOf } from "./settle.js";
import { language, moment, named, text } from "./texts.js";

const MOMENTS = new Set([
  "created_at", "started_at", "completed_at", "executed_at", "deadline",
  "not_before", "last_error_at",
]);
const APART = new Set(["result", "params"]); // shown as JSON only
const JSON_MAX = 200000; // characters: a list of products may have millions

const seconds = (count) =>
  count.toLocaleString(language, { style: "unit", unit: "second" });

const progress = ({ done, total, message }) =>
  `${done ?? 0}/${total ?? "?"} ${message ?? ""}`;

function said(key, value, task) {
  if (MOMENTS.has(key)) return moment(value);
  if (key === "status") return text(value);
  if (key === "declared") return named(key, value);
  if (key === "execution_time_ms") return seconds(value / 1000);
  if (key === "timeout" || key === "expires_in") return seconds(value);
  if (typeof value === "boolean") return text(value ? "yes" : "no");
  if (key === "progress") return progress(value);
  if (key === "account") return nameOf(value);
  if (key === "outcome" || key === "settled") return outcomeOf(task);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function members(task) {
  return Object.entries(task)
    .filter(([key, value]) => !APART.has(key) && value !== null)
    .flatMap(([key, value]) => [
      make("dt", {}, named("member", key)),
      make("dd", {}, said(key, value, task)),
    ]);
}

function cut(json) {
  return json.length <= JSON_MAX ? json : `${json.slice(0, JSON_MAX)}…`;
}

export async function showTask(id) {
  try {
    const task = await get(`tasks/${encodeURIComponent(id)}`);
    const dialog = find("task");
    const close = () => dialog.close();
    const all = commands(task);
    for (const each of all) each.addEventListener("click", close);
    find("task-title").textContent = named("action", task.action);
    find("task-members").replaceChildren(...members(task));
    find("task-json").textContent = cut(JSON.stringify(task, null, 2));
    find("task-actions").replaceChildren(button("close", close), ...all);
    dialog.showModal();
    // Not by "autofocus", which browsers try when the page is loaded, too.
    find("task-title").focus();
  } catch (error) {
    explain(error);
  }
}
