/* SPDX-License-Identifier: MIT */
/* Which step of which program was made while which other program stood before
 * which step of its own. */
#ifndef SIMULATE_COVERAGE_H
#define SIMULATE_COVERAGE_H

#include <stdint.h>

enum {
    COVERAGE_BYTES = 1 << 23,
    COVERAGE_PAIRS = 512 /* the first of them, in which a bit stands for a pair
                          * of programs; else for one and a step of each */
};

/* Where to mark that, for instance in memory that processes share; NULL, as in
 * the beginning: nowhere. */
void coverage_to(uint8_t *to);

/* A program of this kind (below 64) made its step so and so, while one of the
 * kind `standing` stood before its step `at`. */
void coverage_mark(
    unsigned standing, uint32_t at, unsigned kind, uint32_t step);

#endif
