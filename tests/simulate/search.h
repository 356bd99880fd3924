/* SPDX-License-Identifier: MIT */
/* What one task may be by now, as a set: the search of model.h. There is one
 * search at a time. */
#ifndef SIMULATE_SEARCH_H
#define SIMULATE_SEARCH_H

#include "model.h"

/* Begins with what the last look has left of this task. */
void search_start(struct thread *thread, struct complaints *complaints);

/* Begins with these states alone. */
void search_set(
    struct thread *thread, const struct state *states, size_t count);

/* An operation of that role begins; it ends, so that only what agrees with its
 * answer remains. If nothing does, that is a complaint, and the task is lost
 * until the next look. */
void search_begin(const struct operation *operation, enum role role);
void search_end(const struct operation *operation);

/* The power goes: whatever was since it was last safe may be. */
void search_lose_power(void);

/* Until `time` things happen by themselves. */
void search_close(int64_t time);

/* Only what looks like one of these remains. If nothing does, that is a
 * complaint. */
void search_settle(const struct state *seen, size_t count);

/* Leaves the set with the task for the next look. `all`: what the power may
 * bring back is still to be remembered. */
void search_keep(bool all);

#endif
