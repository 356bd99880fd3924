// SPDX-License-Identifier: MIT
/** The Vinted account that the queue is for; where the browser is signed in
 * with another one, what a person may do about that; and what becomes of the
 * tasks that were meant for the one before. */

import { Refusal, get, post, postOwn } from "./api.js";
import { find } from "./dom.js";
import { act } from "./live.js";
import { counted, moment, pauseAccounts, pauseIsChange, text } from "./texts.js";

/** "login (number)", or the number alone. */
export const nameOf = ({ login, id }) =>
  login ? `${login} (${id})` : String(id);

let names = []; // of the queue's account and of the other one

function showOther(account, other) {
  find("other").hidden = !other;
  if (!other) return;
  names = [nameOf(account ?? { id: "?" }), nameOf(other)];
  find("other-seen").textContent =
    text("other_seen", ...names, moment(other.seen_at));
  find("other-back").textContent = text("other_back", ...names);
}

/** `status` is what plugin/status said. Whether the queue is paused because of
 * another account, or of one that was changed: that is shown here, then. */
export function showAccount({ account, other_account: other, paused }) {
  const words = account ? [text("account", nameOf(account))] : [];
  if (account?.since) words.push(text("since", moment(account.since)));
  find("account").textContent = words.join(" · ");
  const numbers = paused ? pauseAccounts(paused.reason) : null;
  const [found, own] = numbers ?? [];
  showOther(
    account ?? (numbers && { id: own }),
    other ?? (numbers && { id: found, seen_at: paused.since }),
  );
  find("other-resume").hidden = numbers === null;
  const held = Boolean(paused) && pauseIsChange(paused.reason);
  find("held").hidden = !held;
  return numbers !== null || held;
}

async function all(status) {
  const found = [];
  let cursor = null;
  do {
    const list = await get("tasks", { status, limit: 500, cursor });
    found.push(...list.tasks);
    cursor = list.next_cursor;
  } while (cursor !== null);
  return found;
}

async function cancel(task) {
  try {
    await post(`tasks/${task.task_id}/cancel`);
    return 1;
  } catch (error) {
    // It has gone, or has ended, by itself.
    if (!(error instanceof Refusal) || ![404, 409].includes(error.status))
      throw error;
    return 0;
  }
}

/** All that waits was meant for another shop, and what a plugin has, which it
 * may put off; then the queue goes on. */
const giveUp = (resume) =>
  act(async () => {
    let count = 0;
    for (const status of ["pending", "executing"])
      for (const task of await all(status)) count += await cancel(task);
    await resume();
    return counted("cancelled", count);
  });

/** Another shop is to be worked for, so a person is asked. */
function change() {
  if (!window.confirm(text("other_confirm", ...names))) return;
  act(async () => {
    await postOwn("account/change", {});
    return text("other_changed", ...names);
  });
}

/** `resume` lets the queue go on. */
export function startAccount(resume) {
  find("other-change").addEventListener("click", change);
  for (const id of ["other-resume", "held-resume"])
    find(id).addEventListener("click", () => act(resume));
  find("held-cancel").addEventListener("click", () => giveUp(resume));
}
