/* SPDX-License-Identifier: MIT */
/* Keeping a user's tasks of one action apart (`pace`, `pace_random`) and few
 * (`max_executing`).
 *
 * pace/42/ACTION is an empty file whose mtime is the moment from which the
 * next task of that action may be handed out to user 42; without it, one may
 * go at once. It is no cache. */
#ifndef STOFLOW_PACE_H
#define STOFLOW_PACE_H

#include "account.h"
#include "config.h"
#include "error.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* What one poll learns, action by action. */
struct pace {
    const struct account *account;
    int64_t next; /* moment at which the first action that was held back by its
                   * pace may go on; 0: none was */
    bool full;    /* an action was held back by max_executing */
    /* From begin to end: */
    int lock; /* < 0: none */
    bool set; /* the stamp is ours and counts once the task is claimed */
    bool had_stamp;
    struct timespec stamp_before;
    struct path stamp;
};

void pace_init(struct pace *pace, const struct account *account);

/* Asks whether a task of `action` may be handed out now. ERROR_NONE: yes, and
 * the next one is put off already; until pace_end, which must follow, no other
 * poll decides for this user. ERROR_BUSY: it is held back. Any other error: it
 * could not be told, or not be put off, and it must not be handed out.
 *
 * Where there are no locks two polls at one moment may both be told yes. A
 * stamp further ahead than the pace allows was set before the clock was set
 * back, or the pace was longer then; it holds nothing back. */
enum error pace_begin(struct pace *pace, const char *action);

/* The moment from which the pace lets the next task of `action` go; 0: at once,
 * or it could not be told. Changes nothing. */
int64_t pace_look(struct pace *pace, const char *action);

/* `claimed`: whether a task has been claimed; if not, the next is put off no
 * longer. A program that dies before this has put it off for nothing, once. */
void pace_end(struct pace *pace, bool claimed);

#endif
