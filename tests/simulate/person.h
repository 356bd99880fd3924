/* SPDX-License-Identifier: MIT */
/* A person at a shell, who does by hand what doc/spool.md allows, at any
 * moment, and a little more. Each act is one call of kernel.h before which
 * others may run, and stands in the history. */
#ifndef SIMULATE_PERSON_H
#define SIMULATE_PERSON_H

#include <stdint.h>

struct client; /* client.h: for its draws and its acquaintance */

/* One act, or the two halves of one. */
void person_act(struct client *person);

/* Copies a task into pending/ or pending/42/, at once or in two writes. */
void person_drop(struct client *person);

/* Undoes what holds the queue back: PAUSED, modes, schedules. */
void person_set_right(struct client *person);

/* Removes all that is queued but so many. */
void person_thin_out(struct client *person, uint32_t keep);

#endif
