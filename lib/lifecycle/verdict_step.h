/* SPDX-License-Identifier: MIT */
/* The steps of a verdict (verdict.h) behind its .verdict name, for whoever
 * takes them: who has given it, or who has met it. `record` is another link of
 * it in tmp/, which nobody else touches: the .verdict itself may become
 * another's at any moment. */
#ifndef STOFLOW_VERDICT_STEP_H
#define STOFLOW_VERDICT_STEP_H

#include "account.h"
#include "error.h"
#include "path.h"
#include "record.h"

#include <stdbool.h>

/* Whether a file name in tmp/ is that of a .verdict. */
bool verdict_step_is_name(const char *name);

/* Where the record of a task is kept that has completed, or has failed. */
struct path verdict_step_place(
    const struct account *account, const char *id, bool completed);

/* ERROR_NONE: `path` is another name of the record. ERROR_EXISTS: it is that of
 * another, or of nothing. Any other: it cannot be told. */
enum error verdict_step_look(
    const struct spool *spool, struct path record, struct path path);

/* The same where not being able to tell may pass for "no". */
bool verdict_step_is_link(
    const struct spool *spool, struct path record, struct path path);

/* Steps 3 to 5. `entry` (may be NULL) is where the task lay last. After
 * ERROR_NONE the task is done; *left is ERROR_NONE too, or what was met by the
 * first of it that could not be removed.
 * ERROR_EXISTS: the .verdict has gone, so another has finished it, or a verdict
 * stands against this one. */
enum error verdict_step_carry_out(const struct account *account,
    struct path record, const struct record_head *head,
    const struct path *entry, enum error *left);

/* Removes a declared failure that a success stands beside, recorded at this
 * moment. ERROR_NONE also where there is none; ERROR_BUSY: the success has gone
 * by now, and what was recorded after it stays, being of the next try. The
 * removal is not fsynced. For a moment the failure lies in tmp/, under a name
 * that verdict_step_is_aside knows; after any other error it may lie there
 * still. Where it could not be moved there it is noted as stuck. */
enum error verdict_step_remove_outlived(
    const struct account *account, const char *id, int64_t success_at);

/* Whether a file name in tmp/ is such a one; and the end of that removal, where
 * who began it has died or failed. Any number of programs may do so at once,
 * also beside him. ERROR_SYNTAX: it is no such name. */
bool verdict_step_is_aside(const char *name);
enum error verdict_step_settle_aside(
    const struct spool *spool, const struct config *config, const char *name);

/* Whether it has not reached done/, for sure. If it has, it stands, and
 * whatever else is left of the task remains to be cleared. */
bool verdict_step_is_undone(const struct account *account, struct path record,
    const struct record_head *head);

/* Undoes step 3 for a verdict that was not carried out, and whose .verdict has
 * gone, so that nobody can place its record any more. Where somebody has by
 * now, nothing is undone. */
void verdict_step_undo(const struct account *account, struct path record,
    const struct record_head *head);

/* Removes the .verdict, which is that of this record, and then does the same;
 * where it cannot be removed, nothing is undone. Nothing was acknowledged. */
void verdict_step_take_back(const struct account *account, struct path record,
    const struct record_head *head);

#endif
