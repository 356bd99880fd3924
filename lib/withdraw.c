/* SPDX-License-Identifier: MIT */
#include "withdraw.h"

#include "clock.h"
#include "file.h"
#include "queue_change.h"
#include "random.h"
#include "task.h"
#include "verdict.h"

#include <string.h>

static enum error move(const struct spool *spool, int64_t user,
    struct path from, struct path to, const char *added)
{
    struct queue_change change;
    queue_change_begin(&change, spool, user);
    enum error error = file_rename(spool->directory, from.text, to.text);
    queue_change_end(&change, error == ERROR_NONE ? added : NULL);
    return error;
}

static enum error give_verdict(const struct spool *spool,
    const struct config *config, int64_t user, struct path entry,
    const struct task_name *name, const struct verdict *verdict)
{
    struct task task;
    struct task_fault fault;
    enum error error =
        task_load(spool, config, entry, user, name, &task, &fault);
    if (error != ERROR_NONE)
        return error;
    task_set_pending(&task);
    error = verdict_give(spool, &task, &entry, verdict);
    task_free(&task);
    return error;
}

enum error withdraw_pending(const struct spool *spool,
    const struct config *config, int64_t user, const char *name,
    const char *declared, const char *text)
{
    struct lease_name lease = {.deadline = clock_now()};
    struct verdict verdict = {.error = text,
        .error_length = strlen(text),
        .execution_time_ms = -1,
        .declared = declared};
    struct path from = path_in_user(SPOOL_PENDING, user, name);
    enum error error = name_parse_queued(name, &lease.task);
    if (error == ERROR_NONE)
        error = random_lease(lease.lease);
    if (error == ERROR_NONE)
        error = spool_make_user(spool, SPOOL_EXECUTING, user);
    if (error != ERROR_NONE)
        return error;
    struct name executing = name_format_executing(&lease);
    struct path entry = path_in_user(SPOOL_EXECUTING, user, executing.text);
    error = move(spool, user, from, entry, NULL);
    if (error != ERROR_NONE)
        return error;
    error = give_verdict(spool, config, user, entry, &lease.task, &verdict);
    if (error != ERROR_NONE && error != ERROR_EXISTS)
        move(spool, user, entry, from, name);
    return error == ERROR_EXISTS ? ERROR_NONE : error;
}
