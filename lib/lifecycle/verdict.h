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

#include <stdbool.h>

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

/* Steps 3 to 5, of the record that is linked at `record` and at its .verdict
 * name: what all of these come to. `entry` (may be NULL) is where the task lay
 * last. After ERROR_NONE the task is done; *clean says whether nothing else of
 * it is left. ERROR_EXISTS: another has carried out this verdict, or given one
 * that stands against it. */
enum error verdict_carry_out(const struct account *account, struct path record,
    const struct record_head *head, const struct path *entry, bool *clean);

/* Removes every entry in executing/ and pending/ that a task which is done
 * still has, without an fsync. False if one may be left. One that escapes,
 * because it moves at this moment, is met by its claimant or by the sweeper,
 * who look in done/ too. */
bool verdict_clear_entries(const struct account *account, const char *id);

/* Removes an entry in executing/ or pending/ of a task that is done: left by a
 * crash, or come back by a late step of another program. The record is made
 * safe first, so that power loss cannot take both. */
enum error verdict_clear_entry(
    const struct account *account, struct path entry);

/* Asks find_undone of a task with an entry, which goes if the task is done.
 * ERROR_NONE: it is not. ERROR_EXISTS: it is, and the entry is gone. Any other:
 * it cannot be told, or the entry not be removed. */
enum error verdict_clear_done(
    const struct account *account, const char *id, struct path entry);

/* Whether a file name in tmp/ is that of a verdict. */
bool verdict_is_name(const char *name);

#endif
