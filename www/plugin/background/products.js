/* SPDX-License-Identifier: MIT */

import { isSame } from "./account.js";
import { TAB_LOST, TaskError } from "./errors.js";
import { digitsOf } from "./json.js";
import { fit, productOf } from "./listing.js";
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
 * @returns {Promise<object>} {products, total, complete, reason, owner}: total
 *     is what Vinted counts, null if it does not say; owner is whether it was
 *     the seller who looked, since strangers are not shown everything; only a
 *     complete list says by what it lacks that something is gone, and reason
 *     is why it is not complete
 */
export async function getAllProducts(params, { session, signal, onProgress }) {
  const user = digitsOf(await sellerId(params.user_id));
  if (!user) throw new TaskError("params.user_id n'est pas un identifiant");
  const perPage = Math.min(Number(params.per_page) || PER_PAGE, PER_PAGE_MOST);
  const pause = 1000 * Math.max(0, Number(params.throttle ?? THROTTLE));
  await session.open();
  const list = new List(session.site);
  let pages = null;
  for (let page = 1; page <= (pages ?? PAGES_MOST); page++) {
    if (page > 1) await wait(pause, signal);
    const { items, pagination } = await readPage(session, user, page, perPage);
    list.add(items, pagination);
    pages = pagesOf(pagination, perPage) ?? pages;
    if (page === 1) announce(list.total, pages);
    console.log(
      `${LOG} Page ${page}/${pages ?? "?"}: ${items.length} produits`,
    );
    onProgress(list.size, list.total, `Page ${page}/${pages ?? "?"}`);
    if (items.length === 0) break;
  }
  return list.told(await whoLooked(session, user));
}

async function readPage(session, user, page, perPage) {
  const query = new URLSearchParams({ page, per_page: perPage });
  const path = `/api/v2/wardrobe/${user}/items?${query}`;
  const { data } = await session.call("GET", path);
  return data;
}

/** How many there are by the last page that was read: this may change. */
function pagesOf(pagination, perPage) {
  if (pagination?.total_pages !== undefined) return pagination.total_pages;
  const entries = pagination?.total_entries;
  return entries === undefined ? null : Math.ceil(entries / perPage);
}

function announce(total, pages) {
  console.log(`${LOG} Total: ${total ?? "?"} produits, ${pages ?? "?"} pages`);
}

/** Why the view was not the owner's; null if it was, from beginning to end. */
async function whoLooked(session, user) {
  const before = session.account;
  if (!before) return "Personne n'est connecté à Vinted";
  if (!isSame(before.id, user))
    return `${before.login ?? digitsOf(before.id)} est connecté`;
  const after = await session.askAgain().catch(unlessLost);
  return isSame(after?.id, user) ? null : "La session a changé entre-temps";
}

/** A tab that is closed now does not undo what was read in it. */
function unlessLost(error) {
  if (error.message !== TAB_LOST) throw error;
}

/** What the pages have told until now. */
class List {
  #site;
  #products = new Map();
  #totals = new Set(); // null for a page that told none
  #strange = 0;
  #twice = 0;

  constructor(site) {
    this.#site = site;
  }

  add(items, pagination) {
    this.#totals.add(pagination?.total_entries ?? null);
    for (const item of items) {
      const product = productOf(item, this.#site);
      const digits = product && digitsOf(product.id);
      if (!product) this.#strange++;
      else if (this.#products.has(digits)) this.#twice++;
      if (product) this.#products.set(digits, product);
    }
  }

  get size() {
    return this.#products.size;
  }

  /** Where pages differ, the most: so that what is missing shows. */
  get total() {
    const told = [...this.#totals].filter(Number.isInteger);
    return told.length > 0 ? Math.max(...told) : null;
  }

  /** @param {?string} stranger why it was not the owner who looked */
  told(stranger) {
    const reason = this.#reason(stranger);
    if (reason) console.warn(`${LOG} ⚠️ Liste partielle : ${reason}`);
    return {
      products: fit([...this.#products.values()]),
      total: this.total,
      complete: reason === null,
      reason,
      owner: stranger === null,
    };
  }

  #reason(stranger) {
    const { size, total } = this;
    if (stranger)
      return (
        `${stranger} : les articles masqués et les brouillons ne se voient ` +
        "que connecté au compte de la garde-robe"
      );
    if (total === null) return "Vinted n'a pas dit combien il y a d'articles";
    if (this.#totals.size > 1)
      return "La garde-robe a changé pendant la lecture";
    if (this.#strange > 0)
      return `Éléments qui ne sont pas des articles : ${this.#strange}`;
    if (this.#twice > 0) return `Articles listés deux fois : ${this.#twice}`;
    return size === total ? null : `Articles lus : ${size} sur ${total}`;
  }
}
