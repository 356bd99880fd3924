/* SPDX-License-Identifier: MIT */
/* Whether other machines may work on the spool as well. */
#ifndef STOFLOW_SPOOL_SHARED_H
#define STOFLOW_SPOOL_SHARED_H

#include "spool.h"

#include <stdbool.h>

/* False on the file systems of one machine alone. On any other, and on one that
 * cannot be asked, another machine may change what is there, by its own clock,
 * and we be told of that a moment later: no time of a folder proves anything.
 * By statfs(2), of Linux. */
bool spool_is_shared(const struct spool *spool);

#endif
