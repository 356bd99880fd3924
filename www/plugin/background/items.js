/* SPDX-License-Identifier: MIT */

/* Items are changed in the form in which Vinted's own editor does it: the
 * whole item goes back, not only what has changed. */

import { TaskError } from "./errors.js";
import { digitsOf, idFrom } from "./json.js";
import { findInWardrobe } from "./lookup.js";
import { itemIn, photosOf } from "./proof.js";
import { wait } from "./wait.js";

const EDITOR = "/api/v2/item_upload/items";
const GONE = [404, 410];
const NO_WAY = [...GONE, 405]; // also of a route that is no more
const LOOKS = 3; // at an item that Vinted says it has deleted
const LOOK_AGAIN = 1000;

/** @returns {string} the digits of params.item_id */
export function itemId({ item_id }) {
  const digits = digitsOf(item_id);
  if (!digits) throw new TaskError("params.item_id n'est pas un identifiant");
  return digits;
}

/** @returns {string} the path of the item that params.item_id names */
export function itemPath(params) {
  return `/api/v2/items/${itemId(params)}`;
}

/** What goes around an item in the editor's requests. */
function envelope(item, session) {
  return {
    item: { ...item, temp_uuid: session },
    feedback_id: null,
    push_up: false,
    parcel: null,
    upload_session_id: session,
  };
}

/** Vinted takes one condition; the guide calls it status_ids. */
function fieldsOf({ status_ids, ...fields }) {
  if (Array.isArray(status_ids) && fields.status_id === undefined)
    [fields.status_id] = status_ids;
  return fields;
}

/**
 * @param {object} params the item's fields, as the guide has them; others are
 *     handed on as they are
 * @returns {Promise<object>} {item}
 */
export async function createProduct(params, { session }) {
  const item = {
    id: null,
    ...(await currencyOf(params, session)),
    brand_id: null,
    size_id: null,
    color_ids: [],
    package_size_id: 1,
    assigned_photos: [],
    item_attributes: [],
    ...fieldsOf(params),
  };
  const body = envelope(item, crypto.randomUUID());
  const { data } = await session.call("POST", EDITOR, { body });
  return { item: itemIn(data) };
}

/** The account's, where the task names none: Vinted alone knows it. */
async function currencyOf({ currency }, session) {
  if (currency) return { currency };
  const { currency: own } = await session.askUser();
  return typeof own === "string" && own ? { currency: own } : {};
}

/**
 * @param {object} params item_id, and the fields to change
 * @returns {Promise<object>} {item}
 */
export async function updateProduct(params, { session }) {
  const { item_id: _, ...fields } = params;
  return changeItem(session, itemId(params), fieldsOf(fields));
}

/**
 * Changes fields of an item and leaves the others as they are. What was not
 * read whole is not written: it would lose what it had.
 * @param {string} digits the item's id
 * @param {object|function(object): Promise<object>} fields the new ones, or
 *     what makes them of those known
 * @returns {Promise<object>} {item}
 */
export async function changeItem(session, digits, fields) {
  const path = `${EDITOR}/${digits}`;
  const { data: found } = await session.call("GET", path);
  const known = toEditor(itemIn(found));
  const changes = typeof fields === "function" ? await fields(known) : fields;
  const item = { ...known, ...changes, id: idFrom(digits) };
  const body = envelope(item, crypto.randomUUID());
  const { data } = await session.call("PUT", path, { body });
  return { item: itemIn(data) };
}

/** Some fields are told in one form and taken in another. */
function toEditor({ photos, price, ...item }) {
  const amount = price?.amount ?? price;
  const known = photosOf({ ...item, photos });
  return {
    ...item,
    ...(amount !== undefined && { price: amount }),
    assigned_photos: known.map(({ id, orientation }) => ({
      id,
      orientation: orientation ?? 0,
    })),
  };
}

/**
 * Deletes an item, and looks whether it is gone.
 * @param {object} params item_id
 * @returns {Promise<object>} {success: true}, also where it was gone already
 */
export async function deleteProduct(params, { session, signal }) {
  const path = itemPath(params);
  const isSaid = await askToDelete(session, path);
  const isShown = await isStillShown(session, path, isSaid ? LOOKS : 1, signal);
  // A 404 alone may be that of a route which is no more.
  const isThere =
    isShown ||
    (!isSaid && (await findInWardrobe(session, itemId(params), signal)));
  if (isThere)
    throw new TaskError(
      isSaid
        ? "Vinted dit avoir supprimé l'article, mais le montre encore"
        : "Vinted ne connaît plus cette demande de suppression : l'article " +
            "est encore en ligne",
      { code: isSaid ? "unreadable" : "refused" },
    );
  return { success: true };
}

/** By either request; whether Vinted says that it has done so. */
async function askToDelete(session, path) {
  for (const [method, route, body] of [
    ["POST", `${path}/delete`, {}],
    ["DELETE", path, undefined],
  ]) {
    const { status } = await session.call(method, route, {
      body,
      accept: NO_WAY,
    });
    if (status < 400) return true;
  }
  return false;
}

/** What was deleted a moment ago may still be in a cache. */
async function isStillShown(session, path, looks, signal) {
  for (let look = 1; look <= looks; look++) {
    if (look > 1) await wait(LOOK_AGAIN, signal);
    const { status } = await session.call("GET", path, { accept: GONE });
    if (status >= 400) return false;
  }
  return true;
}
