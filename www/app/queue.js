// SPDX-License-Identifier: MIT
/** The queue by state, kept current. */

import { get, postOwn } from "./api.js";
import { commands } from "./commands.js";
import { actionNames, button, cell, find, make } from "./dom.js";
import { act, refreshSoon } from "./live.js";
import { outcomeOf } from "./settle.js";
import { showTask } from "./task.js";
import { moment, named, text } from "./texts.js";

const STATES = ["", "pending", "executing", "completed", "failed"];
const PAGE = 25;

let state = "";
let limit = PAGE;

function drawStates(status) {
  const counts = { pending: status?.pending, executing: status?.executing };
  const place = find("states");
  const labels = STATES.map((one) => {
    const label = text(one === "" ? "all" : `${one}_tab`);
    return counts[one] === undefined ? label : `${label} (${counts[one]})`;
  });
  if (place.children.length === 0)
    place.append(
      ...STATES.map((one) =>
        make("button", { type: "button", onclick: () => choose(one) }),
      ),
    );
  [...place.children].forEach((each, i) => {
    each.textContent = labels[i];
    each.setAttribute("aria-pressed", String(STATES[i] === state));
  });
}

function choose(one) {
  state = one;
  limit = PAGE;
  drawStates(null);
  refreshSoon();
}

/** What is worth knowing at a glance. */
function remark(task) {
  const words = [];
  const said = outcomeOf(task) ?? named("declared", task.declared, task.error);
  if (said) words.push(said);
  if (task.partial) words.push(text("partial", task.partial));
  if (task.last_error)
    words.push(text("last_error", moment(task.last_error_at), task.last_error));
  if (task.cancel_requested) words.push(text("cancel_requested"));
  if (task.not_before && task.status === "pending")
    words.push(text("not_yet", moment(task.not_before)));
  if (task.attempts > 1) words.push(text("attempt", task.attempts));
  const children = words.length > 0 ? [words.join(" · ")] : [];
  const { progress } = task;
  if (task.status === "executing" && progress?.total > 0)
    children.push(
      make("progress", {
        "aria-label": named("action", task.action), max: progress.total,
        value: progress.done ?? 0,
      }),
      ` ${progress.done ?? 0}/${progress.total} ${progress.message ?? ""}`,
    );
  return children;
}

function row(task) {
  const when = task.completed_at ?? task.started_at ?? task.created_at;
  const all = [button("show", () => showTask(task.task_id)), ...commands(task)];
  return make(
    "tr",
    { "data-task": task.task_id },
    cell("action", actionNames(task.action), "what"),
    cell("state", [make("span", { class: `state ${task.status}` },
      text(task.status))]),
    cell("when", moment(when)),
    cell("remark", remark(task)),
    cell("commands", [make("div", { class: "actions" }, ...all)], "commands"),
  );
}

/** Where the focus is among the rows: a task and the place of its button. */
function focused() {
  const row = document.activeElement.closest("tr[data-task]");
  if (row === null) return null;
  const all = [...row.querySelectorAll("button")];
  return { task: row.dataset.task, at: all.indexOf(document.activeElement) };
}

function refocus({ task, at }) {
  const row = find("tasks").querySelector(`[data-task="${CSS.escape(task)}"]`);
  const all = row?.querySelectorAll("button") ?? [];
  (all[at] ?? all[0] ?? find("states").firstChild).focus();
}

/** Makes these the rows, and moves none that need not be moved: what is moved
 * loses the focus. */
function place(rows) {
  const body = find("tasks");
  for (const each of [...body.children])
    if (!rows.includes(each)) each.remove();
  rows.forEach((each, i) => {
    const there = body.children[i] ?? null;
    if (there !== each) body.insertBefore(each, there);
  });
}

/** Replaces only rows that differ, so that the focus stays where it is. */
function drawRows(tasks) {
  const before = focused();
  const old = new Map(
    [...find("tasks").children].map((each) => [each.dataset.task, each]),
  );
  const rows = tasks.map((task) => {
    const said = JSON.stringify(task);
    const known = old.get(task.task_id);
    if (known?.dataset.said === said) return known;
    const made = row(task);
    made.dataset.said = said;
    return made;
  });
  place(rows);
  if (before !== null && document.activeElement === document.body)
    refocus(before);
}

/** `status` is what plugin/status said a moment ago. */
export async function refreshQueue(status) {
  drawStates(status);
  const wanted = state;
  const list = await get("tasks", { status: wanted, limit });
  if (wanted !== state) return; // another tab was chosen meanwhile
  drawRows(list.tasks);
  find("tasks-none").hidden = list.tasks.length > 0;
  find("tasks-head").hidden = list.tasks.length === 0;
  find("more").hidden = list.next_cursor === null || limit >= 500;
}

const sync = () =>
  act(async () => {
    await postOwn("sync/vinted", {});
    return text("sync_started");
  });

export function startQueue() {
  drawStates(null);
  find("tasks-caption").textContent = text("queue");
  find("sync").addEventListener("click", sync);
  find("tasks-more").addEventListener("click", () => {
    limit = Math.min(limit + PAGE, 500);
    refreshSoon();
  });
}
