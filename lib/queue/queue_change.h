/* SPDX-License-Identifier: MIT */
/* Telling a deep queue's index of a change made elsewhere than by claiming. */
#ifndef STOFLOW_QUEUE_CHANGE_H
#define STOFLOW_QUEUE_CHANGE_H

#include "account.h"
#include "queue_index.h"
#include "spool.h"

#include <stdint.h>

/* Brackets a change to pending/USER made elsewhere than by claiming, so that
 * the index, if there is one, is not taken for stale afterwards. */
struct queue_change {
    const struct account *account;
    int lock; /* -1: no index */
    struct queue_index index;
};

void queue_change_begin(
    struct queue_change *change, const struct account *account);

/* `added`: the queued name that has come, or NULL. */
void queue_change_end(struct queue_change *change, const char *added);

/* A rename between two places of the spool, one of them in pending/USER, so
 * bracketed. `added` as above, where the rename brings a name in. */
enum error queue_change_rename(const struct account *account, struct path from,
    struct path to, const char *added);

#endif
