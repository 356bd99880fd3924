/* SPDX-License-Identifier: MIT */
#include "twin.h"

#include "file.h"
#include "name.h"
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct search {
    const struct account *account;
    const struct stat *status;
    const char *own;                 /* that one is not looked for; "": none */
    const struct lease_name *before; /* only later ones are; NULL: all */
    struct task_place *place;
};

/* ERROR_EXISTS ends the walk: this is it. So does what keeps that from being
 * told, since whoever asks goes by a "no". */
static enum error compare(
    const struct search *search, enum spool_directory folder, const char *name)
{
    struct stat status;
    struct path path = account_path(search->account, folder, name);
    if (strcmp(path.text, search->own) == 0)
        return ERROR_NONE;
    if (fstatat(search->account->spool->directory, path.text, &status,
            AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ERROR_NONE : error_from_errno(errno);
    if (!file_is_same(&status, search->status))
        return ERROR_NONE;
    search->place->path = path;
    return ERROR_EXISTS;
}

/* Whether what a name says, as *place holds it, is looked for. */
static bool is_sought(const struct search *search)
{
    const struct lease_name *found = &search->place->lease;
    const struct lease_name *before = search->before;
    if (before == NULL)
        return true;
    if (strcmp(found->task.id, before->task.id) != 0)
        return false;
    if (found->task.generation != before->task.generation)
        return found->task.generation > before->task.generation;
    return search->place->state == TASK_EXECUTING &&
           found->deadline > before->deadline &&
           strcmp(found->lease, before->lease) == 0;
}

static enum error match_executing(void *context, const char *name)
{
    const struct search *search = context;
    search->place->state = TASK_EXECUTING;
    return name_parse_executing(name, &search->place->lease) == ERROR_NONE &&
                   is_sought(search)
               ? compare(search, SPOOL_EXECUTING, name)
               : ERROR_NONE;
}

static enum error match_pending(void *context, const char *name)
{
    const struct search *search = context;
    search->place->state = TASK_PENDING;
    return name_parse_queued(name, &search->place->lease.task) == ERROR_NONE &&
                   is_sought(search)
               ? compare(search, SPOOL_PENDING, name)
               : ERROR_NONE;
}

static enum error walk(struct search *search, enum spool_directory folder,
    enum error (*match)(void *context, const char *name))
{
    enum error error = spool_each_name(search->account->spool,
        account_folder(search->account, folder), match, search);
    if (error == ERROR_EXISTS)
        return ERROR_NONE;
    return error == ERROR_NONE ? ERROR_NOT_FOUND : error;
}

/* In the order in which a task moves, and then where it may have come back. */
static enum error walk_all(struct search *search)
{
    if (search->status->st_nlink < 2)
        return ERROR_NOT_FOUND;
    enum error error = walk(search, SPOOL_PENDING, match_pending);
    if (error == ERROR_NOT_FOUND)
        error = walk(search, SPOOL_EXECUTING, match_executing);
    if (error == ERROR_NOT_FOUND)
        error = walk(search, SPOOL_PENDING, match_pending);
    return error;
}

enum error twin_find(const struct account *account, const struct stat *status,
    struct task_place *place)
{
    struct search search = {account, status, "", NULL, place};
    return walk_all(&search);
}

enum error twin_find_later(const struct account *account, struct path path,
    const struct lease_name *lease, struct task_place *place)
{
    struct stat status;
    struct search search = {account, &status, "", lease, place};
    return fstatat(account->spool->directory, path.text, &status,
               AT_SYMLINK_NOFOLLOW) == 0
               ? walk_all(&search)
               : error_from_errno(errno);
}

enum error twin_find_beside(const struct account *account,
    const struct stat *status, struct path own, struct task_place *place)
{
    struct search search = {account, status, own.text, NULL, place};
    return status->st_nlink < 2 ? ERROR_NOT_FOUND
                                : walk(&search, SPOOL_PENDING, match_pending);
}
