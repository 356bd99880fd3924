/* SPDX-License-Identifier: MIT */

/* What a failed task says. The backend decides by these words what may be
 * tried again, and the guides name the first three: they stay as they are, in
 * whatever language the browser speaks. */

export const NO_TAB = "Aucun onglet Vinted ouvert";
export const NO_USER_ID = "User ID non disponible";
export const STALE_TOKEN = "CSRF token expired";
export const CANCELLED = "Annulé";
export const TAB_LOST = "Onglet Vinted fermé ou rechargé pendant la requête";
export const INTERRUPTED =
  "Interrompu : le navigateur s'est arrêté pendant l'exécution. " +
  "Vérifier sur Vinted avant de recommencer";

/** What `code` in a failure's data may say, as doc/api.md lists it. */
export const CODES = [
  "no_tab", // there is none, or it was lost before anything was written
  "signed_out", // the session or its token is not taken
  "wrong_account", // nothing was sent under another than the queue's
  "blocked", // an anti-bot page stands before Vinted
  "limited", // 429, or the budget of requests
  "refused", // Vinted said no
  "unreadable", // the answer is not what it must be
  "unknown", // a write was sent, and nobody knows what became of it
  "cancelled", // as the backend wanted
];

/** Why a task fails; `data` goes to the backend with the message. */
export class TaskError extends Error {
  /**
   * @param {string} message
   * @param {?object} [data] holds `status` where Vinted has answered, and a
   *     `code` where one of CODES says what it is
   */
  constructor(message, data = null) {
    if (data?.code && !CODES.includes(data.code))
      throw new Error(`no such code: ${data.code}`);
    super(message);
    this.name = "TaskError";
    this.data = data;
  }
}

/** The task is no longer ours: nobody wants to hear of it. */
export class LeaseLost extends Error {
  constructor() {
    super("lease lost");
    this.name = "LeaseLost";
  }
}

/** The browser's storage has not answered, or has refused. Nothing is begun
 * whose note it could not take, and the next alarm tries again. */
export class StorageError extends Error {
  constructor(cause) {
    super(`Mémoire de l'extension : ${textOf(cause)}`);
    this.name = "StorageError";
  }
}

/** @returns {string} what to show and to send, of whatever was thrown */
export function textOf(error) {
  return error instanceof Error ? error.message : String(error);
}
