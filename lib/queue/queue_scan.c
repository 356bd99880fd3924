/* SPDX-License-Identifier: MIT */
#include "queue_scan.h"

#include "clock.h"
#include "config.h"
#include "drop.h"
#include "error.h"
#include "name.h"
#include "name_list.h"
#include "path.h"
#include "pause.h"
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

struct walk {
    const struct account *account;
    size_t most;
    bool paused;
    struct name_list *names;
    struct drop_list drops;
};

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
    return drop_list_add(
        &walk->drops, walk->account->spool, walk->account->user, name);
}

static enum error add_queued(void *context, int64_t user, const char *name)
{
    struct name_list *names = context;
    (void)user;
    return name_list_append(names, name, strlen(name));
}

/* Routing changes the folder, so its mtime is then not scan->changed any more
 * and the next poll reads it again: what came by hand meanwhile is not lost
 * behind our own renames. */
static enum error route_drops(struct walk *walk, const struct config *config,
    struct queue_scan *scan, int64_t now)
{
    struct drop_route route = {walk->account->spool, config,
        walk->account->user, DROPS_PER_POLL, add_queued, walk->names};
    enum error error = drop_list_route(&walk->drops, &route, &scan->drops);
    if (scan->drops.waiting > 0)
        scan->recheck = now + (config->settle * clock_second);
    return error;
}

enum error queue_scan_folder(const struct account *account, size_t most,
    struct name_list *names, struct queue_scan *scan)
{
    struct stat folder;
    struct path path = account_folder(account, SPOOL_PENDING);
    struct walk walk = {account, most, false, names, DROP_LIST_EMPTY};
    int64_t now = clock_now();
    memset(scan, 0, sizeof *scan);
    if (fstatat(account->spool->directory, path.text, &folder, 0) != 0)
        return errno == ENOENT ? ERROR_NONE : error_from_errno(errno);
    scan->changed = folder.st_mtim;
    scan->folder_size = (int64_t)folder.st_size;
    scan->racy = clock_is_racy(folder.st_mtim, now);
    enum error error = spool_each_name(account->spool, path, visit, &walk);
    scan->paused = walk.paused;
    if (error == ERROR_NOT_FOUND)
        error = ERROR_NONE;
    if (error == ERROR_NONE && walk.drops.count > 0)
        error = route_drops(&walk, account->config, scan, now);
    drop_list_free(&walk.drops);
    return error == ERROR_NONE ? name_list_sort(names) : error;
}
