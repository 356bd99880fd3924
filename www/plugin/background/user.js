/* SPDX-License-Identifier: MIT */

import { NO_USER_ID, TaskError } from "./errors.js";
import { changeMemory, readMemory } from "./store.js";
import { parseBody } from "./json.js";

const PATH = "/api/v2/users/current";

/** Who is signed in, by the page, and by Vinted where the page is silent. */
export async function getUserData(_params, { session }) {
  await session.open();
  let user = await complete(session);
  if (!user.user_id && (await session.refresh()))
    user = await complete(session);
  if (!user.user_id) throw new TaskError(NO_USER_ID);
  const { user_id, login } = user;
  await changeMemory({ seller: { user_id, login } });
  return user;
}

async function complete(session) {
  const { page } = session;
  const order = {
    user_id: page.user_id,
    login: page.login,
    email: page.email,
    anon_id: page.anon_id,
    csrf_token: page.csrf_token,
    real_name: page.real_name,
    business_account: page.business_account,
  };
  if (order.user_id && order.login && order.email) return order;
  return fill(order, await askVinted(session));
}

/** The current user as Vinted tells it, {} if nobody is signed in. */
async function askVinted(session) {
  const { headers } = session;
  const answer = await session.send({ url: PATH, method: "GET", headers });
  const body = answer.status === 200 ? parseBody(answer.text) : null;
  return body?.user ?? {};
}

function fill(order, user) {
  const account = user.business_account;
  const told = {
    user_id: user.id,
    login: user.login,
    email: user.email,
    real_name: user.real_name,
    business_account: account?.id ?? account,
  };
  for (const [key, value] of Object.entries(told)) order[key] ??= value ?? null;
  return order;
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
