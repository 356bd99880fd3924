/* SPDX-License-Identifier: MIT */
/* Who a seller is on Vinted: users/42.json. Sessions and secrets (CSRF token,
 * anonymous id, e-mail address) are never written there. */
#ifndef STOFLOW_SELLER_H
#define STOFLOW_SELLER_H

#include "account.h"
#include "error.h"
#include "json.h"

#include <stdbool.h>
#include <stdint.h>

/* Takes in what was observed at `moment`: an object with "user_id", "login" and
 * so on, or the same within "user" or "currentUser" with its number called
 * "id". An older observation than the one on record changes nothing. *why
 * (English phrase, static storage) is set where it was of no use. The caller
 * holds the lock on the user's catalogue. ERROR_* of reading and writing;
 * nothing has changed then. */
enum error seller_observe(const struct account *account,
    struct json_value observed, int64_t moment, const char **why);

/* The user's number on Vinted in what was observed. False if there is none. */
bool seller_read_number(struct json_value observed, uint64_t *number);

/* The user's number on Vinted as it is on record; 0: not known. ERROR_* of
 * reading. */
enum error seller_look_up(const struct account *account, uint64_t *number);

/* Whether `number` (a task's "user_id") is certainly another Vinted user than
 * the one on record. Not certain where either is unknown. */
bool seller_differs(const struct account *account, struct json_value number);

#endif
