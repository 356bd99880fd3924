/* SPDX-License-Identifier: MIT */
/* The files that were dropped into one folder: put into their order, and routed
 * one after the other. What is stuck among them holds no other back. */
#ifndef STOFLOW_DROP_LIST_H
#define STOFLOW_DROP_LIST_H

#include "drop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum drop_list_limits {
    DROPS_PER_POLL = 128, /* routed by one poll, so that it stays quick */
    DROPS_OF_MANY = 1,    /* of pending/ itself, where more lie there, whoever's
                           * they are: a poll is for one seller */
    DROPS_PER_LOOK = 256  /* routed by one look of a sweep, which looks again */
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
    bool more;         /* of pending/ itself: a further look finds others */
};

/* Notes a name that was met. ERROR_MEMORY. */
enum error drop_list_add(struct drop_list *list, const char *name);
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

/* What one look at pending/ itself takes. */
struct drop_share {
    size_t look;    /* drops read at the most, and routed, where that is all */
    size_t of_many; /* routed where there are more; if fewer than `look`, they
                     * are left to the sweeper where one comes by */
};

static const struct drop_share drop_share_of_poll = {
    DROPS_PER_POLL, DROPS_OF_MANY};
static const struct drop_share drop_share_of_sweep = {
    DROPS_PER_LOOK, DROPS_PER_LOOK};
static const struct drop_share drop_share_all = {SIZE_MAX, SIZE_MAX};

/* Routes what lies in pending/ itself, oldest first; where there are more than
 * it reads, the oldest of these, and those behind them once these have gone, or
 * have to stay. *report tells of this call alone. Costs one stat(2) while
 * nothing there has changed since the last call that left nothing behind. What
 * readdir(3) said, or ERROR_MEMORY. */
enum error drop_list_route_top(const struct spool *spool,
    const struct config *config, struct drop_share share,
    struct drop_report *report);

#endif
