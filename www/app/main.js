// SPDX-License-Identifier: MIT
/** The page of an operator or seller: signs in, then keeps itself current. */

import { showAccount, startAccount } from "./account.js";
import { get, postOwn, session } from "./api.js";
import { followCatalog, startCatalog } from "./catalog.js";
import { startCreate } from "./create.js";
import { find, notice, startNotice } from "./dom.js";
import { act, explain, keepCurrent, refreshSoon, stop } from "./live.js";
import { refreshQueue, startQueue } from "./queue.js";
import { startSettle } from "./settle.js";
import { moment, pauseReason, text, translate } from "./texts.js";

function showPlugin(status) {
  const words = [text(status.connected ? "connected" : "not_connected")];
  if (status.connected && status.since)
    words.push(text("since", moment(status.since)));
  else if (status.last_seen)
    words.push(text("last_seen", moment(status.last_seen)));
  const said = words.join(" · ");
  // Screen readers speak what changes, so only a change is written.
  if (find("plugin").textContent !== said) find("plugin").textContent = said;
}

/** `isTold`: another part of the page says why, and how to go on. */
function showPause(paused, isTold) {
  find("paused").hidden = !paused || isTold;
  find("pause").hidden = Boolean(paused);
  if (paused)
    find("paused-reason").textContent =
      `${pauseReason(paused.reason)} (${text("since", moment(paused.since))})`;
}

const resume = async () => {
  await postOwn("plugin/pause", { paused: false });
};
const pause = async () => {
  await postOwn("plugin/pause", { paused: true });
};

async function refresh() {
  const status = await get("plugin/status");
  showPlugin(status);
  showPause(status.paused, showAccount(status));
  await refreshQueue(status);
  await followCatalog(status.products_changed);
}

function show() {
  const inside = session.token !== null;
  find("enter").hidden = inside;
  find("inside").hidden = !inside;
  find("menu").hidden = !inside;
  if (inside) return;
  find("plugin").textContent = "";
  find("account").textContent = "";
  find("token").focus();
}

function leave() {
  session.leave();
  stop();
  show();
}

function start() {
  show();
  startCatalog();
  refreshSoon();
}

async function enter() {
  session.enter(find("token").value.trim(), find("user").value.trim());
  find("token").value = "";
  try {
    await get("plugin/status");
    notice("");
    start();
    find("main").focus();
  } catch (error) {
    leave();
    explain(error);
  }
}

translate();
startNotice();
keepCurrent(refresh, leave);
startQueue();
startCreate();
startSettle();
startAccount(resume);
find("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  enter();
});
find("leave").addEventListener("click", leave);
find("pause").addEventListener("click", () => act(pause));
find("resume").addEventListener("click", () => act(resume));
if (session.token === null) show();
else start();
