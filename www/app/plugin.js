// SPDX-License-Identifier: MIT
/** The extension, as this page reaches it. What the messages mean stands in
 * the extension's background/bridge.js. */

import { Channel } from "./channel.js";

const EVERY = 2000; // ms between two questions whether it is there
const SILENCE = 7000; // ms without an answer after which it is not

/** Dispatches "change" when it comes, goes or says something new of itself. */
export class Plugin extends EventTarget {
  /** null, or what it said of itself: {version, polling, paused, …}. */
  state = null;

  #heard = 0;
  #count = 0;
  #asked = new Map(); // by id: {resolve, reject, onprogress}
  #channel = new Channel((message) => this.#receive(message));

  constructor() {
    super();
    this.#greet();
    setInterval(() => this.#greet(), EVERY);
  }

  /** Who is signed in at Vinted: {success, data | error}. */
  userData() {
    return this.#ask("get-user-data", {}).promise;
  }

  /** Has a task carried out. `promise` is its result, or null if it was lost;
   * it throws if the task was refused. */
  carryOut(task, onprogress = () => {}) {
    return this.#ask("task", { task }, onprogress);
  }

  cancel(id) {
    this.#channel.say({ type: "cancel", id });
  }

  /** So many requests may be sent to Vinted for a task in all. */
  allow(id, allowed) {
    this.#channel.say({ type: "budget", id, allowed });
  }

  #ask(type, members, onprogress = () => {}) {
    const id = `p${++this.#count}`;
    const promise = new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject, onprogress });
    });
    this.#channel.say({ type, id, ...members });
    return { id, promise };
  }

  #greet() {
    if (this.state && Date.now() - this.#heard > SILENCE) this.#lose();
    this.#channel.say({ type: "hello" });
  }

  #lose() {
    this.#become(null);
    this.#giveUp();
  }

  #giveUp() {
    for (const { reject } of this.#asked.values()) reject(new Error("gone"));
    this.#asked.clear();
  }

  #become(state) {
    const changed = JSON.stringify(state) !== JSON.stringify(this.state);
    this.state = state;
    if (changed) this.dispatchEvent(new Event("change"));
  }

  #receive(message) {
    if (message.type === "ready") this.#ready(message);
    else if (message.type === "gone") this.#lose();
    else if (message.type === "lost") this.#giveUp();
    else this.#answered(message);
  }

  #ready({ version, polling, paused, configured }) {
    this.#heard = Date.now();
    this.#become({ version, polling, paused, configured });
  }

  #answered({ type, id, result, progress, reason }) {
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#heard = Date.now();
    if (type === "progress") asked.onprogress(progress);
    else if (type === "refused") asked.reject(new Error(reason));
    else if (type === "result" || type === "user-data") asked.resolve(result);
    else return;
    if (type !== "progress") this.#asked.delete(id);
  }
}
