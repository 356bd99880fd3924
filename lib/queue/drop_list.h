/* SPDX-License-Identifier: MIT */
/* The files that were dropped into one folder: put into their order, and routed
 * one after the other. What is stuck among them holds no other back. */
#ifndef STOFLOW_DROP_LIST_H
#define STOFLOW_DROP_LIST_H

#include "drop.h"

#include <stddef.h>

enum drop_list_limits {
    DROPS_PER_POLL = 128,   /* routed by one poll, so that it stays quick */
    DROPS_PER_SWEEP = 10000 /* routed by one sweep */
};

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
                        * the disk would not let us; or not found any more */
    unsigned stuck;    /* of these: stuck, and no more to be waited for */
    enum error error;  /* for which one was left that still waits, of several
                        * the last; ERROR_NONE: of itself */
};

/* Notes a name met in pending/ (folder 0) or pending/FOLDER, also if it cannot
 * be looked at. ERROR_MEMORY. */
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
 * single files are reported by `waiting` and `stuck`, never returned, and keep
 * no other from being routed; ERROR_MEMORY. */
enum error drop_list_route(struct drop_list *list,
    const struct drop_route *route, struct drop_report *report);

/* Routes what lies in pending/ itself, oldest first and at most `most`;
 * *report tells of this call alone. Costs one stat(2) while nothing there has
 * changed since the last call that left nothing behind. What readdir(3) said,
 * or ERROR_MEMORY. */
enum error drop_list_route_top(const struct spool *spool,
    const struct config *config, size_t most, struct drop_report *report);

#endif
