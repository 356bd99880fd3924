/* SPDX-License-Identifier: MIT */
/* Synchronising a seller's catalogue with their wardrobe on Vinted: one
 * get_all_products, after a get_user_data where it is not known yet whose
 * wardrobe that is. */
#ifndef STOFLOW_SYNC_H
#define STOFLOW_SYNC_H

#include "account.h"
#include "error.h"
#include "name.h"

#include <stdbool.h>

struct sync {
    bool started;                         /* false: it was under way already */
    char task_id[ID_LENGTH_MAX + 1];      /* of the task that comes first */
    char next_task_id[ID_LENGTH_MAX + 1]; /* of the one that follows it; "" */
};

/* Starts one, or finds the one that is under way. Durable before it returns.
 * Of two programs that do so at once one starts it, where locks are to be had;
 * where not, both may. A listing that is scheduled for later or is of another
 * wardrobe than the seller's own is no sync that is under way. Errors of
 * lease_settle, ingest_user and enqueue_task; nothing is started then. */
enum error sync_start(
    const struct account *account, int priority, struct sync *sync);

#endif
