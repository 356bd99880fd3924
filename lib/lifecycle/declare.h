/* SPDX-License-Identifier: MIT */
/* Our own verdict, where the plugin gave none. */
#ifndef STOFLOW_DECLARE_H
#define STOFLOW_DECLARE_H

#include "account.h"
#include "error.h"
#include "path.h"
#include "task.h"

#include <stdbool.h>

/* Records that the task at `entry` in executing/ failed for the reason `word`,
 * which `text` explains; `unknown`: a plugin has it, and nobody knows what it
 * did. Whoever was handed it since it was put into the queue
 * may still tell what became of it: the record bears their leases. Errors of
 * verdict_give. */
enum error declare_failure(const struct account *account,
    const struct task *task, struct path entry, const char *word,
    const char *text, bool unknown);

#endif
