/* SPDX-License-Identifier: MIT */
/* What is laid into pending/ by hand. A dropped file is taken into the queue:
 * it becomes the task itself, by one rename(2); its own name meant nothing. A
 * file that can be no task, an upload's .part or an editor's backup, is left
 * alone, and told of once it has lain there long enough to be forgotten. */
#ifndef STOFLOW_DROP_H
#define STOFLOW_DROP_H

#include "account.h"
#include "config.h"
#include "error.h"
#include "name.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>

enum drop_limits {
    DROPS_PER_POLL = 128,    /* routed by one poll, so that it stays quick */
    DROPS_PER_SWEEP = 10000, /* routed by one sweep */
    DROP_STRANGER_AGE = 3600 /* seconds since a stranger was last written */
};

enum drop_fate {
    DROP_ROUTED,   /* it is queued; account and queued say where */
    DROP_REJECTED, /* it lies in rejected/ with its reason */
    DROP_WAITING,  /* left: still being copied, or the disk refused */
    DROP_GONE      /* somebody else took it */
};

/* One dropped file. */
struct drop_file {
    int64_t folder; /* 0: pending/ itself */
    const char *name;
    struct path path;
    int64_t created;        /* moment that orders it among its equals */
    struct account account; /* set when routed, as is the next */
    struct name queued;
};

/* Checks the file and renames it to its place in the queue. The file is
 * fsynced and made 0600 before, so that a queued name never stands for less
 * than was dropped. */
enum drop_fate drop_file_route(const struct spool *spool,
    const struct config *config, struct drop_file *file);

/* Dropped files met in one folder, still to be routed. */
struct drop_list {
    struct drop *drops;
    size_t count;
    size_t capacity;
};

#define DROP_LIST_EMPTY {NULL, 0, 0}

struct drop_report {
    unsigned routed;   /* now queued */
    unsigned rejected; /* now in rejected/ */
    unsigned waiting;  /* still there: half-written, or past the limit, or
                        * the disk would not let us */
};

/* Notes a name met in pending/ (folder 0) or pending/FOLDER. ERROR_MEMORY, or
 * what kept us from looking at it: then it must be met again. */
enum error drop_list_add(struct drop_list *list, const struct spool *spool,
    int64_t folder, const char *name);
void drop_list_free(struct drop_list *list);

/* Called with each name that a drop was given in pending/USER. */
typedef enum error drop_queued_function(
    void *context, int64_t user, const char *name);

/* How a list is to be routed. */
struct drop_route {
    const struct spool *spool;
    const struct config *config;
    int64_t folder;               /* 0: pending/ itself */
    size_t most;                  /* routed at the most; the others wait */
    drop_queued_function *queued; /* may be NULL */
    void *context;                /* for queued */
};

/* Routes the drops, oldest first, and adds to *report. Does not tell the index
 * of the folder's own queue: the caller reads that folder anyway. Errors of
 * single files are reported by `waiting`, never returned; ERROR_MEMORY. */
enum error drop_list_route(struct drop_list *list,
    const struct drop_route *route, struct drop_report *report);

/* Routes what lies in pending/ itself, oldest first and at most `most`;
 * *report tells of this call alone. Costs one stat(2) while nothing there has
 * changed since the last call that left nothing behind. What readdir(3) said,
 * or ERROR_MEMORY. */
enum error drop_route_top(const struct spool *spool,
    const struct config *config, size_t most, struct drop_report *report);

/* Whether `name`, met in the folder `folder` of pending/, is a regular file
 * that can be no task and is DROP_STRANGER_AGE old. */
bool drop_is_stranger(
    const struct spool *spool, struct path folder, const char *name);

#endif
