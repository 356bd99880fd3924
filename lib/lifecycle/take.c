/* SPDX-License-Identifier: MIT */
#include "take.h"

#include "action.h"
#include "clock.h"
#include "file.h"
#include "json.h"
#include "lease.h"
#include "moved.h"
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

enum error take_make_folder(
    const struct account *account, const struct candidate *candidate)
{
    return candidate->has_folder
               ? ERROR_NONE
               : account_make_folder(account, SPOOL_EXECUTING);
}

/* The target bears our lease, so nobody else can have made it. */
static enum error rename_to_executing(
    const struct account *account, const struct candidate *from, struct path to)
{
    int directory = account->spool->directory;
    enum error error = file_rename_ours(directory, from->from.text, to.text);
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

enum error take_make_safe(
    const struct account *account, const struct task *task, struct path entry)
{
    return action_is_repeatable(task->name.action, task->draft.params)
               ? ERROR_NONE
               : moved_make_safe(account, task, entry);
}

void take_give_back(
    const struct account *account, const struct candidate *candidate)
{
    queue_index_rename(
        account, candidate->entry, candidate->from, candidate->name);
}
