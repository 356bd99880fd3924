/* SPDX-License-Identifier: MIT */
/* What is to be safe from power loss of a task that was moved to executing/. */
#ifndef STOFLOW_MOVED_H
#define STOFLOW_MOVED_H

#include "account.h"
#include "error.h"
#include "path.h"
#include "task.h"

/* Makes safe that the task has its entry, and none of the names that it had
 * before. ERROR_* of fsync(2). */
enum error moved_make_safe(
    const struct account *account, const struct task *task, struct path entry);

#endif
