/* SPDX-License-Identifier: MIT */
/* Handing out the next task: one rename(2) from pending/ to executing/. */
#ifndef STOFLOW_CLAIM_H
#define STOFLOW_CLAIM_H

#include "config.h"
#include "error.h"
#include "name.h"
#include "queue.h"
#include "spool.h"
#include "task.h"

#include <stdbool.h>
#include <stdint.h>

struct claim {
    struct task task;
    struct lease_name lease;
    bool refresh_due; /* queue_refresh should follow the answer; set also
                       * when nothing was claimed */
};

/* Settles the user's overdue leases, routes drops and claims the first
 * pending task. `receive_id` ("" for none) becomes the lease; if a task is
 * executing under it already, that task is handed out again. A task that may
 * not be repeated is safe from power loss before this returns.
 *
 * ERROR_NOT_FOUND: nothing to do. On ERROR_NONE *claim is to be freed with
 * task_free(&claim->task). After any other error no task was claimed. */
enum error claim_next(const struct spool *spool, const struct config *config,
    int64_t user, const char *receive_id, struct claim *claim);

#endif
