/* SPDX-License-Identifier: MIT */
/* Having a plugin carry out a task at once, and waiting for what it says. */
#ifndef STOFLOW_EXECUTE_H
#define STOFLOW_EXECUTE_H

#include "account.h"
#include "draft.h"
#include "error.h"
#include "find.h"

#include <stdbool.h>
#include <stdint.h>

struct execution {
    const struct account *account;
    const char *root;   /* the folder that holds spool/ */
    struct draft draft; /* user, action and params are set by the caller */
    int64_t wait;       /* seconds, 0 or more */
    char id[ID_LENGTH_MAX + 1]; /* set: of the task */
    bool withdrawn;             /* set: the time was over, and nobody will carry
                                 * it out who has not begun */
};

/* Queues the task at the highest priority, not to be repeated and to expire
 * when nobody waits for it any more, and waits until it is finished: then
 * *place is its record. ERROR_INCOMPLETE: the time is over, and the task was
 * cancelled (cancel.h); if even that failed, `withdrawn` is false. Where it
 * could not be seen whether it is finished, it was cancelled as well.
 * ERROR_BUSY: as many as `max_waiters` are waiting like that already; nothing
 * was queued, nor after any error of enqueue_task. */
enum error execute_task(struct execution *execution, struct task_place *place);

#endif
