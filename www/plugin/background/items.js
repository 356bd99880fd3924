/* SPDX-License-Identifier: MIT */

/* Items are changed in the form in which Vinted's own editor does it: the
 * whole item goes back, not only what has changed. */

import { TaskError } from "./errors.js";
import { digitsOf, idFrom } from "./json.js";

const EDITOR = "/api/v2/item_upload/items";
const GONE = [404, 410];

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
    currency: "EUR",
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
  return itemOf(data);
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
 * Changes fields of an item and leaves the others as they are.
 * @param {string} digits the item's id
 * @param {object|function(object): object} fields the new ones, or what makes
 *     them of those known
 * @returns {Promise<object>} {item}
 */
export async function changeItem(session, digits, fields) {
  const path = `${EDITOR}/${digits}`;
  const known = await readItem(session, digits);
  const changes = typeof fields === "function" ? fields(known) : fields;
  const item = { ...known, ...changes, id: idFrom(digits) };
  const body = envelope(item, crypto.randomUUID());
  const { data } = await session.call("PUT", path, { body });
  return data?.item || data?.id ? itemOf(data) : { item };
}

/** The item as the editor has it, {} where Vinted shows none. */
async function readItem(session, digits) {
  const path = `${EDITOR}/${digits}`;
  const { status, data } = await session.call("GET", path, { accept: [404] });
  const item = status === 404 ? null : (data?.item ?? data);
  if (!item || typeof item !== "object") return {};
  return toEditor(item);
}

/** Some fields are told in one form and taken in another. */
function toEditor({ photos, price, ...item }) {
  const amount = price?.amount ?? price;
  const assigned = (photos ?? []).map(({ id, orientation }) => ({
    id,
    orientation: orientation ?? 0,
  }));
  return {
    ...item,
    ...(amount !== undefined && { price: amount }),
    ...(photos && { assigned_photos: assigned }),
  };
}

/**
 * @param {object} params item_id
 * @returns {Promise<object>} {success: true}, also where it was gone already
 */
export async function deleteProduct(params, { session }) {
  const path = itemPath(params);
  const accept = [...GONE, 405];
  const done = await session.call("POST", `${path}/delete`, {
    body: {},
    accept,
  });
  if (done.status >= 400) await session.call("DELETE", path, { accept: GONE });
  return { success: true };
}

function itemOf(data) {
  const item = data?.item ?? data;
  if (!item?.id)
    throw new TaskError("Vinted n'a pas rendu l'article", { body: data });
  return { item };
}
