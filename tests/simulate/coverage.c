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

static void set_bit(uint32_t bit)
{
    uint8_t value = (uint8_t)(1u << (bit % 8));
    if ((marks[bit / 8] & value) == 0)
        __atomic_fetch_or(&marks[bit / 8], value, __ATOMIC_RELAXED);
}

/* Two that fall on one bit by chance count once: one in fifty does, where a
 * fiftieth of the bits are set. */
void coverage_mark(unsigned standing, uint32_t at, unsigned kind, uint32_t step)
{
    uint32_t bits = (COVERAGE_BYTES - COVERAGE_PAIRS) * 8;
    uint64_t pair = ((uint64_t)standing * KINDS) + kind;
    struct draw hash = {
        (((pair * STEPS) + (at % STEPS)) * STEPS) + (step % STEPS)};
    if (marks == NULL)
        return;
    set_bit((uint32_t)pair);
    set_bit((COVERAGE_PAIRS * 8) + (uint32_t)(draw_bits(&hash) % bits));
}
