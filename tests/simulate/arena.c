/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */
#include "arena.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    ARENAS_MAX = 32,
    CLASSES = 28, /* sizes of 2^k bytes */
    CLASS_LEAST = 5,
    POISON_MAX = 512,   /* bytes of a piece that are spoilt: more takes time */
    KEPT_MAX = 1 << 20, /* bytes that a cleared arena does not give back */
    FRESH = 0xcd,
    FREED = 0xdd
};

static const size_t arena_size = (size_t)64 << 20;

/* Before each piece. */
struct piece {
    size_t size; /* what was asked for */
    size_t class;
};

/* As malloc(3) has it. */
_Static_assert(sizeof(struct piece) % _Alignof(max_align_t) == 0,
    "what follows is aligned for anything");

struct arena {
    char *memory;
    size_t used;
    struct freed *freed[CLASSES];
    uint32_t count;
    uint32_t fail_at;
    bool has_failed;
};

/* What a piece holds once it is free. */
struct freed {
    struct freed *next;
};

static struct arena arenas[ARENAS_MAX];
static size_t arena_total;
static char *region; /* of all arenas, so that an address tells whose it is */
static struct arena *in_use;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *old);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *old);
char *__wrap_strdup(const char *text);

struct arena *arena_new(void)
{
    if (region == NULL) {
        region = mmap(NULL, arena_size * ARENAS_MAX, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (region == MAP_FAILED)
            abort();
    }
    if (arena_total == ARENAS_MAX)
        abort();
    struct arena *arena = &arenas[arena_total];
    arena->memory = region + (arena_size * arena_total++);
    return arena;
}

void arena_clear(struct arena *arena)
{
    char *memory = arena->memory;
    if (arena->used > KEPT_MAX)
        madvise(memory, arena->used, MADV_DONTNEED);
    *arena = (struct arena){.memory = memory};
}

struct arena *arena_use(struct arena *arena)
{
    struct arena *before = in_use;
    in_use = arena;
    return before;
}

void arena_fail_at(struct arena *arena, uint32_t nth)
{
    arena->fail_at = nth == 0 ? 0 : arena->count + nth;
}

uint32_t arena_count(const struct arena *arena)
{
    return arena->count;
}

bool arena_has_failed(const struct arena *arena)
{
    return arena->has_failed;
}

static struct arena *arena_of(const void *piece)
{
    const char *at = piece;
    if (region == NULL || at < region || at >= region + arena_size * ARENAS_MAX)
        return NULL;
    return &arenas[(size_t)(at - region) / arena_size];
}

static size_t class_of(size_t size)
{
    size_t class = CLASS_LEAST;
    while (class < CLASSES && ((size_t)1 << class) < size)
        class ++;
    return class;
}

static void spoil(void *piece, size_t size, int with)
{
    memset(piece, with, size < POISON_MAX ? size : POISON_MAX);
}

static bool must_fail(struct arena *arena)
{
    arena->count++;
    if (arena->count != arena->fail_at)
        return false;
    arena->has_failed = true;
    return true;
}

static void *take_new(struct arena *arena, size_t class)
{
    size_t needed = sizeof(struct piece) + ((size_t)1 << class);
    if (class >= CLASSES || needed > arena_size - arena->used)
        return NULL;
    char *at = arena->memory + arena->used;
    arena->used += needed;
    return at + sizeof(struct piece);
}

static void *take(struct arena *arena, size_t size)
{
    size_t class = class_of(size);
    void *piece = NULL;
    if (!must_fail(arena) && class < CLASSES) {
        struct freed *freed = arena->freed[class];
        if (freed != NULL)
            arena->freed[class] = freed->next;
        piece = freed != NULL ? (void *)freed : take_new(arena, class);
    }
    if (piece == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    struct piece *head = (struct piece *)piece - 1;
    head->size = size;
    head->class = class;
    spoil(piece, (size_t)1 << class, FRESH);
    return piece;
}

static void give(struct arena *arena, void *piece)
{
    struct piece *head = (struct piece *)piece - 1;
    struct freed *freed = piece;
    if (head->class < CLASS_LEAST || head->class >= CLASSES) {
        fputs("free of what is not allocated\n", stderr);
        abort();
    }
    spoil(piece, (size_t)1 << head->class, FREED);
    freed->next = arena->freed[head->class];
    arena->freed[head->class] = freed;
    head->class = 0;
}

void *__wrap_malloc(size_t size)
{
    return in_use == NULL ? __real_malloc(size) : take(in_use, size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    if (in_use == NULL)
        return __real_calloc(count, size);
    if (size != 0 && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    void *piece = take(in_use, count * size);
    return piece == NULL ? NULL : memset(piece, 0, count * size);
}

void *__wrap_realloc(void *old, size_t size)
{
    struct arena *arena = arena_of(old);
    if (old == NULL)
        return __wrap_malloc(size);
    if (arena == NULL)
        return __real_realloc(old, size);
    struct piece *head = (struct piece *)old - 1;
    void *piece = take(arena, size);
    if (piece == NULL)
        return NULL;
    memcpy(piece, old, head->size < size ? head->size : size);
    give(arena, old);
    return piece;
}

void __wrap_free(void *old)
{
    struct arena *arena = arena_of(old);
    if (old == NULL)
        return;
    if (arena == NULL)
        __real_free(old);
    else
        give(arena, old);
}

char *__wrap_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = __wrap_malloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}
