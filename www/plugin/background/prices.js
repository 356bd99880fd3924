/* SPDX-License-Identifier: MIT */

import { AccountError } from "./account.js";
import { NO_TAB, TAB_LOST, TaskError } from "./errors.js";
import { changeItem, itemId } from "./items.js";
import { jittered, wait } from "./wait.js";

const THROTTLE = 1; // seconds between two writes, at most
const STOPPING = [401, 403, 429];
const WITHOUT_TAB = [NO_TAB, TAB_LOST];

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
  for (const update of updates) {
    if (results.length > 0) await wait(jittered(pause), signal);
    const done = tally(results, updates.length);
    const result = await changePrice(session, update, signal).catch((error) => {
      throw withTally(error, done);
    });
    results.push(result);
    onProgress(results.length, updates.length, `Article ${update.item_id}`);
    if (STOPPING.includes(result.status))
      throw new TaskError(result.error, {
        status: result.status,
        ...tally(results, updates.length),
      });
  }
  return tally(results, updates.length);
}

async function changePrice(session, update, signal) {
  const { item_id, price } = update ?? {};
  try {
    await changeItem(session, itemId({ item_id }), { price });
    return { item_id, success: true };
  } catch (error) {
    if (!(error instanceof TaskError) || signal.aborted) throw error;
    if (WITHOUT_TAB.includes(error.message)) throw error;
    if (error instanceof AccountError) throw error;
    const status = error.data?.status;
    return { item_id, success: false, status, error: error.message };
  }
}

/** What was changed before the account was another one counts, too. */
function withTally(error, done) {
  if (!(error instanceof AccountError)) return error;
  return new AccountError(error.message, { ...error.data, ...done });
}

function tally(results, total) {
  const updated = results.filter((result) => result.success).length;
  return { updated, failed: total - updated, total, results };
}
