/* SPDX-License-Identifier: MIT */

/* On pages of the backend: hands messages to and fro between the page
 * (window.postMessage) and the background (a port). background/bridge.js
 * describes them and decides what is done. */

globalThis.stoflowBridge ??= (() => {
  const api = globalThis.browser ?? globalThis.chrome;
  let port = null;

  function tellPage(message) {
    const marked = { stoflow: 1, from: "plugin", ...message };
    window.postMessage(marked, location.origin);
  }

  function connect() {
    port = api.runtime.connect({ name: "bridge" });
    let isHeard = false; // strangers are not, and hear nothing
    port.onMessage.addListener((message) => {
      isHeard = true;
      tellPage(message);
    });
    // A background that sleeps hangs up. The next message wakes it again.
    port.onDisconnect.addListener(() => {
      port = null;
      if (isHeard) tellPage({ type: "lost" });
    });
  }

  function tellPlugin(message) {
    try {
      if (!port) connect();
      port.postMessage(message);
    } catch {
      port = null; // the extension was removed, or comes anew
      tellPage({ type: "gone" });
    }
  }

  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== window || origin !== location.origin) return;
    if (data?.stoflow !== 1 || data.from !== "page") return;
    tellPlugin(JSON.parse(JSON.stringify(data)));
  });
  // A page that was left may be kept for the way back, where nobody hears us.
  window.addEventListener("pagehide", () => {
    port?.disconnect();
    port = null;
  });
  tellPlugin({ type: "hello" });
  return true;
})();
