/* SPDX-License-Identifier: MIT */
/* Executing tasks: their leases, and what happens when one passes. */
#ifndef STOFLOW_LEASE_H
#define STOFLOW_LEASE_H

#include "account.h"
#include "error.h"
#include "find.h"
#include "name.h"
#include "task.h"

enum lease_limits {
    LEASES_PER_POLL = 64,    /* overdue ones settled by one poll */
    LEASES_PER_SWEEP = 20000 /* by one sweep, for one user */
};

struct lease_report {
    unsigned requeued;
    unsigned failed;    /* declared failed: outcome unknown */
    unsigned cleared;   /* left behind by a crash: the task was done, or lay in
                         * pending/ too */
    unsigned left;      /* overdue, but past the limit, stuck, or the disk
                         * refused */
    unsigned shortened; /* deadlines that no timeout can have set */
    bool has_folder;    /* executing/USER is there, and its name is safe */
};

/* Settles the user's overdue leases, at most `most`: a task that may be
 * repeated and has retries left goes back to pending as the next .rN, any
 * other is declared failed. A deadline further ahead than any timeout was set
 * while the clock was ahead: it becomes the task's timeout from now. Adds to
 * *report. One that cannot be settled is counted as `left` and told of, and
 * keeps no other from its turn; ERROR_* of
 * readdir(3) and memory. */
enum error lease_settle(
    const struct account *account, unsigned most, struct lease_report *report);

/* Settles one entry in executing/, overdue or not, or shortens its lease, as
 * above. ERROR_NOT_FOUND and ERROR_EXISTS: another program was quicker. After
 * any other error, which may be that it cannot be told whether the task is
 * done, it is as before. */
enum error lease_settle_one(const struct account *account, const char *name,
    struct lease_report *report);

/* Looks for an executing task by its lease. ERROR_NOT_FOUND. */
enum error lease_find(
    const struct account *account, const char *lease, struct lease_name *found);

/* Says that the task was claimed now, in *task and by the mtime of its entry,
 * which tells since when it is executing (started_at). */
void lease_note_start(
    const struct spool *spool, struct path entry, struct task *task);

/* Moves the deadline of the executing task at *place to `seconds` from now,
 * never to an earlier moment than it was, by one rename that leaves the mtime
 * alone; *place then says where the task lies. ERROR_NOT_FOUND: it has moved
 * meanwhile. ERROR_CONFLICT: it is not the plugin's any more, since it is done
 * or being withdrawn. After any other error that cannot be told, and the
 * deadline may have moved. */
enum error lease_renew(
    const struct account *account, struct task_place *place, int seconds);

/* Moves the deadline of the executing task at *place on by a microsecond, which
 * gives it another name: whoever knows it by the one before does nothing to it
 * any more. Errors as above. */
enum error lease_take_over(
    const struct account *account, struct task_place *place);

/* Removes what a crash may have left beside executing entries: an entry of a
 * task that is done, a pending name of the same try, and one of the next that
 * is the same file (file systems have been seen to keep both sides of a
 * rename). For the sweeper. */
enum error lease_clear(
    const struct account *account, struct lease_report *report);

#endif
