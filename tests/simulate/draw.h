/* SPDX-License-Identifier: MIT */
/* Pseudo-random numbers that are the same on every machine for a seed. */
#ifndef SIMULATE_DRAW_H
#define SIMULATE_DRAW_H

#include <stdbool.h>
#include <stdint.h>

struct draw {
    uint64_t state;
};

/* What `seed` and `stream` draw; other streams are independent. */
struct draw draw_from(uint64_t seed, uint64_t stream);

uint64_t draw_bits(struct draw *draw);

/* 0 to below - 1; 0 if below is 0. */
uint32_t draw_below(struct draw *draw, uint32_t below);

/* from to to, both included. */
int64_t draw_range(struct draw *draw, int64_t from, int64_t to);

/* True once in `times`. */
bool draw_once_in(struct draw *draw, uint32_t times);

#endif
