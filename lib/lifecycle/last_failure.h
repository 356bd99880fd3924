/* SPDX-License-Identifier: MIT */
/* Why a task that waits again was put off: progress/42/ID.failure, which cat
 * shows. A hint that nothing depends on: it is noted just before the task goes
 * back into the queue, is not fsynced, and goes with the verdict. One that is
 * left is not believed of a task without .rN, which has not come back. */
#ifndef STOFLOW_LAST_FAILURE_H
#define STOFLOW_LAST_FAILURE_H

#include "account.h"
#include "buffer.h"
#include "name.h"

#include <stddef.h>

/* Notes what the plugin said, of which RECORD_ERROR_MAX characters are kept, in
 * place of what it said before. No error: what could not be noted is not told.
 */
void last_failure_note(const struct account *account, const char *id,
    const char *text, size_t length);

/* Appends the members "last_error" and "last_error_at" to an object; nothing
 * where none is known. */
void last_failure_write(struct buffer *out, const struct account *account,
    const struct task_name *name);

/* Of a task that came to its end under this name. A failure is of no account:
 * the sweeper removes it. */
void last_failure_forget(
    const struct account *account, const struct task_name *name);

#endif
