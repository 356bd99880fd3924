/* SPDX-License-Identifier: MIT */

import { TaskError } from "./errors.js";
import { digitsOf } from "./json.js";
import { wait } from "./wait.js";

const PER_PAGE = 96;
const PAUSE = 100; // milliseconds between two pages

/**
 * Whether the seller's own wardrobe lists an item, page after page.
 * @param {string} digits the item's id
 * @returns {Promise<boolean>} false only if the list is whole
 * @throws {TaskError} it is not
 */
export async function findInWardrobe(session, digits, signal) {
  const { id } = await session.askUser();
  const path = `/api/v2/wardrobe/${digitsOf(id)}/items`;
  const seen = new Set();
  let total = null;
  for (let page = 1, pages = 1; page <= pages; page++) {
    if (page > 1) await wait(PAUSE, signal);
    const query = `page=${page}&per_page=${PER_PAGE}`;
    const { data } = await session.call("GET", `${path}?${query}`);
    const ids = data.items.map((item) => digitsOf(item?.id));
    if (ids.includes(digits)) return true;
    ids.forEach((id) => id && seen.add(id));
    total = data.pagination?.total_entries ?? null;
    pages = data.pagination?.total_pages ?? 1;
  }
  if (seen.size === total) return false;
  throw new TaskError(
    "Vinted n'a pas montré toute l'armoire : on ne sait pas " +
      "si l'article est encore en ligne",
    { code: "unreadable" },
  );
}
