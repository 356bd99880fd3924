/* SPDX-License-Identifier: MIT */
/* Another account at Vinted than the seller's: users/42.other says which was
 * last seen to be signed in. Nothing of it is taken in, and the queue pauses
 * until a person says what is right. */
#ifndef STOFLOW_SELLER_OTHER_H
#define STOFLOW_SELLER_OTHER_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "json.h"

#include <stdbool.h>
#include <stdint.h>

/* That account `number`, with this "login" (a string, or anything), was signed
 * in when the task `id` ran, and not `expected`: pauses the queue, notes and
 * logs that, once for each task. A failure is logged and of no account. */
void seller_other_heed(const struct account *account, const char *id,
    uint64_t number, struct json_value login, uint64_t expected);

/* The seller's own account is signed in again. */
void seller_other_forget(const struct account *account);

/* Appends the member "other_account" of an answer, null where none was seen. */
enum error seller_other_write(
    const struct account *account, struct buffer *out);

/* Whether this is the reason of a pause for such an account. */
bool seller_other_is_reason(const char *reason);

#endif
