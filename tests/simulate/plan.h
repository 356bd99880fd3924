/* SPDX-License-Identifier: MIT */
/* Draws how a round goes: who goes on when, and what goes wrong. */
#ifndef SIMULATE_PLAN_H
#define SIMULATE_PLAN_H

#include "draw.h"

#include <stdbool.h>

struct plan; /* scheduler.h */

/* For so many actors; `plain`: nothing goes wrong. */
void plan_draw(
    struct plan *plan, struct draw *draw, uint32_t actors, bool plain);

/* In words; valid until the next call. */
const char *plan_words(const struct plan *plan);

#endif
