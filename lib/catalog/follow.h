/* SPDX-License-Identifier: MIT */
/* The sync that follows a get_user_data by itself, because the wardrobe to
 * list was not known before.
 *
 * The get_user_data bears what is to follow, with its ID, as its "then". That
 * is queued when the result is taken in, before the entry in ingest/ goes: so
 * a crash repeats it, and the ID keeps it from being done twice. */
#ifndef STOFLOW_FOLLOW_H
#define STOFLOW_FOLLOW_H

#include "account.h"
#include "buffer.h"
#include "draft.h"
#include "error.h"
#include "find.h"
#include "json.h"

#include <stdint.h>

/* Appends the "then" of a get_user_data: a get_all_products of this ID and
 * priority is to follow. */
void follow_write(struct buffer *out, const char *id, int priority);

/* Reads a "then" (an object, or absent) as the draft of what is to follow,
 * still without user and parameters. ERROR_SYNTAX: it is none of those that
 * follow_write makes. */
enum error follow_read(struct json_value then, struct draft *next);

/* Queues for `user` what is to follow, the listing of the wardrobe of `number`,
 * a user's number on Vinted. That there is such a task already is no error.
 * Errors of follow_read and of enqueue_task. */
enum error follow_queue(
    const struct account *account, struct json_value then, uint64_t number);

/* Queues the draft as a get_user_data that the listing of this ID follows.
 * Errors of enqueue_task; ERROR_EXISTS: *standing is what has its ID. */
enum error follow_ask(const struct account *account, struct draft *draft,
    const char *list_id, struct task_name *name, struct task_place *standing);

/* Queues the listing of the seller's own wardrobe, or where it is not known yet
 * whose that is a get_user_data of the draft's ID which it follows. Errors of
 * enqueue_task; ERROR_EXISTS: *standing is what has its ID. */
enum error follow_wardrobe(const struct account *account, struct draft *draft,
    int per_page, struct task_place *standing);

/* Queues a draft whose parameters are {"user_id":NUMBER}. Errors of
 * enqueue_task; ERROR_EXISTS: there is a task with its ID. */
enum error follow_list(const struct account *account, const struct draft *draft,
    uint64_t number, struct task_name *name);

#endif
