/* SPDX-License-Identifier: MIT */

import { TaskError } from "./errors.js";
import { fetchPhoto } from "./fetched.js";
import { changeItem, itemId } from "./items.js";
import { PHOTO_MOST, kindOf, toBase64, toBytes } from "./picture.js";
import { photoIn } from "./proof.js";

const DATA_URL = /^data:[\w/+.-]*(?:;[\w=-]+)*;base64,/;

/**
 * Uploads a photo and adds it to an item, behind those that it has.
 * @param {object} params item_id, and photo_url or photo_data (base64, also as
 *     a data: URL), filename
 * @returns {Promise<object>} {photo: {id, url, …}, item_id}
 */
export async function uploadPhoto(params, context) {
  const { session } = context;
  const photo = await loadPhoto(params, context);
  let uploaded;
  // Within: an item that cannot be read is not given a photo.
  await changeItem(session, itemId(params), async ({ assigned_photos }) => {
    uploaded = await upload(photo, session);
    const { id } = uploaded;
    return { assigned_photos: [...assigned_photos, { id, orientation: 0 }] };
  });
  return { photo: uploaded, item_id: params.item_id };
}

async function upload(photo, session) {
  const { data } = await session.call("POST", "/api/v2/photos", {
    form: [
      { name: "photo[type]", value: "item" },
      { name: "photo[file]", ...photo },
      { name: "photo[temp_uuid]", value: crypto.randomUUID() },
    ],
  });
  return photoIn(data);
}

/** {filename, type, base64}: its kind is what its bytes say, nothing else. */
async function loadPhoto(params, { backendUrl, signal }) {
  const { photo_data: data, photo_url: url } = params;
  const bytes = data
    ? toBytes(String(data).replace(DATA_URL, ""))
    : await fetchPhoto(url, backendUrl, signal);
  if (bytes?.length > PHOTO_MOST) throw new TaskError("La photo dépasse 20 Mo");
  const kind = bytes && kindOf(bytes);
  if (!kind) throw new TaskError("Ce n'est pas une photo JPEG, PNG ou WebP");
  const { type, ending } = kind;
  const filename = params.filename ?? `photo.${ending}`;
  return { type, filename, base64: toBase64(bytes) };
}
