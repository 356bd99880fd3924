/* SPDX-License-Identifier: MIT */
/* Giving a task its verdict: the one way into done/.
 *
 *   1. the record is written to tmp/ and fsynced
 *   2. link to tmp/USER-ID.verdict: of all who would speak on this task now,
 *      one gets the name and the others EEXIST
 *   3. link to ingest/, where the catalogue will want it
 *   4. link to done/: the task is done. fsync of both folders: it stays done
 *   5. the entries in executing/ and pending/ go, then the names in tmp/
 *
 * A crash after 2 leaves the .verdict, and whoever meets it next (the next
 * to speak, or the sweeper) carries it out from 3 on; every step may be done
 * twice. doc/inside.md walks through each. */
#ifndef STOFLOW_VERDICT_H
#define STOFLOW_VERDICT_H

#include "account.h"
#include "error.h"
#include "record.h"
#include "task.h"

/* Records the verdict on a task found at `entry` in executing/ or pending/
 * (NULL: in done/, failed as we declared). ERROR_EXISTS: another verdict stands
 * already, nothing was changed. ERROR_NOT_FOUND: it is there no more; look
 * again. ERROR_BUSY: another is being given at this moment. After any other
 * error nothing is acknowledged: the task is still where it was, or done by
 * this very verdict.
 *
 * A failure that only we declared is no verdict that stands against the
 * plugin's own word (verdict->declared == NULL): that one replaces it. */
enum error verdict_give(const struct account *account, const struct task *task,
    const struct path *entry, const struct verdict *verdict);

/* Carries out the verdict that a crashed program left at tmp/NAME. Any number
 * of programs may do so at once. ERROR_SYNTAX: it is no record. */
enum error verdict_finish(
    const struct spool *spool, const struct config *config, const char *name);

/* The same for whatever verdict is being given on a task at this moment, or was
 * when a program died. ERROR_NOT_FOUND: none is. */
enum error verdict_finish_other(const struct account *account, const char *id);

/* The same for whom nothing else of the task may be left. Where something could
 * not be removed the error is what that met, for ERROR_BUSY. */
enum error verdict_finish_whole(const struct account *account, const char *id);

/* For who has moved a task that another may be giving a verdict on, having seen
 * it where it was: `entry` is where it is now. ERROR_NONE: no verdict stands,
 * and who speaks from now on looks in vain for where it was. ERROR_EXISTS: one
 * stands, and the entry is gone. Any other: it cannot be told. */
enum error verdict_heed_other(
    const struct account *account, const char *id, struct path entry);

#endif
