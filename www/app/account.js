// SPDX-License-Identifier: MIT
/** The Vinted account that the queue is for; and where the browser is signed in
 * with another one, what a person may do about that. */

import { postOwn } from "./api.js";
import { find } from "./dom.js";
import { act } from "./live.js";
import { moment, pauseAccounts, text } from "./texts.js";

/** "login (number)", or the number alone. */
export const nameOf = ({ login, id }) =>
  login ? `${login} (${id})` : String(id);

let names = []; // of the queue's account and of the other one

function showOther(account, other) {
  find("other").hidden = !other;
  if (!other) return;
  names = [nameOf(account ?? { id: "?" }), nameOf(other)];
  find("other-seen").textContent =
    text("other_seen", ...names, moment(other.seen_at));
  find("other-back").textContent = text("other_back", ...names);
}

/** `status` is what plugin/status said. Whether the queue is paused because of
 * another account: that is shown here, then. */
export function showAccount({ account, other_account: other, paused }) {
  const words = account ? [text("account", nameOf(account))] : [];
  if (account?.since) words.push(text("since", moment(account.since)));
  find("account").textContent = words.join(" · ");
  const numbers = paused ? pauseAccounts(paused.reason) : null;
  const [found, own] = numbers ?? [];
  showOther(
    account ?? (numbers && { id: own }),
    other ?? (numbers && { id: found, seen_at: paused.since }),
  );
  find("other-resume").hidden = numbers === null;
  return numbers !== null;
}

/** What waits is then carried out for another shop, so a person is asked. */
function change() {
  if (!window.confirm(text("other_confirm", ...names))) return;
  act(async () => {
    await postOwn("account/change", {});
    return text("other_changed", ...names);
  });
}

export function startAccount(resume) {
  find("other-change").addEventListener("click", change);
  find("other-resume").addEventListener("click", resume);
}
