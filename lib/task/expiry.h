/* SPDX-License-Identifier: MIT */
/* Until when a queued task may be fetched: `expire` of its action and its own
 * `expires_in`, whichever ends first. Both count from the CREATED in its name,
 * which of a scheduled task is the moment it is due. */
#ifndef STOFLOW_EXPIRY_H
#define STOFLOW_EXPIRY_H

#include "config.h"
#include "name.h"
#include "task.h"

#include <stdint.h>

/* The moment by its name alone; INT64_MAX: never. */
int64_t expiry_by_rule(
    const struct config *config, const struct task_name *name);

/* The moment by all that is known. */
int64_t expiry_of_task(const struct config *config, const struct task *task);

#endif
