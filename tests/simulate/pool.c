/* SPDX-License-Identifier: MIT */
#include "pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 1 << 16,
    ALIGNMENT = 16
};

struct chunk {
    struct chunk *next;
    size_t used, room;
    _Alignas(ALIGNMENT) char bytes[];
};

struct pool {
    struct chunk *first, *current;
};

static void *get(size_t size)
{
    void *memory = malloc(size);
    if (memory == NULL)
        abort();
    return memory;
}

static struct chunk *chunk_new(size_t room)
{
    struct chunk *chunk = get(sizeof *chunk + room);
    *chunk = (struct chunk){.room = room};
    return chunk;
}

struct pool *pool_new(void)
{
    struct pool *pool = get(sizeof *pool);
    pool->first = pool->current = chunk_new(CHUNK);
    return pool;
}

void pool_clear(struct pool *pool)
{
    for (struct chunk *at = pool->first; at != NULL; at = at->next)
        at->used = 0;
    pool->current = pool->first;
}

/* Makes the chunk behind the current one the current one. */
static void go_on(struct pool *pool, size_t size)
{
    struct chunk *next = pool->current->next;
    if (next == NULL || next->room < size) {
        struct chunk *fresh = chunk_new(size > CHUNK ? size : CHUNK);
        fresh->next = next;
        pool->current->next = fresh;
        next = fresh;
    }
    pool->current = next;
}

void *pool_take(struct pool *pool, size_t size)
{
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    while (pool->current->room - pool->current->used < size)
        go_on(pool, size);
    void *memory = pool->current->bytes + pool->current->used;
    pool->current->used += size;
    return memset(memory, 0, size);
}

char *pool_copy(struct pool *pool, const char *bytes, size_t length)
{
    char *copy = pool_take(pool, length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *pool_print(struct pool *pool, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return pool_copy(pool, text, strlen(text));
}

void *pool_append(struct pool *pool, struct pool_list *list, size_t size)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        void *larger = pool_take(pool, room * size);
        if (list->count > 0)
            memcpy(larger, list->at, list->count * size);
        list->at = larger;
        list->room = room;
    }
    return (char *)list->at + (list->count++ * size);
}
