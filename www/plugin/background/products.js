/* SPDX-License-Identifier: MIT */

import { TaskError } from "./errors.js";
import { digitsOf } from "./json.js";
import { LOG } from "./log.js";
import { sellerId } from "./user.js";
import { wait } from "./wait.js";

const PER_PAGE = 20;
const PER_PAGE_MOST = 96;
const THROTTLE = 0.1; // seconds between pages
const PAGES_MOST = 5000; // an end for a site that always has one more

/**
 * The whole wardrobe.
 * @param {object} params user_id (else the seller's), throttle (seconds,
 *     default 0.1), per_page (1 to 96, default 20)
 * @returns {Promise<object>} {products, total}: total is what Vinted counts,
 *     so that a list which lacks something shows; null if it does not say
 */
export async function getAllProducts(params, { session, signal, onProgress }) {
  const user = digitsOf(await sellerId(params.user_id));
  if (!user) throw new TaskError("params.user_id n'est pas un identifiant");
  const perPage = Math.min(Number(params.per_page) || PER_PAGE, PER_PAGE_MOST);
  const pause = 1000 * Math.max(0, Number(params.throttle ?? THROTTLE));
  const products = new Map();
  let total = null;
  let pages = null;
  for (let page = 1; page <= (pages ?? PAGES_MOST); page++) {
    if (page > 1) await wait(pause, signal);
    const { items, pagination } = await readPage(session, user, page, perPage);
    for (const item of items) products.set(digitsOf(item?.id) ?? item, item);
    if (page === 1 || pagination)
      ({ total, pages } = countsOf(pagination, perPage, total, pages));
    if (page === 1) announce(total, pages);
    console.log(
      `${LOG} Page ${page}/${pages ?? "?"}: ${items.length} produits`,
    );
    onProgress(products.size, total, `Page ${page}/${pages ?? "?"}`);
    if (items.length === 0) break;
  }
  return { products: [...products.values()], total };
}

async function readPage(session, user, page, perPage) {
  const query = new URLSearchParams({ page, per_page: perPage });
  const path = `/api/v2/wardrobe/${user}/items?${query}`;
  const { data } = await session.call("GET", path);
  if (!Array.isArray(data?.items))
    throw new TaskError("Vinted a répondu autre chose qu'une liste", {
      status: 200,
      body: String(data).slice(0, 200),
    });
  return data;
}

/** The last page's word counts: a wardrobe may change while it is read. */
function countsOf(pagination, perPage, total, pages) {
  const entries = pagination?.total_entries ?? total;
  const count = pagination?.total_pages ?? pages;
  const reckoned = entries === null ? null : Math.ceil(entries / perPage);
  return { total: entries, pages: count ?? reckoned };
}

function announce(total, pages) {
  console.log(`${LOG} Total: ${total ?? "?"} produits, ${pages ?? "?"} pages`);
}
