/* SPDX-License-Identifier: MIT */
/* Root, who starts a program by hand or from its own crontab, over a spool that
 * is another's: what it would make there, the programs could not touch. */
#ifndef STOFLOW_SPOOL_OWNER_H
#define STOFLOW_SPOOL_OWNER_H

#include "error.h"

#include <sys/types.h>

/* Where this process is root's, and root/spool (or, where there is none yet,
 * `root`) is not, it becomes its owner's, for good, without other groups than
 * its own. *owner is whose it is then, or was to be. After an error it may
 * still be root's and must end: ERROR_DENIED, ERROR_SYSTEM. */
enum error spool_owner_become(const char *root, uid_t *owner);

#endif
