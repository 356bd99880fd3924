/* SPDX-License-Identifier: MIT */
#include "second.h"

#include "file.h"
#include "find.h"

const char second_reason[] = "A task with this ID is executing already.";

/* Executing stands before pending. The pending name is looked at first: a task
 * that is given back at this moment leaves executing/ as it enters pending/. */
enum error second_look(
    const struct account *account, const char *id, struct path queued)
{
    struct task_place place;
    const struct spool *spool = account->spool;
    enum error error = find_executing(account, id, &place);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    if (!file_exists(spool->directory, queued.text))
        return ERROR_NOT_FOUND;
    return file_exists(spool->directory, place.path.text) ? ERROR_EXISTS
                                                          : ERROR_CONFLICT;
}
