/* SPDX-License-Identifier: MIT */
#include "second.h"

#include "file.h"
#include "find.h"
#include "twin.h"

#include <fcntl.h>
#include <sys/stat.h>

const char second_reason[] = "A task with this ID is executing already.";

static bool is_other(
    int directory, const struct stat *waiting, const char *executing)
{
    struct stat status;
    return fstatat(directory, executing, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           !file_is_same(waiting, &status);
}

/* Executing stands before pending. The pending name is looked at first: a task
 * that is given back at this moment leaves executing/ as it enters pending/.
 * Where the two are one file, who takes the queued name away may do so when it
 * has become the only one: another program has removed it, and a third has
 * queued the entry again. */
enum error second_look(
    const struct account *account, const char *id, struct path queued)
{
    struct task_place place;
    struct stat waiting;
    const struct spool *spool = account->spool;
    enum error error = find_executing(account, id, &place);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    if (fstatat(spool->directory, queued.text, &waiting, AT_SYMLINK_NOFOLLOW) !=
        0)
        return ERROR_NOT_FOUND;
    return is_other(spool->directory, &waiting, place.path.text)
               ? ERROR_EXISTS
               : ERROR_CONFLICT;
}

enum error second_remove_earlier(const struct account *account,
    struct path path, const struct lease_name *lease)
{
    struct task_place later;
    enum error error = twin_find_later(account, path, lease, &later);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    error = file_remove(account->spool->directory, path.text);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    account_log(account, "lease", "%s was removed: its file is %s since",
        path.text, later.path.text);
    return ERROR_EXISTS;
}
