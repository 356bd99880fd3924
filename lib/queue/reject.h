/* SPDX-License-Identifier: MIT */
/* Setting aside what cannot be understood, with the reason beside it. */
#ifndef STOFLOW_REJECT_H
#define STOFLOW_REJECT_H

#include "error.h"
#include "spool.h"

/* Moves `from` (a file, link, FIFO or directory called `name`) to rejected/
 * and writes the reason to NAME.why there. Where NAME is taken, or would not
 * fit beside its ".why", the new name is a near one; the .why holds the old.
 * ERROR_NOT_FOUND: somebody else took it, nothing is left behind. After any
 * other error `from` lies where it lay and will be met again. */
enum error reject_file(const struct spool *spool, struct path from,
    const char *name, const char *reason);

#endif
