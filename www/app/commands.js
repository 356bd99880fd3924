// SPDX-License-Identifier: MIT
/** What a person may do to a task. */

import { post } from "./api.js";
import { button } from "./dom.js";
import { act } from "./live.js";
import { isUnknown, settling } from "./settle.js";
import { text } from "./texts.js";

const cancel = (task) =>
  act(async () => {
    await post(`tasks/${task.task_id}/cancel`);
  });

/** Doing again what may have been done needs a person's word: that of which
 * this is known is not even tried without. */
const retry = (task) =>
  act(async () => {
    const force = isUnknown(task);
    if (force && !window.confirm(text("retry_risk"))) return;
    try {
      await post(`tasks/${task.task_id}/retry`, force ? { force } : {});
    } catch (error) {
      if (error.code !== "not_repeatable") throw error;
      if (window.confirm(text("retry_risk")))
        await post(`tasks/${task.task_id}/retry`, { force: true });
    }
  });

/** The buttons that a task in its state allows. */
export function commands(task) {
  const live = task.status === "pending" || task.status === "executing";
  if (live && task.cancel_requested) return [];
  return live
    ? [button("cancel", () => cancel(task), "bad")]
    : [...settling(task), button("retry", () => retry(task))];
}
