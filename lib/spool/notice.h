/* SPDX-License-Identifier: MIT */
/* Events that would fill the log if each was told: what goes wrong time and
 * again until somebody mends it. */
#ifndef STOFLOW_NOTICE_H
#define STOFLOW_NOTICE_H

#include "path.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>

enum notice_limits {
    NOTICE_EVERY = 3600 /* seconds in which the same is told once */
};

/* Whether it is time to tell what the stamp at `path`, in index/, stands for;
 * notes that it is being told. Where the stamp cannot be set it is told each
 * time. */
bool notice_is_due(const struct spool *spool, struct path path);

/* When it was told, if it may still be so: within twice NOTICE_EVERY. 0 if
 * not. */
int64_t notice_told(const struct spool *spool, struct path path);

#endif
