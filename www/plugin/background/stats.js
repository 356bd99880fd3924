/* SPDX-License-Identifier: MIT */

import { itemPath } from "./items.js";

const COUNTS = ["view_count", "favourite_count", "message_count"];

/**
 * @param {object} params item_id
 * @returns {Promise<object>} the three counts; null for one Vinted keeps back
 */
export async function getStats(params, { session }) {
  const path = itemPath(params);
  const accept = [404];
  const stats = await session.call("GET", `${path}/stats`, { accept });
  if (stats.status !== 404 && hasCounts(stats.data)) return counts(stats.data);
  const { data } = await session.call("GET", path);
  return counts(data?.item ?? data);
}

function sourceOf(data) {
  return data?.stats ?? data?.item ?? data ?? {};
}

function hasCounts(data) {
  return Number.isInteger(sourceOf(data).view_count);
}

function counts(data) {
  const source = sourceOf(data);
  return Object.fromEntries(COUNTS.map((name) => [name, source[name] ?? null]));
}
