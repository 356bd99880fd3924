/* SPDX-License-Identifier: MIT */
/* The memory of each simulated program, which a kill drops as the kernel would.
 * Linked with --wrap, malloc(3) and its kin come here: they take from the arena
 * in use, or from the real heap where there is none in use. What one of them
 * gave may be freed at any time. */
#ifndef SIMULATE_ARENA_H
#define SIMULATE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct arena *arena_new(void);         /* empty; for ever */
void arena_clear(struct arena *arena); /* drops what it holds */

/* Which arena the calls that follow take from; NULL: the real heap. Returns
 * the one before. */
struct arena *arena_use(struct arena *arena);

/* The allocation that fails, counted from the next on; 0: none. */
void arena_fail_at(struct arena *arena, uint32_t nth);

/* How many were made since the arena was cleared. */
uint32_t arena_count(const struct arena *arena);

/* Whether one was refused since then. */
bool arena_has_failed(const struct arena *arena);

#endif
