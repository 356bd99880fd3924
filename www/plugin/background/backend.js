/* SPDX-License-Identifier: MIT */

import { parseBody } from "./json.js";
import { cut } from "./text.js";
import { parseRetryAfter } from "./wait.js";

const TIMEOUT = 30_000;
const DETAIL_MOST = 300;
const PROBLEM = "application/problem+json";
const JSON_TYPES = ["application/json", PROBLEM];
const RETRY_AFTER_MOST = 3_600_000;

/** The backend did not do what was asked, or it was not the backend. */
export class BackendError extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 where no answer came
   * @param {object} [more] code: of a problem+json (RFC 9457), which only our
   *     program sends, or "unknown_task" for the guide's words of that;
   *     retryAfter: milliseconds, where such a problem says so
   */
  constructor(message, status, { code = null, retryAfter = null } = {}) {
    super(message);
    this.name = "BackendError";
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/* What a success is to each route. Anybody may answer 200: a parked domain, a
 * door page of the network, a server whose program is gone for a moment. */
const isTask = (answer) => "task_id" in answer;
const isReceived = (answer) => answer.status === "received";
const isStatus = (answer) => typeof answer.connected === "boolean";
const isHealth = (answer) => "status" in answer && "version" in answer;
const isAny = () => true;

/** The code of our program's problem, or of what the guide's backend says. */
function codeOf({ status, type, data }) {
  if (type === PROBLEM) return data?.code ?? null;
  const isGuides = type === "application/json" && status === 404;
  return isGuides && data?.detail === "Task not found" ? "unknown_task" : null;
}

/* Anybody's page may bear a Retry-After, of a day perhaps: what waits would
 * still wait when the backend is long back. */
function retryAfterOf({ type, data, retryAfter }) {
  const asked = type === PROBLEM && data ? parseRetryAfter(retryAfter) : null;
  return asked && Math.min(asked, RETRY_AFTER_MOST);
}

/** The HTTP side: one method for each route. All throw BackendError. */
export class Backend {
  #settings;

  /** @param {object} settings see store.js */
  constructor(settings) {
    this.#settings = settings;
  }

  /**
   * The next task, or {task_id: null, …}.
   * @param {string} receiveId the same again gets the same task again
   * @param {number} seconds how long the backend may hold the answer
   * @param {AbortSignal} [signal]
   */
  poll(receiveId, seconds, signal) {
    const query = { ...this.#user(), receive_id: receiveId };
    if (seconds > 0) query.wait = seconds;
    const timeout = TIMEOUT + seconds * 1000;
    const proves = isTask;
    return this.#call("GET", "/plugin/tasks", {
      query,
      timeout,
      signal,
      proves,
    });
  }

  /** @param {string} body the result, as JSON text */
  postResult(taskId, body) {
    const path = `/plugin/tasks/${encodeURIComponent(taskId)}/result`;
    const query = this.#user();
    return this.#call("POST", path, { body, query, proves: isReceived });
  }

  /** @param {object} progress {lease, done, total, message, requests} */
  postProgress(taskId, progress) {
    const path = `/plugin/tasks/${encodeURIComponent(taskId)}/progress`;
    const body = JSON.stringify(progress);
    const query = this.#user();
    return this.#call("POST", path, { body, query, proves: isAny });
  }

  /** Whether the backend knows us; hands out nothing. */
  async check() {
    try {
      const query = this.#user();
      return await this.#call("GET", "/plugin/status", {
        query,
        proves: isStatus,
      });
    } catch (error) {
      if (error.status !== 404) throw error;
      return this.#call("GET", "/health", { proves: isHealth });
    }
  }

  #user() {
    const { userId } = this.#settings;
    return userId ? { user_id: userId } : {};
  }

  async #call(method, path, request) {
    const { query = {}, body, timeout = TIMEOUT, signal, proves } = request;
    const url = new URL(`${this.#settings.backendUrl}/api${path}`);
    for (const [name, value] of Object.entries(query))
      url.searchParams.set(name, value);
    const limits = [AbortSignal.timeout(timeout)];
    if (signal) limits.push(signal);
    const answer = await this.#send(url, {
      method,
      body,
      headers: this.#headers(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "manual", // the token and the result are for nobody else
      signal: AbortSignal.any(limits),
    });
    if (answer.status === 200 && answer.data && proves(answer.data))
      return answer.data;
    throw refusal(url, answer);
  }

  async #send(url, request) {
    try {
      const response = await fetch(url, request);
      const [type] = (response.headers.get("Content-Type") ?? "").split(";");
      const text = await response.text();
      return {
        isRedirect: response.type === "opaqueredirect",
        status: response.status,
        statusText: response.statusText,
        retryAfter: response.headers.get("Retry-After"),
        type: type.trim(),
        data: JSON_TYPES.includes(type.trim()) ? objectOf(text) : null,
      };
    } catch (error) {
      throw new BackendError(`${url.origin} : ${error.message}`, 0);
    }
  }

  #headers(body) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const { token } = this.#settings;
    if (!token) return headers;
    headers.Authorization = `Bearer ${token}`;
    headers["X-StoFlow-Token"] = token; // which no server keeps to itself
    return headers;
  }
}

function objectOf(text) {
  const data = parseBody(text);
  return typeof data === "object" && !Array.isArray(data) ? data : null;
}

function refusal(url, answer) {
  const { status, statusText, data, isRedirect } = answer;
  if (isRedirect)
    return new BackendError(
      `${url.origin} renvoie à une autre adresse`,
      status,
    );
  const isStranger = status >= 200 && status < 300;
  const detail = isStranger
    ? `${url.origin} ne répond pas comme le backend`
    : (data?.detail ?? statusText);
  const words = typeof detail === "string" ? detail : JSON.stringify(detail);
  return new BackendError(
    `${status} ${cut(words, DETAIL_MOST)}`.trim(),
    status,
    {
      code: codeOf(answer),
      retryAfter: retryAfterOf(answer),
    },
  );
}
