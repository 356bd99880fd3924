/* SPDX-License-Identifier: MIT */
/* Taking a task back from the plugin that has it: one rename(2) from executing/
 * to pending/, as its next try (.rN). A task that was to be cancelled
 * (cancel_mark.h) does not stay there. */
#ifndef STOFLOW_REQUEUE_H
#define STOFLOW_REQUEUE_H

#include "account.h"
#include "error.h"
#include "name.h"
#include "task.h"

#include <stdbool.h>
#include <stdint.h>

/* At once, with its rank and age. Not fsynced: power loss merely undoes it.
 * ERROR_NONE also where another has done the same a moment ago;
 * ERROR_NOT_FOUND: it has moved otherwise. */
enum error requeue_now(const struct account *account, struct path entry,
    const struct lease_name *lease);

/* With its rank, but not before requeue_delay has passed. Durable: after
 * ERROR_NONE it stays so through power loss. ERROR_NOT_FOUND: it has moved
 * meanwhile; ERROR_EXISTS: a verdict stands on it. After any other error it may
 * lie in either place. *due is when its turn comes. */
enum error requeue_later(const struct account *account, struct path entry,
    const struct lease_name *lease, int64_t *due);

/* Whether what the plugin says of its failure, text[0..length), is worth
 * another try later: it shows that nothing was done, or that the session was
 * not good for it and the task may be repeated. */
bool requeue_is_worth(const struct account *account, const struct task *task,
    const char *text, size_t length);

/* Microseconds until the try after number `generation`: half of what the rules
 * give, and as much again at the most, so that tasks that failed together do
 * not come again together. */
int64_t requeue_delay(const struct retry_rules *rules, int generation);

#endif
