/* SPDX-License-Identifier: MIT */
#include "coverage.h"

#include "draw.h"

#include <stddef.h>

enum {
    KINDS = 64,
    STEPS = 512 /* of a program that are told apart */
};

static uint8_t *marks;

void coverage_to(uint8_t *to)
{
    marks = to;
}

/* What falls on one bit by chance counts once; a hundredth does, where a
 * fiftieth of the bits are set. */
void coverage_mark(unsigned standing, uint32_t at, unsigned kind, uint32_t step)
{
    uint64_t key = (((uint64_t)standing * KINDS) + kind) * STEPS;
    struct draw hash = {((key + (at % STEPS)) * STEPS) + (step % STEPS)};
    uint32_t bit =
        (uint32_t)(draw_bits(&hash) % ((uint64_t)COVERAGE_BYTES * 8));
    uint8_t value = (uint8_t)(1u << (bit % 8));
    if (marks != NULL && (marks[bit / 8] & value) == 0)
        __atomic_fetch_or(&marks[bit / 8], value, __ATOMIC_RELAXED);
}
