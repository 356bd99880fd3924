/* SPDX-License-Identifier: MIT */
#include "queue_folder.h"

#include "clock.h"
#include "pause.h"
#include "queue_index.h"
#include "stamp.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct walk {
    const struct account *account;
    size_t most;
    struct name_list *names;
    bool paused;
    bool moved; /* a name of executing/ or done/ was met */
    struct drop_list drops;
};

/* Whether a name that is not queued is one of executing/ or done/. */
static bool is_from_elsewhere(const char *name)
{
    struct lease_name lease;
    return name_parse_executing(name, &lease) == ERROR_NONE ||
           strstr(name, ".completed.json") != NULL ||
           strstr(name, ".failed.json") != NULL;
}

static enum error visit(void *context, const char *name)
{
    struct walk *walk = context;
    struct task_name task;
    if (!name_is_json(name)) {
        walk->paused = walk->paused || strcmp(name, pause_name) == 0;
        return ERROR_NONE;
    }
    if (name_parse_queued(name, &task) == ERROR_NONE) {
        return walk->names->count < walk->most
                   ? name_list_append(walk->names, name, strlen(name))
                   : ERROR_TOO_LARGE;
    }
    walk->moved = walk->moved || is_from_elsewhere(name);
    return drop_list_add(&walk->drops, name);
}

static enum error add_queued(void *context, int64_t user, const char *name)
{
    struct name_list *names = context;
    (void)user;
    return name_list_append(names, name, strlen(name));
}

/* Routing changes the folder, so its mtime is then not folder->changed any more
 * and the next poll reads it again: what came by hand meanwhile is not lost
 * behind our own renames. A loss of power may bring back that mtime and what
 * has been moved, so an index of it is not believed for long. */
static enum error route_drops(
    struct walk *walk, struct queue_folder *folder, int64_t now)
{
    const struct account *account = walk->account;
    struct drop_route route = {account->spool, account->config, account->user,
        DROPS_PER_POLL, add_queued, walk->names};
    if (walk->drops.count == 0)
        return ERROR_NONE;
    enum error error = drop_list_route(&walk->drops, &route, &folder->drops);
    folder->moved = walk->moved && folder->drops.waiting > 0;
    if (folder->drops.waiting > folder->drops.stuck)
        folder->recheck = now + (account->config->settle * clock_second);
    else
        folder->recheck = now + queue_index_recheck_after;
    return error;
}

/* ERROR_NOT_FOUND: there is no folder. A network file system may say so for a
 * moment, so nothing is noted of it. */
static enum error read_names(struct walk *walk, struct queue_folder *folder)
{
    struct stat status;
    struct path path = account_folder(walk->account, SPOOL_PENDING);
    int64_t now = clock_now();
    if (fstatat(walk->account->spool->directory, path.text, &status, 0) != 0)
        return error_from_errno(errno);
    folder->changed = status.st_mtim;
    folder->recheck = now + queue_index_believed;
    folder->racy = clock_is_racy(status.st_mtim, now);
    folder->deep = status.st_size > QUEUE_FOLDER_BIG;
    enum error error = spool_each_name(walk->account->spool, path, visit, walk);
    folder->pause_possible = walk->paused;
    if (error == ERROR_NONE)
        error = route_drops(walk, folder, now);
    return error == ERROR_NONE ? name_list_sort(walk->names) : error;
}

static enum error read_at_most(struct queue_folder *folder,
    const struct account *account, size_t most, struct name_list *names)
{
    struct walk walk = {account, most, names, false, false, DROP_LIST_EMPTY};
    *folder = (struct queue_folder){.drops = folder->drops};
    folder->drops.waiting = 0;
    folder->drops.stuck = 0;
    enum error error = read_names(&walk, folder);
    folder->had_drops = walk.drops.count > 0;
    drop_list_free(&walk.drops);
    if (error == ERROR_TOO_LARGE || names->count > QUEUE_DEEP)
        folder->deep = true;
    return error;
}

enum error queue_folder_read(struct queue_folder *folder,
    const struct account *account, struct name_list *names)
{
    enum error error = read_at_most(folder, account, SIZE_MAX, names);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

enum error queue_folder_read_small(struct queue_folder *folder,
    const struct account *account, struct name_list *names)
{
    struct stamp stamp;
    struct path path = account_folder(account, SPOOL_PENDING);
    struct path seen = account_file(account, SPOOL_INDEX, "pending");
    enum error error = stamp_look(account->spool, path, seen, &stamp);
    if (error == ERROR_NONE)
        error = read_at_most(folder, account, QUEUE_DEEP, names);
    if (error == ERROR_NOT_FOUND || error == ERROR_EXISTS)
        return ERROR_NONE;
    if (error == ERROR_NONE && !folder->deep && names->count == 0 &&
        !folder->had_drops && !folder->pause_possible)
        stamp_set(account->spool, &stamp);
    return error;
}
