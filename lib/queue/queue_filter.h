/* SPDX-License-Identifier: MIT */
/* Which queued names are no candidates at this moment: those whose CREATED is
 * yet to come, and those of actions that are held back. Told from the bytes of
 * the name alone, without parsing it: thousands of them may stand before the
 * first candidate. */
#ifndef STOFLOW_QUEUE_FILTER_H
#define STOFLOW_QUEUE_FILTER_H

#include "clock.h"
#include "name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum queue_filter_limits {
    FILTER_ACTIONS_MAX = 16 /* actions held back; further ones are met one
                             * by one */
};

enum queue_filter_answer {
    FILTER_CANDIDATE,
    FILTER_LATER,    /* it is not due; nor is any of its rank behind it */
    FILTER_HELD_BACK /* its action is held back */
};

/* An action with the '-' that follows it in a name. */
struct held_back {
    size_t length;
    char text[ACTION_LENGTH_MAX + 2];
};

struct queue_filter {
    char now[CLOCK_STAMP_LENGTH + 1];
    int64_t next_due; /* moment at which the first that was met and not due
                       * comes due; 0: none was met */
    struct held_back held_back[FILTER_ACTIONS_MAX];
    size_t held_back_count;
    uint64_t held_back_sum; /* tells one set of such actions from another */
};

/* For a look at the queue at the moment `now`. */
void queue_filter_init(struct queue_filter *filter, int64_t now);

/* False if there is no room for a further action. */
bool queue_filter_hold_back(struct queue_filter *filter, const char *action);

/* A text that is no queued name counts as a candidate: who parses it sees. */
enum queue_filter_answer queue_filter_ask(
    struct queue_filter *filter, const char *name, size_t length);

#endif
