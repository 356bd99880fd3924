/* SPDX-License-Identifier: MIT */
/* Handing out the next task: one rename(2) from pending/ to executing/. */
#ifndef STOFLOW_CLAIM_H
#define STOFLOW_CLAIM_H

#include "account.h"
#include "error.h"
#include "name.h"
#include "pause.h"
#include "queue.h"
#include "task.h"

#include <stdbool.h>
#include <stdint.h>

enum claim_limits {
    EXPIRED_PER_POLL = 16 /* tasks recorded by one poll as expired, and as
                           * many as cancelled: each costs some fsyncs */
};

/* What a task may be held back by, as bits. */
enum claim_held {
    HELD_BY_PAUSE = 1,
    HELD_BY_PACE = 2,
    HELD_BY_LIMIT = 4, /* max_executing */
    HELD_BY_BUDGET = 8
};

struct claim {
    struct task task;
    struct lease_name lease;
    int budget;       /* requests to Vinted that it may send; < 0: any number */
    bool refresh_due; /* queue_refresh should follow the answer; set also
                       * when nothing was claimed */
    /* Of a poll that claimed nothing: */
    unsigned held;      /* by what tasks that are due were held back */
    struct pause pause; /* with HELD_BY_PAUSE */
    int64_t next;       /* moment at which a task comes due that is scheduled or
                         * held back by its pace, or the budget has room for
                         * one; not later than that there is something to do.
                         * 0: unknown */
};

/* Settles the user's overdue leases, routes drops and claims the first task
 * that is due and may be handed out. `receive_id` ("" for none) becomes the
 * lease; if a task is executing under it already, that task is handed out
 * again, whatever holds others back. A task that may not be repeated is safe
 * from power loss before this returns. What has expired is recorded so, and
 * what came back from a plugin with the mark of a cancel, at most
 * EXPIRED_PER_POLL tasks of either.
 *
 * ERROR_NOT_FOUND: nothing to hand out. On ERROR_NONE *claim is to be freed
 * with task_free(&claim->task). After any other error no task was claimed. */
enum error claim_next(
    const struct account *account, const char *receive_id, struct claim *claim);

#endif
