/* SPDX-License-Identifier: MIT */
/* Queueing a finished task again, under its ID. */
#ifndef STOFLOW_RETRY_H
#define STOFLOW_RETRY_H

#include "account.h"
#include "error.h"
#include "path.h"

#include <stdbool.h>

/* Moves the record of a finished task to pending/ by one rename, as mv does by
 * hand, and makes both places safe. Without `force` only where that cannot do
 * twice what is to be done once.
 *
 * ERROR_NOT_FOUND: there is no such task; ERROR_EXISTS: it has not finished;
 * ERROR_CONFLICT: it may not be repeated, and has succeeded or may have;
 * ERROR_SYNTAX: its record is none. After any error it is where it was, unless
 * a network or a disk fails that very moment. */
enum error retry_task(
    const struct account *account, const char *id, bool force);

/* What stands beside the record, could not be removed, and so kept the task
 * from being queued, where it is noted as stuck: an entry in executing/ or
 * pending/, or a failure that we had declared. False: nothing is. */
bool retry_find_left(
    const struct account *account, const char *id, struct path *left);

#endif
