/* SPDX-License-Identifier: MIT */

/* What proves that Vinted did what it was asked. A call has succeeded only if
 * its row says so of the answer: its status, JSON, a `code` of 0 or none, and
 * what the JSON must hold. Anything else is a failure, in Vinted's own words
 * where it has some, whose `data` tells its code (see errors.js) and status,
 * statusText and body of the answer, where there was one. */

import { STALE_TOKEN, TaskError } from "./errors.js";
import { digitsOf, parseBody } from "./json.js";
import { cut } from "./text.js";

const BODY_SHOWN = 2000;
const WORDS_SHOWN = 300;
const LOOK = "Vérifier sur Vinted avant de recommencer";

const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value) => Number.isInteger(value) && value >= 0;

/** Some answers have the item under its name, some are the item. */
export const itemIn = (data) => data?.item ?? data;
export const photoIn = (data) => data?.photo ?? data;
export const statsIn = (data) => data?.stats ?? data?.item ?? data;

export const COUNTS = ["view_count", "favourite_count", "message_count"];

/** An item that bears no count at all says nothing of them. */
export const hasCounts = (stats) =>
  COUNTS.some((name) => isCount(stats?.[name]));

const isItem = (data, id) => digitsOf(itemIn(data)?.id) === id;

const sizeOf = (list) => (Array.isArray(list) ? list.length : 1);
const haveIds = (list) =>
  Array.isArray(list) && list.every((one) => digitsOf(one?.id) !== null);

/**
 * Those of the fuller of two members: what goes back without a photo loses it.
 * @returns {?object[]} null where it is not right
 */
export function photosOf({ photos, assigned_photos }) {
  const told = [photos, assigned_photos].filter((list) => list != null);
  const most = Math.max(...told.map(sizeOf));
  const fullest = told.filter((list) => sizeOf(list) === most);
  return fullest.find(haveIds) ?? null;
}

/** Whole enough to go back. */
function isEditable(data, id) {
  const item = itemIn(data);
  return (
    isItem(data, id) &&
    typeof item.title === "string" &&
    photosOf(item) !== null
  );
}

const ROWS = [
  {
    call: "GET /api/v2/users/current",
    lacks: "l'utilisateur",
    holds: ({ user }) => digitsOf(user?.id) !== null,
  },
  {
    call: "GET /api/v2/wardrobe/ID/items",
    lacks: "la liste des articles",
    holds: ({ items }) => Array.isArray(items),
  },
  { call: "GET /api/v2/items/ID", lacks: "l'article", holds: isItem },
  {
    call: "GET /api/v2/items/ID/stats",
    lacks: "les chiffres",
    holds: (data) => hasCounts(statsIn(data)),
  },
  {
    call: "POST /api/v2/item_upload/items",
    once: true,
    lacks: "l'article",
    holds: (data) => digitsOf(itemIn(data)?.id) !== null,
  },
  {
    call: "GET /api/v2/item_upload/items/ID",
    lacks: "l'article entier",
    holds: isEditable,
  },
  {
    call: "PUT /api/v2/item_upload/items/ID",
    lacks: "l'article",
    holds: isItem,
  },
  { call: "POST /api/v2/items/ID/delete" },
  { call: "DELETE /api/v2/items/ID", empty: true },
  {
    call: "POST /api/v2/photos",
    once: true,
    lacks: "la photo",
    holds: (data) => digitsOf(photoIn(data)?.id) !== null,
  },
];

/* once: no second try could make up for a first that was done after all;
 * empty: a 204 is as good as JSON. */
const TABLE = ROWS.map(({ call, ...row }) => ({
  once: false,
  empty: false,
  lacks: "",
  holds: () => true,
  ...row,
  pattern: new RegExp(`^${call.replace("ID", "(\\d+)")}$`),
}));

/** @returns {boolean} whether the request may change something at Vinted */
export const isWrite = (method) => method !== "GET" && method !== "HEAD";

function rowOf(method, path) {
  const call = `${method} ${path.split("?")[0]}`;
  for (const row of TABLE) {
    const match = row.pattern.exec(call);
    if (match) return { ...row, id: match[1] };
  }
  throw new Error(`no proof of ${call}`);
}

/* What anti-bot layers put before Vinted. Cloudflare marks its pages with a
 * header (developers.cloudflare.com/cloudflare-challenges, "Detect a challenge
 * page response"); DataDome answers 403 with the address of its captcha, on
 * captcha-delivery.com. Under another status only a whole page of theirs
 * counts: Vinted's own pages load scripts of both. */
const BLOCKING = [403, 429, 503];
const MARK = /captcha|datadome/i;
const PAGE =
  /captcha-delivery\.com|<title>\s*(?:just a moment|attention required)/i;

const typeOf = ({ headers }) => headers?.["content-type"] ?? "";

/**
 * @param {object} answer as content/proxy.js has it
 * @returns {boolean} whether an anti-bot page came instead of Vinted's answer
 */
export function isBlock({ status, headers, text = "" }) {
  if (status === undefined) return false;
  if (headers?.["cf-mitigated"]) return true;
  const isPage = /\bhtml\b/.test(typeOf({ headers })) || /^\s*</.test(text);
  if (!BLOCKING.includes(status)) return isPage && PAGE.test(text);
  return isPage || MARK.test(text);
}

/** What the answer says, null where that is no JSON object. */
function jsonOf(answer) {
  const data = /\bjson\b/.test(typeOf(answer)) ? parseBody(answer.text) : null;
  return isObject(data) ? data : null;
}

const isText = (value) => typeof value === "string" || isCount(value);

/** {field, value} or {name: [value, …]}, as texts. */
function errorsOf(errors) {
  if (Array.isArray(errors))
    return errors.map((error) =>
      isText(error)
        ? error
        : [error?.field, error?.value ?? error?.message]
            .filter(isText)
            .join(" : "),
    );
  return Object.entries(isObject(errors) ? errors : {}).map(
    ([field, value]) =>
      `${field} : ${[value].flat().filter(isText).join(", ")}`,
  );
}

/**
 * @param {*} data what Vinted answered
 * @returns {string} why it says no, in its own words; "" if it has none
 */
export function wordsOf(data) {
  if (!isObject(data)) return "";
  const general = data.message ?? data.error ?? data.message_code;
  const words = [general, ...errorsOf(data.errors)].filter(isText);
  const line = words.filter((word) => word !== "").join(" ; ");
  return cut(line.replace(/[\p{Cc}\p{Cf}]+/gu, " ").trim(), WORDS_SHOWN);
}

/** What the backend is told of an answer that is no success. */
const shown = (code, { status = 0, statusText = "", text = "" }) => ({
  code,
  status,
  statusText,
  body: cut(text, BODY_SHOWN),
});

const failure = (code, message, answer) =>
  new TaskError(message, shown(code, answer));

const blocked = (answer) =>
  failure(
    "blocked",
    `Vinted a répondu ${answer.status} et demande un captcha, ou montre une ` +
      "autre page contre les robots : la passer dans l'onglet Vinted, puis " +
      "reprendre la file",
    answer,
  );

/** No row could say more of these. */
function refusal(answer, data, isOnce) {
  const { status } = answer;
  const words = wordsOf(data);
  const message = `Vinted a répondu ${status}${words && ` : ${words}`}`;
  if (status === 429) return failure("limited", message, answer);
  // 100 is Vinted's "invalid_authentication_token".
  if (status === 401 || (status === 403 && (!words || data.code === 100)))
    return failure("signed_out", STALE_TOKEN, answer);
  if (status < 500) return failure("refused", message, answer);
  if (isOnce) return failure("unknown", `${message}. ${LOOK}`, answer);
  return failure("unreadable", message, answer);
}

/** Nobody can say what became of it. */
function unproven(what, answer, isOnce) {
  const message = `Vinted a répondu ${answer.status} ${what}`;
  if (isOnce) return failure("unknown", `${message}. ${LOOK}`, answer);
  return failure("unreadable", message, answer);
}

function silence(method, answer) {
  const code = isWrite(method) ? "unknown" : "unreadable";
  return failure(code, `Vinted ne répond pas : ${answer.error}`, answer);
}

/**
 * @param {string} method
 * @param {string} path of Vinted's interface
 * @param {object} answer as content/proxy.js has it
 * @returns {object} {data}, or {failure: TaskError}
 */
export function judge(method, path, answer) {
  const { id, once, empty, lacks, holds } = rowOf(method, path);
  const { status } = answer;
  if (status === undefined) return { failure: silence(method, answer) };
  if (isBlock(answer)) return { failure: blocked(answer) };
  const data = jsonOf(answer);
  if (status >= 400) return { failure: refusal(answer, data, once) };
  if (status === 204 && empty) return { data: null };
  if (status < 200 || status >= 300 || !data)
    return { failure: unproven("autre chose que du JSON", answer, once) };
  if (Number(data.code ?? 0) !== 0) {
    const words = wordsOf(data) || `code ${data.code}`;
    const message = `Vinted a répondu ${status}, mais refuse : ${words}`;
    return { failure: failure("unreadable", message, answer) };
  }
  if (holds(data, id)) return { data };
  return { failure: unproven(`sans ${lacks}`, answer, once) };
}
