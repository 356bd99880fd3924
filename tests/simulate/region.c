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

static _Alignas(64) unsigned char memory[REGION_SIZE];

static struct region *const region = (struct region *)(void *)memory;
struct world *const world = &((struct region *)(void *)memory)->world;

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

void *region_take(size_t size)
{
    size_t class = class_of(&size);
    struct piece *piece = region->free[class];
    if (piece != NULL) {
        region->free[class] = piece->next;
    } else if (size > REGION_SIZE - region->used) {
        fputs("simulate: the world is full\n", stderr);
        abort();
    } else {
        piece = (struct piece *)(void *)(memory + region->used);
        region->used += size;
    }
    memset(piece, 0, size);
    return piece;
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
    memcpy(image->memory, memory, region->used);
    return image;
}

void kernel_restore(const struct image *image)
{
    memcpy(memory, image->memory, image->used);
}

void kernel_forget(struct image *image)
{
    free(image);
}
