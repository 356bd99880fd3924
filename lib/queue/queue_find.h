/* SPDX-License-Identifier: MIT */
/* Finding a queued task by its ID in a deep queue without reading its folder.
 */
#ifndef STOFLOW_QUEUE_FIND_H
#define STOFLOW_QUEUE_FIND_H

#include "account.h"
#include "error.h"
#include "name.h"
#include "spool.h"

#include <stdint.h>

/* Asks the index of the user's queue. ERROR_NONE: *found is in the folder.
 * ERROR_NOT_FOUND: the index agrees with the folder and does not have it.
 * ERROR_BUSY: there is no index, or it cannot tell; read the folder. */
enum error queue_find(
    const struct account *account, const char *id, struct task_name *found);

#endif
