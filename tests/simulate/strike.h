/* SPDX-License-Identifier: MIT */
/* What goes wrong besides, by the faults of a plan. */
#ifndef SIMULATE_STRIKE_H
#define SIMULATE_STRIKE_H

#include "draw.h"

#include <stdbool.h>
#include <stdint.h>

struct call; /* kernel.h */
struct plan; /* scheduler.h */

/* What happens at one call. */
struct strike {
    bool kill;
    bool power;      /* it goes */
    int error;       /* it reports this instead of being done; 0: none */
    uint32_t memory; /* the allocation that fails, from now on; 0: none */
};

void strike_begin(const struct plan *given, struct draw draw);

/* Before a call, the `step`th of the run. May make call->length smaller, set
 * the clock, and let time pass. */
struct strike strike_call(struct call *call, uint64_t step);

/* After it: its result, or -1 with call->error and call->late set. */
int64_t strike_late(struct call *call, uint64_t step, int64_t result);

bool strike_power_is_lost(void);

/* A client has its answer. */
void strike_note_answer(void);

#endif
