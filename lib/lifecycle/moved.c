/* SPDX-License-Identifier: MIT */
#include "moved.h"

#include "file.h"

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
enum error moved_make_safe(
    const struct account *account, const struct task *task, struct path entry)
{
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
