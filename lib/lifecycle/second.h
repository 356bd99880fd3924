/* SPDX-License-Identifier: MIT */
/* A queued name of a task that has an entry in executing/ besides: a copy made
 * by hand, or what a file system left of a rename. */
#ifndef STOFLOW_SECOND_H
#define STOFLOW_SECOND_H

#include "account.h"
#include "error.h"
#include "path.h"

/* Why such a name is rejected. */
extern const char second_reason[];

/* Whether a queued name is all that there is of its task. ERROR_EXISTS: it is
 * the second of two. ERROR_NOT_FOUND: the task has just been taken by another.
 * ERROR_CONFLICT: it has just been given back, or both are one file, which the
 * sweeper clears. Or what keeps that from being told. */
enum error second_look(
    const struct account *account, const char *id, struct path queued);

#endif
