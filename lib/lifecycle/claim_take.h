/* SPDX-License-Identifier: MIT */
/* Private to claiming: the steps that one candidate goes through. */
#ifndef STOFLOW_CLAIM_TAKE_H
#define STOFLOW_CLAIM_TAKE_H

#include "account.h"
#include "claim.h"
#include "error.h"
#include "name.h"
#include "queue.h"
#include "spool.h"
#include "task.h"

#include <stdint.h>

/* Loads the queue's current candidate `name`, which says *parsed. One that is
 * no task is rejected. ERROR_NOT_FOUND: not this one; else only after
 * ERROR_NONE the task must be freed. */
enum error claim_load(struct queue *queue, const char *name,
    const struct task_name *parsed, struct task *task);

/* Claims the candidate that is loaded as claim->task, by one rename; *entry is
 * then its place, and claim->lease its lease. ERROR_NOT_FOUND: another has it,
 * or it must not be handed out. */
enum error claim_take(struct queue *queue, const char *name,
    const char *receive_id, struct claim *claim, struct path *entry);

/* The claim of what may run only once must survive a power loss: otherwise
 * the task would lie in pending/ again after it has been handed out. The
 * claim of what may be repeated needs no such care. After an error it may be
 * lost, and must not be handed out. */
enum error claim_make_safe(
    const struct account *account, const struct task *task, struct path entry);

/* Puts a claimed task that nobody has seen yet back into the queue, as if
 * never claimed. */
void claim_give_back(
    const struct account *account, struct path entry, const char *name);

#endif
