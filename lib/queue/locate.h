/* SPDX-License-Identifier: MIT */
/* Finding a task in order to do something about it. */
#ifndef STOFLOW_LOCATE_H
#define STOFLOW_LOCATE_H

#include "account.h"
#include "error.h"
#include "find.h"

/* As find_task; but a task that a person has moved back to pending/USER is
 * queued first, as the next poll would do, since whoever knew it before knows
 * it still. Where it cannot be queued now: ERROR_BUSY; where it was rejected:
 * ERROR_NOT_FOUND. Never `by_hand`. */
enum error locate_task(
    const struct account *account, const char *id, struct task_place *place);

#endif
