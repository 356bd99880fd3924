/* SPDX-License-Identifier: MIT */

/* Sends one request as the page itself would: with the seller's cookies, and
 * to the page's own site only. */

globalThis.stoflowProxy = (() => {
  function bytesOf(base64) {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  }

  /** @param {object[]} parts {name, value} or {name, filename, type, base64} */
  function formOf(parts) {
    const form = new FormData();
    for (const part of parts) {
      if (part.base64 === undefined) {
        form.append(part.name, part.value);
        continue;
      }
      const file = new Blob([bytesOf(part.base64)], { type: part.type });
      form.append(part.name, file, part.filename);
    }
    return form;
  }

  /**
   * @param {object} request url, method, headers, timeout (milliseconds), and
   *     body (text) or form (parts) where it has one
   * @returns {Promise<object>} {status, statusText, headers, text}, or
   *     {error} where no answer came
   */
  async function send(request) {
    const url = new URL(request.url, location.href);
    if (url.origin !== location.origin)
      return { error: `${url.origin} n'est pas ${location.origin}` };
    try {
      const response = await fetch(url, {
        method: request.method,
        headers: request.headers,
        body: request.form ? formOf(request.form) : request.body,
        credentials: "include",
        signal: AbortSignal.timeout(request.timeout),
      });
      return {
        status: response.status,
        statusText: response.statusText,
        headers: Object.fromEntries(response.headers),
        text: await response.text(),
      };
    } catch (error) {
      const late = error.name === "TimeoutError";
      const text = late ? `pas de réponse en ${request.timeout} ms` : null;
      return { error: text ?? error.message };
    }
  }

  return { send };
})();
