// SPDX-License-Identifier: MIT
/** The ways between this page and the extension. Its content script hands
 * messages to and fro (window.postMessage), and tells the extension's id.
 * Where the browser lets this page reach extensions (Chromium, on the hosts
 * that the manifest lists), all goes by a port to it from then on. */

const ID = /^[a-p]{32}$/; // of an extension in Chromium
const UNHEARD = 3; // ports in a row that brought nothing: we may not go there

/** `hear` is given every message of the extension. */
export class Channel {
  #hear;
  #extension = null; // its id while we go by the port
  #port = null;
  #isHeard = false; // whether the port has brought anything
  #unheard = 0;

  constructor(hear) {
    this.#hear = hear;
    window.addEventListener("message", (event) => this.#overhear(event));
  }

  say(message) {
    if (this.#extension) {
      this.#port ??= this.#connect();
      this.#port.postMessage(message);
    } else {
      const marked = { stoflow: 1, from: "page", ...message };
      window.postMessage(marked, location.origin);
    }
  }

  #overhear({ source, origin, data }) {
    if (source !== window || origin !== location.origin) return;
    if (data?.stoflow !== 1 || data.from !== "plugin") return;
    if (this.#extension) return; // each thing is heard once
    if (data.type === "ready" && this.#mayReach(data.extension)) {
      // Whether it hears us there shows by its answer to this.
      this.#extension = data.extension;
      this.say({ type: "hello" });
    } else this.#hear(data);
  }

  #mayReach(extension) {
    const connect = globalThis.chrome?.runtime?.connect;
    return connect && ID.test(extension) && this.#unheard < UNHEARD;
  }

  #connect() {
    const port = chrome.runtime.connect(this.#extension, { name: "bridge" });
    this.#isHeard = false;
    port.onMessage.addListener((message) => {
      this.#isHeard = true;
      this.#unheard = 0;
      this.#hear(message);
    });
    port.onDisconnect.addListener(() => this.#hungUp());
    return port;
  }

  /** A background that sleeps hangs up; the next message wakes it again. One
   * that said nothing is asked for through the content script once more. */
  #hungUp() {
    this.#port = null;
    this.#hear({ type: "lost" });
    if (this.#isHeard) return;
    this.#unheard++;
    this.#extension = null;
    this.say({ type: "hello" });
  }
}
