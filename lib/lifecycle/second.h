/* SPDX-License-Identifier: MIT */
/* A name of a task that has another one besides: a copy made by hand, or what a
 * file system left of a rename. */
#ifndef STOFLOW_SECOND_H
#define STOFLOW_SECOND_H

#include "account.h"
#include "error.h"
#include "name.h"
#include "path.h"

/* Why such a name is rejected. */
extern const char second_reason[];

/* Whether a queued name is all that there is of its task. ERROR_EXISTS: it is
 * the second of two. ERROR_NOT_FOUND: the task has just been taken by another.
 * ERROR_CONFLICT: it has just been given back, or both are one file, which the
 * sweeper clears. Or what keeps that from being told. */
enum error second_look(
    const struct account *account, const char *id, struct path queued);

/* Removes the name at `path`, of which *lease is what it says, where its file
 * has that of a later step of the task as well (twin.h): such a one is left by
 * a loss of power behind a renewal or a requeue. ERROR_EXISTS: so it was, and
 * it is logged. ERROR_NONE: it stands, or is there no more. Or what keeps that
 * from being told. */
enum error second_remove_earlier(const struct account *account,
    struct path path, const struct lease_name *lease);

#endif
