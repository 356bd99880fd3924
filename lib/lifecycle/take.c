/* SPDX-License-Identifier: MIT */
#include "take.h"

#include "action.h"
#include "clock.h"
#include "file.h"
#include "json.h"
#include "lease.h"
#include "queue_index.h"
#include "random.h"

#include <stdio.h>

enum error take_choose_lease(
    const char *receive_id, const struct task *task, struct lease_name *lease)
{
    lease->task = task->name;
    lease->deadline = clock_now() + (task->timeout * clock_second);
    if (receive_id[0] == '\0')
        return random_lease(lease->lease);
    snprintf(lease->lease, sizeof lease->lease, "%s", receive_id);
    return ERROR_NONE;
}

/* The target bears our lease, so nobody else can have made it. A folder that
 * was not there when the leases were settled may be being made by another, and
 * its name not be safe yet: nobody moves a task there before it is. */
static enum error rename_to_executing(
    const struct account *account, const struct candidate *from, struct path to)
{
    int directory = account->spool->directory;
    enum error error = from->has_folder
                           ? ERROR_NONE
                           : account_make_folder(account, SPOOL_EXECUTING);
    if (error == ERROR_NONE)
        error = file_rename_ours(directory, from->from.text, to.text);
    if (error == ERROR_NOT_FOUND && file_exists(directory, from->from.text)) {
        error = account_make_folder(account, SPOOL_EXECUTING);
        if (error == ERROR_NONE)
            error = file_rename_ours(directory, from->from.text, to.text);
    }
    return error;
}

enum error take_rename(const struct account *account,
    struct candidate *candidate, const struct lease_name *lease,
    struct task *task)
{
    struct name name = name_format_executing(lease);
    struct path entry = account_path(account, SPOOL_EXECUTING, name.text);
    enum error error = rename_to_executing(account, candidate, entry);
    if (error != ERROR_NONE)
        return error;
    candidate->entry = entry;
    lease_note_start(account->spool, entry, task);
    return ERROR_NONE;
}

/* Whoever routed a drop of pending/ itself may not have come to its fsync of
 * that: it would be there again with the power, and without an ID another task.
 */
static enum error sync_top(
    const struct account *account, const struct draft *draft)
{
    if (draft->id[0] != '\0' || draft->user == 0)
        return ERROR_NONE;
    return directory_sync(
        account->spool->directory, spool_directory_name(SPOOL_PENDING));
}

/* From a folder that somebody has removed nothing comes back. */
enum error take_make_safe(
    const struct account *account, const struct task *task, struct path entry)
{
    if (action_is_repeatable(task->name.action, task->draft.params))
        return ERROR_NONE;
    enum error error = file_secure(account->spool->directory, entry.text);
    if (error == ERROR_NONE) {
        error = account_sync_folder(account, SPOOL_EXECUTING);
    }
    if (error != ERROR_NONE)
        return error;
    error = account_sync_folder(account, SPOOL_PENDING);
    if (error == ERROR_NONE || error == ERROR_NOT_FOUND)
        error = sync_top(account, &task->draft);
    if ((error == ERROR_NONE || error == ERROR_NOT_FOUND) &&
        task_is_retried(task))
        error = account_sync_folder(account, SPOOL_DONE);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

void take_give_back(
    const struct account *account, const struct candidate *candidate)
{
    queue_index_rename(
        account, candidate->entry, candidate->from, candidate->name);
}
