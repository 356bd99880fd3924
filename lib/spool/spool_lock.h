/* SPDX-License-Identifier: MIT */
/* Locks between processes, which die with their holder (fcntl(2)). They only
 * save work and lost updates of caches and catalogues; no task's safety rests
 * on one. */
#ifndef STOFLOW_SPOOL_LOCK_H
#define STOFLOW_SPOOL_LOCK_H

#include "spool.h"

#include <stdbool.h>

enum spool_lock_failure {
    SPOOL_LOCK_HELD = -1, /* another has it */
    SPOOL_LOCK_NONE = -2  /* no locks are to be had here */
};

/* Takes the lock index/NAME, waiting if `wait`. Returns a descriptor to close
 * for release, or SPOOL_LOCK_HELD (only when not waiting), or SPOOL_LOCK_NONE.
 * A process that closes any descriptor of that file gives the lock up. */
int spool_lock(const struct spool *spool, const char *name, bool wait);

#endif
