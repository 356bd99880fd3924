/* SPDX-License-Identifier: MIT */

import { AccountError } from "./account.js";
import { TAB_LOST, TaskError } from "./errors.js";
import { changeItem, itemId } from "./items.js";
import { jittered, wait } from "./wait.js";

const THROTTLE = 1; // seconds between two writes, at most
const GOING_ON = ["refused", "unreadable", "unknown"]; // of this item alone

/**
 * @param {object} params updates: [{item_id, price}], throttle (seconds)
 * @returns {Promise<object>} {updated, failed, total, results}
 * @throws {TaskError} when Vinted wants no more of it; its data counts, too
 */
export async function updatePrices(params, { session, signal, onProgress }) {
  const { updates } = params;
  if (!Array.isArray(updates) || updates.length === 0)
    throw new TaskError("params.updates est vide");
  const pause = 1000 * Math.max(0, Number(params.throttle ?? THROTTLE));
  const results = [];
  try {
    for (const update of updates) {
      if (results.length > 0) await wait(jittered(pause), signal);
      await changePrice(session, update, results);
      onProgress(results.length, updates.length, `Article ${update?.item_id}`);
    }
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    const told = tally(results, updates.length);
    throw new TaskError(error.message, { ...error.data, ...told });
  }
  return tally(results, updates.length);
}

/** @throws {TaskError} what would be the same for the next item */
async function changePrice(session, update, results) {
  const { item_id, price } = update ?? {};
  try {
    await changeItem(session, itemId({ item_id }), { price });
    results.push({ item_id, success: true });
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    const { status, code } = error.data ?? {};
    const { message } = error;
    results.push({ item_id, success: false, status, code, error: message });
    if (!isItsOwn(error)) throw error;
  }
}

/** The tab and the account are the same for all; a 403 is meant for them. */
function isItsOwn(error) {
  const { message, data } = error;
  if (error instanceof AccountError || message === TAB_LOST) return false;
  if (data?.status === 403) return false;
  return !data?.code || GOING_ON.includes(data.code);
}

function tally(results, total) {
  const updated = results.filter((result) => result.success).length;
  return { updated, failed: total - updated, total, results };
}
