/* SPDX-License-Identifier: MIT */
/* The memory of the world: one block, so that saving and restoring the whole is
 * a copy. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REGION_SIZE = 512 << 20,
    STEP = 32,   /* pieces up to STEPS * STEP are multiples of it */
    STEPS = 32,  /* larger ones are powers of two */
    CLASSES = 64 /* of free pieces: the steps, then the powers */
};

/* Where a free piece keeps the next one. */
struct piece {
    struct piece *next;
};

struct region {
    size_t used;
    struct piece *free[CLASSES];
    struct world world;
};

static union {
    struct region region;
    unsigned char bytes[REGION_SIZE];
} memory;

static struct region *const region = &memory.region;
struct world *const world = &memory.region.world;

/* Rounds *size up to that of its class. */
static size_t class_of(size_t *size)
{
    size_t class = (*size + STEP - 1) / STEP;
    size_t power = (size_t)STEPS * STEP;
    if (class <= STEPS) {
        *size = class * STEP;
        return class - 1;
    }
    for (class = STEPS - 1; power < *size; class ++)
        power *= 2;
    *size = power;
    return class;
}

static void *take_fresh(size_t size)
{
    if (size > REGION_SIZE - region->used) {
        fputs("simulate: the world is full\n", stderr);
        abort();
    }
    region->used += size;
    return memory.bytes + region->used - size;
}

void *region_take(size_t size)
{
    size_t class = class_of(&size);
    struct piece *piece = region->free[class];
    void *taken = piece;
    if (piece != NULL)
        region->free[class] = piece->next;
    else
        taken = take_fresh(size);
    return memset(taken, 0, size);
}

void region_give(void *freed, size_t size)
{
    struct piece *piece = freed;
    if (piece == NULL)
        return;
    size_t class = class_of(&size);
    piece->next = region->free[class];
    region->free[class] = piece;
}

char *region_text(const char *text, size_t length)
{
    char *copy = region_take(length + 1);
    memcpy(copy, text, length);
    return copy;
}

void region_give_text(char *text)
{
    if (text != NULL)
        region_give(text, strlen(text) + 1);
}

void region_reset(void)
{
    memset(region, 0, sizeof *region);
    region->used = (sizeof *region + 63) / 64 * 64;
}

/* --- Strings of bytes ----------------------------------------------------- */

void bytes_resize(struct bytes *bytes, size_t length)
{
    if (length + 1 > bytes->size) {
        size_t size =
            bytes->size * 2 > length + 1 ? bytes->size * 2 : length + 1;
        char *larger = region_take(size);
        if (bytes->length > 0)
            memcpy(larger, bytes->at, bytes->length);
        region_give(bytes->at, bytes->size);
        bytes->at = larger;
        bytes->size = size;
    }
    if (length > bytes->length)
        memset(bytes->at + bytes->length, 0, length - bytes->length);
    bytes->length = length;
    bytes->at[length] = '\0';
}

void bytes_put(
    struct bytes *bytes, size_t offset, const char *from, size_t length)
{
    if (offset + length > bytes->length)
        bytes_resize(bytes, offset + length);
    if (length > 0)
        memcpy(bytes->at + offset, from, length);
}

void bytes_copy(struct bytes *to, const struct bytes *from)
{
    bytes_resize(to, from->length);
    if (from->length > 0)
        memcpy(to->at, from->at, from->length);
}

void bytes_free(struct bytes *bytes)
{
    region_give(bytes->at, bytes->size);
    *bytes = (struct bytes){NULL, 0, 0};
}

/* --- Saving --------------------------------------------------------------- */

struct image {
    size_t used;
    unsigned char memory[];
};

struct image *kernel_save(void)
{
    struct image *image = malloc(sizeof *image + region->used);
    if (image == NULL)
        abort();
    image->used = region->used;
    memcpy(image->memory, memory.bytes, region->used);
    return image;
}

void kernel_restore(const struct image *image)
{
    memcpy(memory.bytes, image->memory, image->used);
}

void kernel_forget(struct image *image)
{
    free(image);
}
