/* SPDX-License-Identifier: MIT */

/** The bytes that a photo may have. */
export const PHOTO_MOST = 20 * 1024 * 1024;

/* By the bytes that each must begin with; null is any byte. */
const ascii = (text) => [...text].map((letter) => letter.charCodeAt(0));
const ANY = [null, null, null, null];
const KINDS = [
  { type: "image/jpeg", ending: "jpg", begins: [[0xff, 0xd8, 0xff]] },
  {
    type: "image/png",
    ending: "png",
    begins: [[0x89, ...ascii("PNG\r\n\x1a\n"), 0, 0, 0, 13, ...ascii("IHDR")]],
  },
  {
    type: "image/webp",
    ending: "webp",
    begins: ["VP8 ", "VP8L", "VP8X"].map((chunk) => [
      ...ascii("RIFF"),
      ...ANY,
      ...ascii("WEBP"),
      ...ascii(chunk),
    ]),
  },
];

/**
 * @param {Uint8Array} bytes
 * @returns {?object} {type, ending}, null if it is none of the kinds that
 *     Vinted takes
 */
export function kindOf(bytes) {
  const fits = (begin) =>
    begin.every((byte, at) => byte === null || byte === bytes[at]);
  return KINDS.find(({ begins }) => begins.some(fits)) ?? null;
}

/** @returns {?Uint8Array} null where the text is no base64 */
export function toBytes(base64) {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

export function toBase64(bytes) {
  let binary = "";
  const step = 0x8000; // as many arguments as every engine takes
  for (let at = 0; at < bytes.length; at += step)
    binary += String.fromCharCode(...bytes.subarray(at, at + step));
  return btoa(binary);
}
