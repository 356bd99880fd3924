/* SPDX-License-Identifier: MIT */

import { parseBody } from "./json.js";
import { parseRetryAfter } from "./wait.js";

const TIMEOUT = 30_000;

/** The backend did not do what was asked. */
export class BackendError extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 where no answer came
   * @param {?number} retryAfter milliseconds, where the backend says so
   */
  constructor(message, status, retryAfter = null) {
    super(message);
    this.name = "BackendError";
    this.status = status;
    this.retryAfter = retryAfter;
  }
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
    return this.#call("GET", "/plugin/tasks", { query, timeout, signal });
  }

  /** @param {string} body the result, as JSON text */
  postResult(taskId, body) {
    const path = `/plugin/tasks/${encodeURIComponent(taskId)}/result`;
    return this.#call("POST", path, { body, query: this.#user() });
  }

  /** @param {object} progress {lease, done, total, message} */
  postProgress(taskId, progress) {
    const path = `/plugin/tasks/${encodeURIComponent(taskId)}/progress`;
    const body = JSON.stringify(progress);
    return this.#call("POST", path, { body, query: this.#user() });
  }

  /** Whether the backend knows us; hands out nothing. */
  async check() {
    try {
      const query = this.#user();
      return await this.#call("GET", "/plugin/status", { query });
    } catch (error) {
      if (error.status !== 404) throw error;
      return this.#call("GET", "/health", {});
    }
  }

  #user() {
    const { userId } = this.#settings;
    return userId ? { user_id: userId } : {};
  }

  async #call(method, path, { query = {}, body, timeout = TIMEOUT, signal }) {
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
      signal: AbortSignal.any(limits),
    });
    if (answer.ok) return answer.data ?? {};
    const detail = answer.data?.detail ?? answer.statusText;
    const retryAfter = parseRetryAfter(answer.retryAfter);
    const message = `${answer.status} ${detail}`.trim();
    throw new BackendError(message, answer.status, retryAfter);
  }

  async #send(url, request) {
    try {
      const response = await fetch(url, request);
      return {
        ok: response.ok,
        status: response.status,
        statusText: response.statusText,
        retryAfter: response.headers.get("Retry-After"),
        data: parseBody(await response.text()),
      };
    } catch (error) {
      throw new BackendError(`${url.origin} : ${error.message}`, 0);
    }
  }

  #headers(body) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const { token } = this.#settings;
    if (token) headers.Authorization = `Bearer ${token}`;
    return headers;
  }
}
