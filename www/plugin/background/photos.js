/* SPDX-License-Identifier: MIT */

import { TaskError, textOf } from "./errors.js";
import { changeItem, itemId } from "./items.js";

const TIMEOUT = 60_000;
const TYPES = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
};
const DATA_URL = /^data:([\w/+.-]+)?(?:;[\w=-]+)*;base64,/;

/**
 * Uploads a photo and adds it to an item, behind those that it has.
 * @param {object} params item_id, and photo_url or photo_data (base64, also as
 *     a data: URL), filename
 * @returns {Promise<object>} {photo: {id, url, …}, item_id}
 */
export async function uploadPhoto(params, context) {
  const { session } = context;
  const digits = itemId(params);
  const photo = await loadPhoto(params, context);
  await session.open();
  const { data } = await session.call("POST", "/api/v2/photos", {
    form: [
      { name: "photo[type]", value: "item" },
      { name: "photo[file]", ...photo },
      { name: "photo[temp_uuid]", value: crypto.randomUUID() },
    ],
  });
  const uploaded = data?.photo ?? data;
  if (!uploaded?.id)
    throw new TaskError("Vinted n'a pas rendu la photo", { body: data });
  await attach(session, digits, uploaded.id);
  return { photo: uploaded, item_id: params.item_id };
}

function attach(session, digits, id) {
  return changeItem(session, digits, ({ assigned_photos = [] }) => ({
    assigned_photos: [...assigned_photos, { id, orientation: 0 }],
  }));
}

/** {filename, type, base64} */
async function loadPhoto(params, { backendUrl, signal }) {
  const { photo_data: data, photo_url: url } = params;
  const photo = data
    ? fromBase64(data)
    : await fetchPhoto(url, backendUrl, signal);
  const ending = TYPES[photo.type];
  if (!ending) throw new TaskError(`Ce n'est pas une photo : ${photo.type}`);
  return { ...photo, filename: params.filename ?? `photo.${ending}` };
}

function fromBase64(data) {
  const match = DATA_URL.exec(data);
  const base64 = match ? data.slice(match[0].length) : data;
  return { base64, type: typeOf(base64) ?? match?.[1] };
}

/** By the first bytes, as they look in base64. */
function typeOf(base64) {
  if (base64.startsWith("/9j/")) return "image/jpeg";
  if (base64.startsWith("iVBORw0KGgo")) return "image/png";
  if (base64.startsWith("UklGR")) return "image/webp";
  return null;
}

async function fetchPhoto(url, backendUrl, signal) {
  try {
    const limit = AbortSignal.timeout(TIMEOUT);
    const response = await fetch(new URL(url, `${backendUrl}/`), {
      credentials: "omit",
      signal: AbortSignal.any([limit, signal]),
    });
    if (!response.ok) throw new Error(`statut ${response.status}`);
    const base64 = toBase64(await response.arrayBuffer());
    return { base64, type: typeOf(base64) ?? mediaType(response) };
  } catch (error) {
    if (signal.aborted) throw error;
    throw new TaskError(`Photo inaccessible : ${url} : ${textOf(error)}`);
  }
}

function mediaType(response) {
  return (response.headers.get("Content-Type") ?? "").split(";")[0].trim();
}

function toBase64(buffer) {
  const bytes = new Uint8Array(buffer);
  let binary = "";
  const step = 0x8000; // as many arguments as every engine takes
  for (let at = 0; at < bytes.length; at += step)
    binary += String.fromCharCode(...bytes.subarray(at, at + step));
  return btoa(binary);
}
