/* SPDX-License-Identifier: MIT */
/* Memory that is dropped all at once. */
#ifndef SIMULATE_POOL_H
#define SIMULATE_POOL_H

#include <stddef.h>

struct pool;

struct pool *pool_new(void); /* empty; never NULL */

/* Drops what it holds and keeps the memory. */
void pool_clear(struct pool *pool);

/* `size` bytes of zeros. */
void *pool_take(struct pool *pool, size_t size);

/* A copy that ends in a '\0'. */
char *pool_copy(struct pool *pool, const char *bytes, size_t length);

__attribute__((format(printf, 2, 3))) char *pool_print(
    struct pool *pool, const char *format, ...);

/* An array of `size` bytes an element that begins empty, as {0}. */
struct pool_list {
    void *at;
    size_t count, room;
};

/* One element of zeros more. What `list->at` was before may be no more. */
void *pool_append(struct pool *pool, struct pool_list *list, size_t size);

#endif
