/* SPDX-License-Identifier: MIT */
/* Waiting until something may have changed in a user's queue, or among the
 * finished tasks.
 *
 * A wake-up is a hint, the directory is the truth: waking too often costs a
 * look, and a wake-up that is lost (inotify(7) sees nothing that happens on
 * another host) costs WAKEUP_TICK at the most. */
#ifndef STOFLOW_WAKEUP_H
#define STOFLOW_WAKEUP_H

#include "account.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>

enum wakeup_limits {
    WAKEUP_TICK = 500, /* milliseconds after which to look in any case */
    WAKEUPS_EAGER = 8, /* in a row that are answered at once, though each look
                        * finds nothing */
    WAKEUP_REST = 10   /* milliseconds more before each of those that follow, up
                        * to WAKEUP_TICK */
};

struct wakeup {
    int inotify;  /* descriptor; -1: not to be had, the tick must do */
    int slot;     /* the lock that counts us as a waiter */
    int own;      /* the one that counts us as a waiter of the user's */
    unsigned row; /* wake-ups in a row by changes */
};

/* Takes one of `slots` places for programs that wait for the same kind of
 * thing, named `kind`: each is a process, and cheap hosts allow few. False: all
 * are taken, and there is nothing to close. */
bool wakeup_open(struct wakeup *wakeup, const struct spool *spool,
    const char *kind, int slots);

/* The same for a poll of the account, by its `max_waiters` and `user_waiters`:
 * so many of one user's are held at once, that others find places. */
bool wakeup_open_poll(struct wakeup *wakeup, const struct account *account);

/* Gives the place back. The descriptor for inotify stays until the process
 * ends: its end takes the kernel 10 to 20 milliseconds, for which the answer
 * would wait. So a process does this once or twice, not in a loop. */
void wakeup_close(struct wakeup *wakeup);

/* Watches what may bring the user a task: pending/ and the user's folder in it,
 * and by `held` (bits of enum claim_held) what would let one go that is held
 * back: PAUSED removed, a stamp or count in pace/ changed, an entry of
 * executing/ gone.
 * To be called before the look at the queue that finds nothing, so that what
 * comes after that look wakes. `root` is the folder that holds spool/. */
void wakeup_watch(
    const struct wakeup *wakeup, const char *root, int64_t user, unsigned held);

/* Watches what finishes the user's tasks: the folder done/42, which must exist.
 * To be called before the look at it, as above. */
void wakeup_watch_done(
    const struct wakeup *wakeup, const char *root, int64_t user);

/* Returns after a change, after WAKEUP_TICK or once `until`, by clock_steady,
 * has come. After many changes that brought nothing it rests first: a look may
 * itself make the change that wakes it, as where the one task that waits cannot
 * be taken, and would be made again without end. */
void wakeup_wait(struct wakeup *wakeup, int64_t until);

#endif
