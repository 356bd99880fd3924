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

struct sweep {
    const struct spool *spool;
    const struct config *config;
    bool dry_run;  /* tell what would be done, change nothing */
    int64_t until; /* by clock_steady: no further user is begun then; what
                    * is left is met again by the next sweep */
    bool is_busy;  /* set by sweep_call */
    enum error unfinished; /* of the host, that kept it from some of its work
                            * (sweep_met); or ERROR_NONE */
    struct buffer lines;   /* one line for each duty that did something */
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
