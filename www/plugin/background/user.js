/* SPDX-License-Identifier: MIT */

import { NO_USER_ID, TaskError } from "./errors.js";
import { changeMemory, readMemory } from "./store.js";

/** Who is signed in, as Vinted tells it, and the tokens of the tab's page. */
export async function getUserData(_params, { session }) {
  await session.open();
  const user = await session.askUser();
  const { id: user_id, login = null, email = null, real_name = null } = user;
  const { anon_id, csrf_token } = session.page;
  await changeMemory({ seller: { user_id, login } });
  return {
    user_id,
    login,
    email,
    anon_id,
    csrf_token,
    real_name,
    business_account: businessOf(user),
  };
}

/** A number, or an object that has one; null for a private person. */
function businessOf({ business_account, business_account_id = null }) {
  const account = business_account ?? business_account_id;
  const id = account?.id ?? account;
  return typeof id === "string" && /^\d+$/.test(id) ? Number(id) : id;
}

/**
 * @param {*} given the user's id in the task, if it has one
 * @returns {Promise<*>} that, or the one that was last found
 * @throws {TaskError} NO_USER_ID
 */
export async function sellerId(given) {
  const id = given ?? (await readMemory()).seller?.user_id;
  if (id === null || id === undefined) throw new TaskError(NO_USER_ID);
  return id;
}
