/* SPDX-License-Identifier: MIT */
/* Reading a task that is to be handed out. */
#ifndef STOFLOW_CLAIM_LOAD_H
#define STOFLOW_CLAIM_LOAD_H

#include "account.h"
#include "task.h"

/* As task_load, and makes sure that there will be memory for the answer that
 * tells of the task, which must show before it is taken. ERROR_MEMORY if not.
 * Where a limit of the host is the cause no poll will ever hand the task out,
 * so that is told in the log, but not each time. */
enum error claim_load(const struct account *account, struct path from,
    const struct task_name *name, struct task *task, struct task_fault *fault);

#endif
