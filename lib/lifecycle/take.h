/* SPDX-License-Identifier: MIT */
/* Taking a task out of the queue for a plugin, and giving it back: the steps of
 * a claim that deal with one task alone. */
#ifndef STOFLOW_TAKE_H
#define STOFLOW_TAKE_H

#include "account.h"
#include "error.h"
#include "name.h"
#include "path.h"
#include "task.h"

/* A task on its way from pending/ to executing/. */
struct candidate {
    char name[NAME_LENGTH_MAX];
    struct task_name parsed; /* what that says */
    struct path from;
    struct path entry; /* where it was taken to; "": it was not */
    bool has_folder;   /* executing/USER has been seen, with a name that is
                        * safe */
};

/* The lease for the task, under this receive_id, or drawn where that is "".
 * ERROR_* of random_lease. */
enum error take_choose_lease(
    const char *receive_id, const struct task *task, struct lease_name *lease);

/* Makes the folder that it is to be moved to. One that was not there when the
 * leases were settled may be being made by another, and its name not be safe
 * yet: nobody moves a task there before it is. Comes before queue_begin, since
 * it may wait for the disk. ERROR_* of directory_make. */
enum error take_make_folder(
    const struct account *account, const struct candidate *candidate);

/* Renames it to its entry under the lease, which commits the claim, and notes
 * in the file's mtime and in *task since when it is so. ERROR_NOT_FOUND:
 * another has it. After any error it was not taken. */
enum error take_rename(const struct account *account,
    struct candidate *candidate, const struct lease_name *lease,
    struct task *task);

/* Makes the claim of a task that may not be repeated safe from power loss; that
 * of any other needs not be. ERROR_* of fsync(2). */
enum error take_make_safe(
    const struct account *account, const struct task *task, struct path entry);

/* Puts a task that nobody has seen yet back into the queue, as if never taken.
 * If it cannot, it waits for its deadline. */
void take_give_back(
    const struct account *account, const struct candidate *candidate);

#endif
