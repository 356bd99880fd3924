/* SPDX-License-Identifier: MIT */
/* Under which leases a task was handed out before it came back into the queue
 * by itself: progress/42/NAME.leases, one lease a line, the first hand-out
 * first. NAME is that of the queued task it became (….rN) without the .json. No
 * two tries have the same name, so what was noted of another stay in the queue
 * is never believed. A task without .rN has not come back, and has no note.
 *
 * The note is made before the rename that queues the task again, by whoever
 * gets there first. It is not fsynced: where it is missing or torn (power loss,
 * a full disk, an mv by hand to another name) it cannot be told whose lease was
 * one of the task's. */
#ifndef STOFLOW_PAST_LEASE_H
#define STOFLOW_PAST_LEASE_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "name.h"

#include <stdbool.h>

/* Notes, for the queued task that `taken` is about to become, the lease that
 * `taken` names and those noted of it before. No error: what could not be noted
 * cannot be told. */
void past_lease_note(const struct account *account,
    const struct lease_name *taken, const struct task_name *next);

/* The same where a person takes it back, by moving the file called `from` out
 * of executing/. Nothing is noted of a file that does not come as a next try.
 */
void past_lease_note_moved(const struct account *account, const char *from,
    const struct task_name *next);

/* Whether it is certain that the task, since it was put into the queue, was
 * never handed out under this lease and taken back. */
bool past_lease_is_foreign(const struct account *account,
    const struct task_name *name, const char *lease);

/* Appends each as a JSON string with a comma behind it. False if it cannot be
 * told; nothing is appended then. */
bool past_lease_list(const struct account *account,
    const struct task_name *name, struct buffer *out);

/* Removes the note of a task that has left this name. A failure is of no
 * account: the sweeper removes it. */
void past_lease_forget(
    const struct account *account, const struct task_name *name);

/* Reads the name of a note's file, without its folder. ERROR_SYNTAX. */
enum error past_lease_parse(const char *name, struct task_name *task);

#endif
