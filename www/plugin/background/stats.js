/* SPDX-License-Identifier: MIT */

import { TaskError } from "./errors.js";
import { itemPath } from "./items.js";
import { COUNTS, hasCounts, itemIn, statsIn } from "./proof.js";

/** Why the item itself is asked: not every site has the route. */
const ELSEWHERE = ["refused", "unreadable"];

/**
 * @param {object} params item_id
 * @returns {Promise<object>} the three counts; null for one Vinted keeps back,
 *     but not for all three
 */
export async function getStats(params, { session }) {
  const path = itemPath(params);
  try {
    const { data } = await session.call("GET", `${path}/stats`);
    return counts(statsIn(data));
  } catch (error) {
    if (!ELSEWHERE.includes(error.data?.code)) throw error;
  }
  const { data } = await session.call("GET", path);
  const item = itemIn(data);
  if (hasCounts(item)) return counts(item);
  throw new TaskError("Vinted ne montre ni vues ni favoris de cet article", {
    code: "unreadable",
  });
}

const counts = (source) =>
  Object.fromEntries(COUNTS.map((name) => [name, source[name] ?? null]));
