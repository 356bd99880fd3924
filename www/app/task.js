// SPDX-License-Identifier: MIT
/** One task's whole story, in a dialog. */

import { get } from "./api.js";
import { button, find, make } from "./dom.js";
import { explain } from "./live.js";
import { commands } from "./queue.js";
import { moment, text } from "./texts.js";

const MOMENTS = new Set([
  "created_at", "started_at", "completed_at", "executed_at", "deadline",
  "not_before",
]);
const APART = new Set(["result", "params"]); // shown as JSON only
const JSON_MAX = 200000; // characters: a list of products may have millions

function said(key, value) {
  if (MOMENTS.has(key)) return moment(value);
  if (key === "status") return text(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function members(task) {
  return Object.entries(task)
    .filter(([key, value]) => !APART.has(key) && value !== null)
    .flatMap(([key, value]) => [
      make("dt", {}, key),
      make("dd", {}, said(key, value)),
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
    find("task-title").textContent = text("task", task.action);
    find("task-members").replaceChildren(...members(task));
    find("task-json").textContent = cut(JSON.stringify(task, null, 2));
    find("task-actions").replaceChildren(button("close", close), ...all);
    dialog.showModal();
  } catch (error) {
    explain(error);
  }
}
