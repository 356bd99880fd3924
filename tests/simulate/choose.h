/* SPDX-License-Identifier: MIT */
/* Who makes the next step, by the strategy of a plan. */
#ifndef SIMULATE_CHOOSE_H
#define SIMULATE_CHOOSE_H

#include "draw.h"

#include <stddef.h>

struct plan; /* scheduler.h */

void choose_begin(const struct plan *given, struct draw draw);

/* An actor that begins, 0 to ACTORS_MAX - 1. */
void choose_add(size_t actor);

/* One of ready[0..count), count > 0, of which `current` may be one;
 * ACTORS_MAX: it is none. */
size_t choose_next(const size_t *ready, size_t count, size_t current);

#endif
