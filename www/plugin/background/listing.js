/* SPDX-License-Identifier: MIT */

/* An item of a wardrobe as it goes to the backend. Vinted tells some 18 KB of
 * each; what is used of it is a twentieth, and a wardrobe of 20,000 must fit
 * into one request. */

import { digitsOf } from "./json.js";

const MEMBERS = [
  "id",
  "title",
  "price",
  "currency",
  "brand",
  "brand_dto",
  "brand_id",
  "brand_title",
  "size",
  "size_title",
  "status",
  "status_title",
  "description",
  "view_count",
  "favourite_count",
  "message_count",
  "is_draft",
  "is_hidden",
  "is_closed",
  "is_reserved",
  "item_closing_action",
];

/** Of a member that is an object. */
const INNER = ["id", "title", "amount", "currency_code"];

const SIZE_MOST = 24 * 1024 * 1024; // backends take 32 MiB, unless told less
const FEWER = [8, 4, 2, 1]; // photos of each, until the list fits

/**
 * @param {*} item as Vinted lists it, in any of its shapes
 * @param {string} site the origin that relative addresses are meant to be of
 * @returns {?object} what is used of it; null if it is no item
 */
export function productOf(item, site) {
  if (!item || !digitsOf(item.id)) return null;
  const product = {};
  for (const name of MEMBERS)
    if (isTold(item[name])) product[name] = slim(item[name]);
  const url = absolute(item.url, site) ?? absolute(item.path, site);
  if (url) product.url = url;
  const photos = Array.isArray(item.photos) ? item.photos : [item.photo];
  const slimmed = photosOf(photos, site);
  if (slimmed.length > 0) product.photos = slimmed;
  return product;
}

function isTold(value) {
  return value !== undefined && value !== null && value !== "";
}

/** Exact ids are objects as well; see json.js. */
function slim(value) {
  if (typeof value !== "object" || digitsOf(value)) return value;
  const kept = INNER.filter((name) => isTold(value[name]));
  return Object.fromEntries(kept.map((name) => [name, value[name]]));
}

/** The address as it can be opened from anywhere; null if it cannot. */
function absolute(address, site) {
  if (typeof address !== "string" || address === "") return null;
  const url = URL.canParse(address, site) ? new URL(address, site) : null;
  return /^https?:$/.test(url?.protocol) ? url.href : null;
}

/** Their addresses, and their ids, by which a listing is known again. The first
 * also tells when the oldest of them was put up, which is when the item was. */
function photosOf(photos, site) {
  const times = photos
    .map((photo) => photo?.high_resolution?.timestamp)
    .filter((time) => Number.isInteger(time) && time > 0);
  const list = photos
    .map((photo) => ({
      ...(digitsOf(photo?.id) && { id: photo.id }),
      url: addressOf(photo, site),
    }))
    .filter(({ url }) => url);
  if (list.length > 0 && times.length > 0)
    list[0].high_resolution = { timestamp: Math.min(...times) };
  return list;
}

function addressOf(photo, site) {
  if (typeof photo === "string") return absolute(photo, site);
  const { url, full_size_url, high_resolution } = photo ?? {};
  for (const each of [url, full_size_url, high_resolution?.url])
    if (absolute(each, site)) return absolute(each, site);
  return null;
}

/**
 * @param {object[]} products as productOf makes them
 * @returns {object[]} the same with fewer photos and at last without
 *     descriptions, if they would be too much for one request
 */
export function fit(products) {
  if (sizeOf(products) <= SIZE_MOST) return products;
  for (const most of FEWER) {
    const list = products.map((product) => cutPhotos(product, most));
    if (sizeOf(list) <= SIZE_MOST) return list;
  }
  return products.map(({ description: _, ...product }) =>
    cutPhotos(product, 1),
  );
}

function cutPhotos(product, most) {
  if (!product.photos) return product;
  return { ...product, photos: product.photos.slice(0, most) };
}

function sizeOf(products) {
  const encoder = new TextEncoder();
  const length = (each) => encoder.encode(JSON.stringify(each)).length + 1;
  return products.reduce((sum, each) => sum + length(each), 0);
}
