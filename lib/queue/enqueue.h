/* SPDX-License-Identifier: MIT */
/* Creating a task on behalf of an HTTP request. */
#ifndef STOFLOW_ENQUEUE_H
#define STOFLOW_ENQUEUE_H

#include "config.h"
#include "draft.h"
#include "error.h"
#include "find.h"
#include "name.h"
#include "spool.h"

/* Queues the draft (its user and action are set) and makes it safe from power
 * loss before returning. *name tells what it became. ERROR_EXISTS: the
 * draft's ID is taken, *standing says by what: by this very request before, if
 * it bears a key and idempotency_compare says so. ERROR_CONFLICT: its key was
 * sent with another request before, whose task there still is. ERROR_BUSY:
 * somebody is creating a task with that ID or key at this moment. ERROR_FULL
 * also when only the reserve for results is left (space.h). After any error
 * nothing is queued.
 */
enum error enqueue_task(const struct account *account,
    const struct draft *draft, struct task_name *name,
    struct task_place *standing);

/* Makes what stands under an ID as safe as what has just been created: who
 * created it may have died before that. It is looked for where it has moved
 * meanwhile. ERROR_BUSY where it has gone. */
enum error enqueue_make_safe(
    const struct account *account, const char *id, struct task_place *standing);

#endif
