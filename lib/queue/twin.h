/* SPDX-License-Identifier: MIT */
/* The other name of a task's file: a drop's, or of a retry that failed. Where
 * power is lost between its rename into the queue and the fsync after it, some
 * file systems show it in both folders: as a task, and as a drop that would
 * make another task of it. */
#ifndef STOFLOW_TWIN_H
#define STOFLOW_TWIN_H

#include "account.h"
#include "error.h"
#include "find.h"

#include <sys/stat.h>

/* Looks for a task of the account's, pending or executing, that is this very
 * file. *status is what fstat(2) says of it; where it has but one name nothing
 * is looked at. ERROR_NONE: *place says where, and its lease.task.id whose;
 * ERROR_NOT_FOUND; or what kept us from looking. */
enum error twin_find(const struct account *account, const struct stat *status,
    struct task_place *place);

/* The same for what the task has become whose file has the name `path`, of
 * which *lease is what it says: a later deadline of that hand-out, or a later
 * try. Power loss may show the name before such a rename beside the one that
 * came of it. ERROR_NOT_FOUND also where there is no such file any more. */
enum error twin_find_later(const struct account *account, struct path path,
    const struct lease_name *lease, struct task_place *place);

/* The same among the pending ones, for another name than `own`. */
enum error twin_find_beside(const struct account *account,
    const struct stat *status, struct path own, struct task_place *place);

#endif
