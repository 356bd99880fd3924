/* SPDX-License-Identifier: MIT */
/* Numbers by digests, quickly. */
#ifndef SIMULATE_TABLE_H
#define SIMULATE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct pool;

/* Begins empty, as {0}. */
struct table {
    uint64_t *keys;
    uint32_t *values;
    size_t size, count;
};

/* The value of a key that is not 0; 0: it has none. */
uint32_t table_get(const struct table *table, uint64_t key);

/* Gives it one, which is not 0. */
void table_put(
    struct pool *pool, struct table *table, uint64_t key, uint32_t value);

/* The key of a task. */
uint64_t table_key(int64_t user, const char *id);

#endif
