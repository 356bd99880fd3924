/* SPDX-License-Identifier: MIT */

/* Requests that the backend has written itself. What Vinted answers, be it a
 * refusal, is the result: the backend knows what it makes of it. */

import { AccountError } from "./account.js";
import { TaskError } from "./errors.js";
import { parseBody } from "./json.js";
import { isBlock } from "./proof.js";
import { isVinted } from "./tabs.js";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** @returns {Promise<object>} {success, status, statusText, headers, data} */
export async function executeOne(params, { session }) {
  const request = params.request ?? params;
  await session.open(hostOf(request.url));
  return execute(request, session);
}

/** All at once. @returns {Promise<object>} {success: true, results} */
export async function executeBatch(params, { session }) {
  const list = await openFor(params, session);
  const results = await Promise.all(
    list.map((request) => execute(request, session)),
  );
  return { success: true, results };
}

/** One after the other, up to the first that fails, which is the last told. */
export async function executeInOrder(params, { session, signal, onProgress }) {
  const list = await openFor(params, session);
  const results = [];
  for (const request of list) {
    signal.throwIfAborted();
    const result = await execute(request, session);
    results.push(result);
    onProgress(results.length, list.length, null);
    if (!result.success || result.code === "blocked") break;
  }
  return { success: true, results };
}

/** One tab serves them all: a page can only ask its own site. */
async function openFor({ requests }, session) {
  if (!Array.isArray(requests))
    throw new TaskError("params.requests n'est pas une liste");
  const hosts = new Set(requests.map(({ url }) => hostOf(url)).filter(Boolean));
  if (hosts.size > 1)
    throw new TaskError("params.requests vise plusieurs sites à la fois");
  await session.open([...hosts][0] ?? null);
  return requests;
}

/** The site that a URL names; null for one that is a mere path. */
function hostOf(url) {
  if (typeof url !== "string" || url === "")
    throw new TaskError("url manque dans la requête");
  if (url.startsWith("/") && !url.startsWith("//")) return null;
  if (!isVinted(url)) throw new TaskError(`Hôte non autorisé : ${url}`);
  return new URL(url).host;
}

async function execute(request, session) {
  try {
    return told(await session.send(details(request, session)));
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    if (error instanceof AccountError) throw error;
    return told({ error: error.message });
  }
}

/** The request as content/proxy.js takes it; our tokens where it has none. */
function details(request, session) {
  const method = (request.method ?? "GET").toUpperCase();
  if (!METHODS.includes(method))
    throw new TaskError(`Méthode non autorisée : ${method}`);
  const headers = { ...session.headers };
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    for (const known of Object.keys(headers))
      if (known.toLowerCase() === name.toLowerCase()) delete headers[known];
    headers[name] = String(value);
  }
  const common = { url: request.url, method, headers };
  if (request.timeout > 0) common.timeout = Number(request.timeout);
  return { ...common, ...bodyOf(request, method, headers) };
}

function bodyOf({ body, content_type, files }, method, headers) {
  if (method === "GET" || method === "HEAD") return {};
  if (content_type === "multipart" || files?.length > 0) {
    dropContentType(headers);
    return { form: partsOf(body, files) };
  }
  if (body === undefined || body === null) return {};
  if (typeof body === "string") return { body };
  const given = Object.keys(headers).map((name) => name.toLowerCase());
  if (!given.includes("content-type"))
    headers["Content-Type"] = "application/json";
  return { body: JSON.stringify(body) };
}

/** The browser writes it, because it knows the boundary. */
function dropContentType(headers) {
  for (const name of Object.keys(headers))
    if (name.toLowerCase() === "content-type") delete headers[name];
}

function partsOf(body, files) {
  const parts = [];
  for (const [name, value] of Object.entries(body ?? {}))
    parts.push({
      name,
      value: typeof value === "object" ? JSON.stringify(value) : String(value),
    });
  for (const file of files ?? [])
    parts.push({
      name: file.field,
      filename: file.filename,
      type: file.mime_type ?? "application/octet-stream",
      base64: file.content,
    });
  return parts;
}

/** An anti-bot page is named, so that the backend stops. */
function told(answer) {
  const { status = 0, statusText = "", headers = {}, text, error } = answer;
  const success = status >= 200 && status < 300;
  const data = text === undefined ? null : parseBody(text);
  return {
    success,
    status,
    statusText,
    headers,
    data,
    ...(isBlock(answer) && { code: "blocked" }),
    ...(error !== undefined && { error }),
  };
}
