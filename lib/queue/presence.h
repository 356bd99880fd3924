/* SPDX-License-Identifier: MIT */
/* index/42.seen: whether user 42's plugin is polling. A stamp, an empty file:
 *
 *   atime   since when it polls without a gap
 *   mtime   until when its last poll is taken to last: while it is held open,
 *           or until it was told to come again
 *   ctime   when its last poll came */
#ifndef STOFLOW_PRESENCE_H
#define STOFLOW_PRESENCE_H

#include "account.h"
#include "error.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>

enum presence_limits {
    PRESENCE_GRACE = 15,    /* seconds a poll may be late: plugins come every
                             * 5 seconds, and browsers put timers off */
    PRESENCE_AHEAD_MAX = 90 /* seconds a poll may last; a stamp further ahead
                             * was set before the clock was set back */
};

struct presence {
    bool connected;
    int64_t since;     /* moment, at the most last_seen; while connected */
    int64_t last_seen; /* moment */
};

/* Notes a poll that lasts until that moment. A failure is of no account: the
 * next poll notes it again. */
void presence_note(const struct account *account, int64_t until);

/* ERROR_NOT_FOUND: it has never polled, or the stamp was deleted since. */
enum error presence_read(
    const struct account *account, struct presence *presence);

#endif
