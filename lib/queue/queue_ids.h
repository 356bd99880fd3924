/* SPDX-License-Identifier: MIT */
/* spool/index/42.ids: where in the sorted region of index/42.queue the line of
 * an ID stands, so that a look for one ID need not read them all; and those of
 * the actions that a sync looks for, where they are few.
 *
 * Like the index it is a hint, never the truth, and may be deleted, old or torn
 * at any moment; then all lines are read. It is made with the index, and holds
 * blocks of QUEUE_IDS_BLOCK bytes. An ID's hash says in which block it is, and
 * there stand the hashes of its IDs and the offsets of their lines. The sorted
 * region never changes but for marks of use, so nor does this. A block bears a
 * sum of itself and of the region's sum and end: one that is torn, or is of
 * another region, says nothing. */
#ifndef STOFLOW_QUEUE_IDS_H
#define STOFLOW_QUEUE_IDS_H

#include "account.h"
#include "error.h"
#include "name.h"
#include "name_list.h"
#include "queue_index.h"

enum queue_ids_sizes {
    QUEUE_IDS_BLOCK = 4096
};

/* Makes it for the names of the sorted region, which has just been written. A
 * failure is of no account. */
void queue_ids_build(
    const struct queue_index *index, const struct name_list *names);
void queue_ids_remove(const struct account *account);

/* Finds a queued task by its ID without reading the folder. ERROR_NONE: *found
 * is in the folder. ERROR_NOT_FOUND: the index agrees with the folder and does
 * not have it. ERROR_BUSY: there is no index, or it cannot tell, as where other
 * machines may share the spool (spool_shared.h); read the folder. */
enum error queue_ids_find(
    const struct account *account, const char *id, struct task_name *found);

/* Calls `visit` for each queued task of an action, in no order, without reading
 * the folder. Stops at the first error and returns it. ERROR_NONE: there is no
 * other. ERROR_BUSY: as above, and of an action that no sync looks for; some
 * may have been visited. */
typedef enum error queue_ids_visit(void *context, const struct task_name *task);
enum error queue_ids_each(const struct account *account, const char *action,
    queue_ids_visit *visit, void *context);

#endif
