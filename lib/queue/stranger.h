/* SPDX-License-Identifier: MIT */
/* Files in pending/ that can be no task: an upload's .part, an editor's
 * backup. They are left alone, and told of once they have lain there long
 * enough to have been forgotten. */
#ifndef STOFLOW_STRANGER_H
#define STOFLOW_STRANGER_H

#include "spool.h"

#include <stdbool.h>

enum stranger_limits {
    STRANGER_AGE = 3600 /* seconds since it was last written */
};

/* Whether `name`, met in the folder `folder` of pending/, is a regular file
 * that can be no task and is STRANGER_AGE old. */
bool stranger_is_old(
    const struct spool *spool, struct path folder, const char *name);

#endif
