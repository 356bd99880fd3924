/* SPDX-License-Identifier: MIT */
/* What the API tells of a task, as one JSON object. */
#ifndef STOFLOW_SUMMARY_H
#define STOFLOW_SUMMARY_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "find.h"

#include <stdbool.h>

/* Appends the summary of a task that find_task or a listing has found pending
 * or executing; `whole`: with its params, and its lease. After an error nothing
 * was appended: ERROR_NOT_FOUND if it has moved meanwhile, or waits and is a
 * husk, others of task_load.
 * Not whole, a file that somebody has spoilt, or that cannot be read, is told
 * by its name alone, and null for what that does not say; also whole, one that
 * is executing and a husk. */
enum error summary_write_live(struct buffer *out, const struct account *account,
    const struct task_place *place, bool whole);

/* Appends the summary of a finished task that find_done has found, reading
 * nothing of its result. A record that somebody has spoilt is told by its name
 * alone, and null for what that does not say. ERROR_NOT_FOUND: it has moved
 * meanwhile, and nothing was appended. ERROR_MEMORY, ERROR_IO. */
enum error summary_write_finished(struct buffer *out,
    const struct account *account, const char *id,
    const struct task_place *place);

#endif
