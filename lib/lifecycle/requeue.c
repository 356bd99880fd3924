/* SPDX-License-Identifier: MIT */
#include "requeue.h"

#include "action.h"
#include "cancel_mark.h"
#include "clock.h"
#include "file.h"
#include "past_lease.h"
#include "queue_index.h"
#include "random.h"
#include "verdict.h"
#include "withdraw.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Somebody may have asked for its end, and found it executing, just before the
 * rename. If it cannot be withdrawn now, a poll or the sweeper meets both. */
static void heed_mark(
    const struct account *account, const char *id, const char *name)
{
    if (cancel_mark_look(account, id) == ERROR_NONE)
        withdraw_pending(account, name, WITHDRAW_CANCELLED);
}

/* Once it is back its late result may come, so the lease is noted before. */
static enum error rename_back(const struct account *account, struct path entry,
    const struct lease_name *lease, const struct task_name *next)
{
    struct name name = name_format_queued(next);
    enum error error = account_make_folder(account, SPOOL_PENDING);
    if (error != ERROR_NONE)
        return error;
    past_lease_note(account, lease, next);
    error = queue_index_rename(account, entry,
        account_path(account, SPOOL_PENDING, name.text), name.text);
    if (error == ERROR_NONE)
        past_lease_forget(account, &lease->task);
    return error;
}

enum error requeue_now(const struct account *account, struct path entry,
    const struct lease_name *lease)
{
    struct task_name next = lease->task;
    next.generation++;
    struct name name = name_format_queued(&next);
    enum error error = rename_back(account, entry, lease, &next);
    if (error == ERROR_NONE)
        heed_mark(account, next.id, name.text);
    return error;
}

int64_t requeue_delay(const struct retry_rules *rules, int generation)
{
    int64_t seconds = rules->delay;
    int64_t random;
    for (int i = 0; i < generation && seconds < rules->delay_max; i++)
        seconds *= 2;
    if (seconds > rules->delay_max)
        seconds = rules->delay_max;
    int64_t half = seconds * clock_second / 2;
    if (random_number(half, &random) != ERROR_NONE)
        random = half;
    return half + random;
}

/* First the file, whose creator may have died before it was safe; then the new
 * place, so that power loss cannot leave the task in neither. */
static enum error make_safe(const struct account *account, int descriptor)
{
    enum error error = file_sync(descriptor);
    if (error == ERROR_NONE)
        error = account_sync_folder(account, SPOOL_PENDING);
    return error == ERROR_NONE ? account_sync_folder(account, SPOOL_EXECUTING)
                               : error;
}

static enum error put_off(const struct account *account, struct path entry,
    int descriptor, const struct lease_name *lease, int64_t *due)
{
    struct task_name next = lease->task;
    *due =
        clock_now() + requeue_delay(&account->config->retry, next.generation);
    next.created = *due;
    next.generation++;
    struct name name = name_format_queued(&next);
    enum error error = rename_back(account, entry, lease, &next);
    if (error == ERROR_NONE)
        error = verdict_heed_other(
            account, next.id, account_path(account, SPOOL_PENDING, name.text));
    if (error == ERROR_NONE)
        error = make_safe(account, descriptor);
    if (error == ERROR_NONE)
        heed_mark(account, next.id, name.text);
    return error;
}

/* It is opened by the name that it still has: from then on another may move it
 * at any moment. */
enum error requeue_later(const struct account *account, struct path entry,
    const struct lease_name *lease, int64_t *due)
{
    int descriptor = openat(account->spool->directory, entry.text,
        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return error_from_errno(errno);
    enum error error = put_off(account, entry, descriptor, lease, due);
    close(descriptor);
    return error;
}

bool requeue_is_worth(const struct account *account, const struct task *task,
    const char *text, size_t length)
{
    if (task->draft.retries == 0)
        return false;
    switch (config_failure(account->config, text, length)) {
    case FAILURE_UNSENT:
        return true;
    case FAILURE_REPEATABLE:
        return action_is_repeatable(task->name.action, task->draft.params);
    default:
        return false;
    }
}
