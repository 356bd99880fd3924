/* SPDX-License-Identifier: MIT */
/* Draws how a round goes: who goes on when, and what goes wrong. */
#ifndef SIMULATE_PLAN_H
#define SIMULATE_PLAN_H

#include "draw.h"

#include <stdint.h>

struct plan; /* scheduler.h */

/* For so many actors, with faults of those kinds k whose bit k is set. */
void plan_draw(
    struct plan *plan, struct draw *draw, uint32_t actors, uint32_t faults);

/* "kill", "error", …, as enum fault_kind numbers them. */
const char *plan_fault_name(unsigned kind);

/* In words; valid until the next call. */
const char *plan_words(const struct plan *plan);

#endif
