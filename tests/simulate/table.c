/* SPDX-License-Identifier: MIT */
#include "table.h"

#include "pool.h"
#include "value.h"

#include <string.h>

/* Where the key is, or where it would go. */
static size_t find(const struct table *table, uint64_t key)
{
    size_t slot = (size_t)(key ^ (key >> 32)) & (table->size - 1);
    while (table->keys[slot] != 0 && table->keys[slot] != key)
        slot = (slot + 1) & (table->size - 1);
    return slot;
}

uint32_t table_get(const struct table *table, uint64_t key)
{
    if (table->size == 0 || key == 0)
        return 0;
    size_t slot = find(table, key);
    return table->keys[slot] == 0 ? 0 : table->values[slot];
}

static void put(struct table *table, uint64_t key, uint32_t value)
{
    size_t slot = find(table, key);
    table->count += table->keys[slot] == 0;
    table->keys[slot] = key;
    table->values[slot] = value;
}

static void grow(struct pool *pool, struct table *table)
{
    struct table larger = {.size = table->size == 0 ? 64 : 4 * table->size};
    larger.keys = pool_take(pool, larger.size * sizeof *larger.keys);
    larger.values = pool_take(pool, larger.size * sizeof *larger.values);
    for (size_t i = 0; i < table->size; i++) {
        if (table->keys[i] != 0)
            put(&larger, table->keys[i], table->values[i]);
    }
    *table = larger;
}

void table_put(
    struct pool *pool, struct table *table, uint64_t key, uint32_t value)
{
    if (2 * (table->count + 1) > table->size)
        grow(pool, table);
    put(table, key, value);
}

uint64_t table_key(int64_t user, const char *id)
{
    return digest_bytes(digest_bytes(0, id, strlen(id)), &user, sizeof user);
}
