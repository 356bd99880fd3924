/* SPDX-License-Identifier: MIT */
/* The last step of a verdict (verdict.h): what a task that is done has left in
 * executing/ and pending/ goes. */
#ifndef STOFLOW_VERDICT_CLEAR_H
#define STOFLOW_VERDICT_CLEAR_H

#include "account.h"
#include "error.h"
#include "path.h"

/* Removes every entry in executing/ and pending/ that a task which is done
 * still has, without an fsync. After an error one may be left; what could not
 * be removed is noted as stuck. One that escapes, because it moves at this
 * moment, is met by its claimant or by the sweeper, who look in done/ too. */
enum error verdict_clear_entries(const struct account *account, const char *id);

/* Removes an entry in executing/ or pending/ of a task that is done: left by a
 * crash, or come back by a late step of another program. The record is made
 * safe first, so that power loss cannot take both. */
enum error verdict_clear_entry(
    const struct account *account, struct path entry);

/* The same where the record is safe. */
enum error verdict_clear_safe(const struct account *account, struct path entry);

/* Asks find_undone of a task with an entry, which goes if the task is done.
 * ERROR_NONE: it is not. ERROR_EXISTS: it is, and the entry is gone. Any other:
 * it cannot be told, or the entry not be removed. */
enum error verdict_clear_done(
    const struct account *account, const char *id, struct path entry);

#endif
