/* SPDX-License-Identifier: MIT */
/* Who a seller is on Vinted: users/42.json. Sessions and secrets (CSRF token,
 * anonymous id, e-mail address) are never written there. */
#ifndef STOFLOW_SELLER_H
#define STOFLOW_SELLER_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "json.h"

#include <stdbool.h>
#include <stdint.h>

/* A seller's account at Vinted, as far as it is known. */
struct seller {
    uint64_t number;     /* 0: not known */
    struct buffer login; /* JSON: a string, or null */
    int64_t since;       /* moment; product_never: not known */
};

/* What is on record. ERROR_* of reading: it cannot be told, and it is
 * nobody. The seller is to be freed. */
enum error seller_read(const struct account *account, struct seller *seller);
void seller_free(struct seller *seller);

/* Appends the member "account" of an answer, null where it is not known; with
 * `since` also since when. */
void seller_write(struct buffer *out, const struct seller *seller, bool since);

/* users/42.json */
struct path seller_path(const struct account *account);

/* Takes in what was observed at `moment`: an object with "user_id", "login" and
 * so on, or the same within "user" or "currentUser" with its number called
 * "id". The first observation fixes who the seller is: the catalogue becomes
 * that account's (catalog_owner.h), and what was known of it before it gave way
 * to another comes back. Another account's changes nothing, nor does an older
 * one than that on record. *why (English phrase, static storage) is set where
 * it was of no use. The caller holds the lock on the user's catalogue. ERROR_*
 * of reading and writing; to be done again then. */
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

/* The deliberate change of the seller's account: sets users/42.json and the
 * catalogue aside, under names that tell whose they were. Whoever is signed in
 * at Vinted next is the seller. A queue that is paused for that reason goes on,
 * but one in which something `waits`, which was meant for the account before,
 * is paused until a person says what becomes of it. What has come in so far is
 * to be taken in before. ERROR_*: as much was done as shows; to be done again.
 */
enum error seller_change(const struct account *account, bool waits);

#endif
