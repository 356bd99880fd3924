/* SPDX-License-Identifier: MIT */
/* The sweeper. Nothing is wrong without it: every poll settles the overdue of
 * its own user. The sweeper makes things timely and tidy. */
#ifndef STOFLOW_SWEEP_H
#define STOFLOW_SWEEP_H

#include "buffer.h"
#include "config.h"
#include "error.h"
#include "spool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sweep_limits {
    SWEEP_SECONDS = 45,           /* a sweep by cron or by URL ends by then */
    SWEEP_SECONDS_BACKGROUND = 5, /* one that follows an answer */
    PRUNE_EVERY = 3600, /* seconds between two looks through one user's done/,
                         * and through photos/ */
    EXPIRE_EVERY = 50,  /* seconds between two looks into one user's queued
                         * files, for their expires_in */
    EXPIRE_FILES = 5000 /* files that such a look reads at the most; the next
                         * one goes on behind them */
};

enum sweep_course_sizes {
    SWEEP_DUTIES = 14, /* or more: sweep.c */
    SWEEP_WALKS = 3    /* through users, or one folder, of one duty */
};

/* Where a walk stopped because the time was up, and the next sweep goes on: at
 * a user, in the folder that the duty looks through as its `step`-th, at a
 * position of spool_part.h. Zeros: at the beginning. */
struct sweep_place {
    int64_t user;
    int64_t step;
    int64_t position;
};

/* How far a sweep has come. */
struct sweep_course {
    struct sweep_place places[SWEEP_DUTIES][SWEEP_WALKS];
    struct sweep_place *place; /* of the walk that is on; NULL: none */
    size_t duty;
    size_t walk;  /* the next of this duty */
    int64_t step; /* the next of this user */
    bool cut;     /* the walk has stopped */
};

struct sweep {
    const struct spool *spool;
    const struct config *config;
    bool dry_run;  /* tell what would be done, change nothing */
    int64_t until; /* by clock_steady: no further user is begun then, nor is a
                    * folder read on; with that the next sweep begins. While
                    * a duty is on, that is its share of the time */
    bool is_busy;  /* set by sweep_call */
    enum error unfinished; /* of the host, that kept it from some of its work
                            * (sweep_met); or ERROR_NONE */
    struct buffer lines;   /* one line for each duty that did something */
    struct sweep_course course;
};

/* Carries out every duty. ERROR_BUSY: another sweep is going on, nothing was
 * done. Errors within a duty are logged and do not keep the next from its
 * turn. sweep->lines is the caller's to free in every case. */
enum error sweep_run(struct sweep *sweep);

/* When the last sweep ended; 0: never, or the stamp was deleted. */
int64_t sweep_last(const struct spool *spool);

/* The sweep that cron, a URL or a person has asked for, as opposed to one after
 * an answer: carries it out and notes, but in a dry run, that there was such a
 * call. A note that cannot be made is done without. Where another sweep does
 * the work, which is all that is wanted, is_busy is set. The lines of what is
 * returned are to be freed. */
struct sweep sweep_call(
    const struct spool *spool, const struct config *config, bool dry_run);

/* When such a call was last. 0: never, or the stamp was deleted. */
int64_t sweep_last_call(const struct spool *spool);

#endif
