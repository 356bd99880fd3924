/* SPDX-License-Identifier: MIT */
/* What the plugin says of the task it is at: progress/42/ID.json. A hint, good
 * only while the task is executing under the very lease it was said under. */
#ifndef STOFLOW_PROGRESS_H
#define STOFLOW_PROGRESS_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "name.h"

#include <stddef.h>
#include <stdint.h>

enum progress_sizes {
    PROGRESS_MESSAGE_MAX = 200 /* characters */
};

struct progress {
    int64_t done;  /* of `total`, in whatever is counted; < 0: not said */
    int64_t total; /* < 0: not said */
    char message[(PROGRESS_MESSAGE_MAX * 4) + 1]; /* UTF-8 */
    size_t message_length;                        /* 0: not said */
    int64_t at;                                   /* moment it was said */
};

/* Stores what was said under a lease, in place of what was said before. Not
 * fsynced. */
enum error progress_store(const struct account *account,
    const struct lease_name *lease, const struct progress *progress);

/* What was said last. ERROR_NOT_FOUND where nothing was said under this lease,
 * or nothing that can be read. */
enum error progress_load(const struct account *account,
    const struct lease_name *lease, struct progress *progress);

/* Appends the members "done", "total", "message" and "at" to an object; what
 * was not said is null. */
void progress_write(struct buffer *out, const struct progress *progress);

/* Forgets what was said of a task that is executing no more. A failure is of no
 * account: it is not good under another lease, and the sweeper removes it. */
void progress_forget(const struct account *account, const char *id);

#endif
