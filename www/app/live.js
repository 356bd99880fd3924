// SPDX-License-Identifier: MIT
/** Keeps the page current: looks every few seconds while it is seen, and says
 * what goes wrong. */

import { Refusal, session } from "./api.js";
import { notice } from "./dom.js";
import { text } from "./texts.js";

const EVERY = 3000; // ms between two looks

let timer = null;
let look = async () => {};
let leave = () => {};

/** `looking` fetches and shows; `leaving` is for a token no longer good. */
export function keepCurrent(looking, leaving) {
  look = looking;
  leave = leaving;
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && session.token !== null) refreshSoon();
  });
}

export function explain(error) {
  if (error instanceof Refusal && error.status === 401) {
    leave();
    notice(text("refused"));
  } else if (error instanceof Refusal) notice(error.message);
  else notice(text("no_answer", error.message));
}

async function turn() {
  timer = null;
  try {
    if (!document.hidden) await look();
  } catch (error) {
    explain(error);
  }
  if (session.token !== null && timer === null) timer = setTimeout(turn, EVERY);
}

/** Looks now, rather than at the next turn. */
export async function refreshSoon() {
  stop();
  if (session.token !== null) await turn();
}

export function stop() {
  clearTimeout(timer);
  timer = null;
}
