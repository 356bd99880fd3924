/* SPDX-License-Identifier: MIT */
#include "drop_list.h"

#include "clock.h"
#include "spool_part.h"
#include "stamp.h"
#include "stuck.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    NAMES_A_DROP = 4,      /* names read at the most, for each drop of a look */
    LOOKED_AT_A_DROP = 16, /* of many: for each that is routed */
    SWEPT_WITHIN = 120 /* seconds since a sweep ended: the next is on its way */
};

struct drop {
    int64_t changed; /* moment of the inode's last change: when it came. Not
                      * the mtime, which cp -p brings along from elsewhere.
                      * Set when they are routed */
    char *name;      /* owned */
};

static enum error make_room(struct drop_list *list)
{
    if (list->count < list->capacity)
        return ERROR_NONE;
    size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
    struct drop *drops = realloc(list->drops, capacity * sizeof *list->drops);
    if (drops == NULL)
        return ERROR_MEMORY;
    list->drops = drops;
    list->capacity = capacity;
    return ERROR_NONE;
}

static struct path drop_path(int64_t folder, const char *name)
{
    return folder == 0 ? path_in(SPOOL_PENDING, name)
                       : path_in_user(SPOOL_PENDING, folder, name);
}

enum error drop_list_add(struct drop_list *list, const char *name)
{
    if (make_room(list) != ERROR_NONE)
        return ERROR_MEMORY;
    char *copy = strdup(name);
    if (copy == NULL)
        return ERROR_MEMORY;
    list->drops[list->count++] = (struct drop){0, copy};
    return ERROR_NONE;
}

void drop_list_free(struct drop_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->drops[i].name);
    free(list->drops);
    *list = (struct drop_list)DROP_LIST_EMPTY;
}

static int compare_drops(const void *left, const void *right)
{
    const struct drop *a = left;
    const struct drop *b = right;
    if (a->changed != b->changed)
        return a->changed < b->changed ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* Counts what became of it. A file that may yet be given its owner is met again
 * as soon as one that is half written; and so is one that was not found any
 * more, since a network file system may hide for a moment what is there. */
static void count_fate(struct drop_report *report, enum drop_fate fate,
    const struct drop *drop, const struct drop_route *route)
{
    if (fate == DROP_ROUTED)
        report->routed++;
    else if (fate == DROP_REJECTED)
        report->rejected++;
    else
        report->waiting++;
    if (fate == DROP_STUCK &&
        stamp_is_due(drop->changed, clock_now(), route->config->settle))
        report->stuck++;
}

/* Routes one, and says what came of it in *fate. */
static enum error route_one(const struct drop_route *route,
    const struct drop *drop, int64_t created, struct drop_report *report,
    enum drop_fate *fate)
{
    struct drop_file file = {.folder = route->folder,
        .name = drop->name,
        .path = drop_path(route->folder, drop->name),
        .created = created,
        .is_told = report->stuck < STUCK_MAX};
    *fate = drop_file_route(route->spool, route->config, &file);
    if (*fate == DROP_WAITING && file.left_by != ERROR_NONE)
        report->error = file.left_by;
    count_fate(report, *fate, drop, route);
    if (*fate != DROP_ROUTED || route->queued == NULL)
        return ERROR_NONE;
    return route->queued(route->context, file.account.user, file.queued.text);
}

/* A folder that we may not change holds all of them; this is asked where the
 * first one is stuck. */
static bool is_held_by_folder(const struct drop_route *route)
{
    return stuck_is_closed(route->spool,
        route->folder == 0 ? path_of(SPOOL_PENDING)
                           : path_of_user(SPOOL_PENDING, route->folder));
}

/* In their order. Those that stay do not count, or so many that are stuck would
 * keep all behind them out for ever. */
static enum error route_sorted(const struct drop_list *list,
    const struct drop_route *route, struct drop_report *report)
{
    int64_t last = 0;
    int64_t now = clock_now();
    size_t moved = 0;
    size_t i = 0;
    bool met_stuck = false;
    for (; i < list->count && moved < route->most; i++) {
        const struct drop *drop = &list->drops[i];
        enum drop_fate fate;
        /* The clock of a file server may be ahead of ours: what is there has
         * come, and must not wait as if it were scheduled. */
        int64_t came = drop->changed < now ? drop->changed : now;
        /* Files that came within one tick keep the order of their names. */
        last = came > last ? came : last + 1;
        enum error error = route_one(route, drop, last, report, &fate);
        if (error != ERROR_NONE)
            return error;
        moved += fate == DROP_ROUTED || fate == DROP_REJECTED;
        if (fate == DROP_STUCK && !met_stuck && is_held_by_folder(route)) {
            i++;
            break;
        }
        met_stuck = met_stuck || fate == DROP_STUCK;
    }
    report->waiting += (unsigned)(list->count - i);
    return ERROR_NONE;
}

/* What cannot be looked at is tried last of all, and then told of. */
static void look_at(struct drop *drop, const struct drop_route *route)
{
    struct stat status;
    struct path path = drop_path(route->folder, drop->name);
    drop->changed = INT64_MAX;
    if (fstatat(route->spool->directory, path.text, &status,
            AT_SYMLINK_NOFOLLOW) == 0)
        drop->changed = clock_from_timespec(status.st_ctim);
}

enum error drop_list_route(struct drop_list *list,
    const struct drop_route *route, struct drop_report *report)
{
    for (size_t i = 0; i < list->count; i++)
        look_at(&list->drops[i], route);
    if (list->count > 1)
        qsort(list->drops, list->count, sizeof *list->drops, compare_drops);
    return route_sorted(list, route, report);
}

/* One look at pending/ itself. */
struct top_walk {
    const struct spool *spool;
    size_t most; /* drops looked at */
    struct drop_list drops;
    struct spool_part part; /* what was read; position 0: to the end */
};

/* ERROR_BUSY: there are more. */
static enum error visit_top(void *context, const char *name)
{
    struct top_walk *walk = context;
    if (!name_is_json(name))
        return ERROR_NONE;
    return walk->drops.count < walk->most ? drop_list_add(&walk->drops, name)
                                          : ERROR_BUSY;
}

/* Files that can be no drop are no reason to read all day. */
static size_t names_most(size_t drops)
{
    return drops < SIZE_MAX / NAMES_A_DROP ? drops * NAMES_A_DROP : SIZE_MAX;
}

/* Reads a part of the folder, from walk->part.position on. */
static enum error read_top(struct top_walk *walk)
{
    drop_list_free(&walk->drops);
    walk->part.most = names_most(walk->most);
    enum error error = spool_part_each_name(
        walk->spool, path_of(SPOOL_PENDING), &walk->part, visit_top, walk);
    return error == ERROR_BUSY ? ERROR_NONE : error;
}

static enum error route_top(struct top_walk *walk, const struct config *config,
    size_t most, struct drop_report *report)
{
    struct drop_route route = {walk->spool, config, 0, most, NULL, NULL};
    enum error error = drop_list_route(&walk->drops, &route, report);
    report->more =
        walk->part.position != 0 || report->routed + report->rejected == most;
    return error;
}

static struct path top_position(void)
{
    return path_in(SPOOL_INDEX, "pending.at");
}

/* Whether a sweeper comes by, which has the time. */
static bool is_swept(const struct spool *spool)
{
    int64_t last = stamp_moment(spool, path_in(SPOOL_INDEX, stamp_of_sweeps));
    return last != 0 && !stamp_is_due(last, clock_last(), SWEPT_WITHIN);
}

/* Where more lie there than were read. What lies at the beginning may have to
 * stay: the part is taken that a look has come to which could move nothing. */
static enum error route_part(struct top_walk *walk, const struct config *config,
    size_t most, struct drop_report *report)
{
    report->more = true;
    if (most < walk->most && is_swept(walk->spool))
        return ERROR_NONE;
    if (most < walk->most / LOOKED_AT_A_DROP)
        walk->most = most * LOOKED_AT_A_DROP;
    walk->part.position = spool_part_read(walk->spool, top_position());
    enum error error = read_top(walk);
    if (error == ERROR_NONE)
        error = route_top(walk, config, most, report);
    if (error == ERROR_NONE && report->routed + report->rejected == 0)
        spool_part_write(walk->spool, top_position(), walk->part.position);
    return error;
}

/* Not stamped where some were moved, though none is left: that is not how the
 * folder was at this mtime, and a loss of power may bring both back. */
static enum error route_all(struct top_walk *walk, const struct config *config,
    const struct stamp *stamp, struct drop_report *report)
{
    enum error error = route_top(walk, config, walk->most, report);
    if (error == ERROR_NONE && walk->drops.count == 0)
        stamp_set(walk->spool, stamp);
    return error;
}

enum error drop_list_route_top(const struct spool *spool,
    const struct config *config, struct drop_share share,
    struct drop_report *report)
{
    struct stamp stamp;
    struct path path = path_of(SPOOL_PENDING);
    struct top_walk walk = {spool, share.look, DROP_LIST_EMPTY, {0, 0}};
    memset(report, 0, sizeof *report);
    enum error error =
        stamp_look(spool, path, path_in(SPOOL_INDEX, "pending"), &stamp);
    if (error == ERROR_EXISTS)
        return ERROR_NONE;
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? spool_prepare(spool) : error;
    error = read_top(&walk);
    if (error == ERROR_NONE)
        error = walk.part.position == 0
                    ? route_all(&walk, config, &stamp, report)
                    : route_part(&walk, config, share.of_many, report);
    drop_list_free(&walk.drops);
    return error;
}
