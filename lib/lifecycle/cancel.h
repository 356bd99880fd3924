/* SPDX-License-Identifier: MIT */
/* Cancelling a task, wherever it is. */
#ifndef STOFLOW_CANCEL_H
#define STOFLOW_CANCEL_H

#include "account.h"
#include "error.h"

enum cancel_outcome {
    CANCEL_DONE,    /* it is recorded as cancelled, now or before */
    CANCEL_ASKED,   /* a plugin has it and is told by its next progress */
    CANCEL_TOO_LATE /* it has finished otherwise */
};

/* Cancels the task: a pending one is withdrawn, an overdue one settled first,
 * an executing one marked (cancel_mark.h). What *outcome says is durable.
 * ERROR_NOT_FOUND: there is no such task; ERROR_BUSY: it keeps moving; what
 * task_is_spoilt: its file is none, and stays. After an error it may be marked;
 * asking again is always right. */
enum error cancel_task(const struct account *account, const char *id,
    enum cancel_outcome *outcome);

#endif
