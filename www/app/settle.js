// SPDX-License-Identifier: MIT
/** Tasks of which nobody knows whether they were carried out: what is said of
 * them, and a person's word on it. */

import { post } from "./api.js";
import { button, find } from "./dom.js";
import { act, explain } from "./live.js";
import { named, text } from "./texts.js";

export const isUnknown = (task) => task.outcome === "unknown";

/** What is known of such a task, in words; null of any other. */
export function outcomeOf(task) {
  if (task.settled) return named("settled", task.settled.replace(" ", "_"));
  if (!isUnknown(task)) return null;
  return named("unknown", task.action, text("unknown"));
}

const settle = (task, word) =>
  act(async () => {
    await post(`tasks/${task.task_id}/settle`, word);
    return text(word.found ? "settled_found" : "settled_not_found");
  });

/** It may be done again then, so a person is to be sure. */
function notThere(task) {
  if (window.confirm(text("not_there_sure"))) settle(task, { found: false });
}

let asked = null; // the task that the dialog is about

/** A listing has got a number, which only Vinted tells. */
function there(task) {
  if (task.action !== "create_product") return settle(task, { found: true });
  asked = task;
  find("listing").value = "";
  find("settle").showModal();
}

/** The number in the listing's address, or alone. */
function readNumber(words) {
  const found = /^(\d+)$|\/items\/(\d+)/.exec(words);
  const number = Number(found?.[1] ?? found?.[2]);
  if (!Number.isSafeInteger(number)) throw new Error(text("bad_listing"));
  return number;
}

function answer(event) {
  event.preventDefault();
  try {
    const item_id = readNumber(find("listing").value.trim());
    find("settle").close();
    settle(asked, { found: true, item_id });
  } catch (error) {
    find("listing").setCustomValidity(error.message);
    find("listing").reportValidity();
  }
}

/** The buttons of an unknown task; none of any other. */
export function settling(task) {
  if (!isUnknown(task)) return [];
  return [
    button("there", () => there(task)),
    button("not_there", () => notThere(task)),
  ];
}

export function startSettle() {
  find("settle-form").addEventListener("submit", answer);
  find("settle-leave").addEventListener("click", () => find("settle").close());
  find("listing").addEventListener("input", () =>
    find("listing").setCustomValidity(""),
  );
}
