// SPDX-License-Identifier: MIT
/** Keeps the page current: looks every few seconds while it is seen, and after
 * what a person does; says what goes wrong. */

import { Refusal, session } from "./api.js";
import { notice } from "./dom.js";

const EVERY = 3000; // ms between two looks

let timer = null;
let look = async () => {};
let leave = () => {};
let isBroken = false; // the last look failed, and the notice says why

/** `looking` fetches and shows; `leaving` is for a token no longer good. */
export function keepCurrent(looking, leaving) {
  look = looking;
  leave = leaving;
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && session.token !== null) refreshSoon();
  });
}

export function explain(error) {
  if (error instanceof Refusal && error.status === 401) leave();
  notice(error.message, error.detail);
}

async function turn() {
  timer = null;
  try {
    if (!document.hidden) await look();
    if (isBroken) notice("");
    isBroken = false;
  } catch (error) {
    isBroken = true;
    explain(error);
  }
  if (session.token !== null && timer === null) timer = setTimeout(turn, EVERY);
}

/** Looks now, rather than at the next turn. */
export async function refreshSoon() {
  stop();
  if (session.token !== null) await turn();
}

/** Does what a person asked for and looks what came of it; then tells what
 * `work` gave, if anything: looking may take a notice away. */
export async function act(work) {
  try {
    const said = await work();
    await refreshSoon();
    if (said) notice(said);
  } catch (error) {
    explain(error);
  }
}

export function stop() {
  clearTimeout(timer);
  timer = null;
}
