/* SPDX-License-Identifier: MIT */
#include "catalog_rows.h"

#include "error.h"
#include "limit.h"

#include <stdlib.h>
#include <string.h>

void catalog_rows_free(struct catalog_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        free(rows->at[i].owned);
    free(rows->at);
    free(rows->slots);
    *rows = (struct catalog_rows){.at = NULL};
}

/* Where the search for an id begins: the upper bits of a product with 2^64
 * divided by the golden ratio spread neighbouring ids over the table. */
static size_t first_slot(const struct catalog_rows *rows, uint64_t id)
{
    uint64_t mixed = id * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 32) & (rows->slot_count - 1);
}

/* The slot that holds the id, or the free one where it would go. */
static uint32_t *find_slot(const struct catalog_rows *rows, uint64_t id)
{
    size_t slot = first_slot(rows, id);
    while (rows->slots[slot] != 0 && rows->at[rows->slots[slot] - 1].id != id)
        slot = (slot + 1) & (rows->slot_count - 1);
    return &rows->slots[slot];
}

struct catalog_row *catalog_rows_find(
    const struct catalog_rows *rows, uint64_t id)
{
    if (rows->slot_count == 0)
        return NULL;
    uint32_t slot = *find_slot(rows, id);
    return slot == 0 ? NULL : &rows->at[slot - 1];
}

/* Fills the hash table again after the rows were moved. */
static void fill_slots(struct catalog_rows *rows)
{
    memset(rows->slots, 0, rows->slot_count * sizeof *rows->slots);
    for (size_t i = 0; i < rows->count; i++)
        *find_slot(rows, rows->at[i].id) = (uint32_t)(i + 1);
}

/* Doubles the room for rows, and keeps twice as many slots as rows. */
static enum error grow(struct catalog_rows *rows)
{
    size_t capacity = rows->capacity == 0 ? 64 : rows->capacity * 2;
    if (capacity > UINT32_MAX / 2)
        return ERROR_MEMORY;
    uint32_t *slots = calloc(capacity * 2, sizeof *slots);
    if (slots == NULL) {
        limit_memory_refused(capacity * 2 * sizeof *slots);
        return ERROR_MEMORY;
    }
    struct catalog_row *at = realloc(rows->at, capacity * sizeof *at);
    if (at == NULL) {
        limit_memory_refused(capacity * sizeof *at);
        free(slots);
        return ERROR_MEMORY;
    }
    free(rows->slots);
    rows->at = at;
    rows->capacity = capacity;
    rows->slots = slots;
    rows->slot_count = capacity * 2;
    fill_slots(rows);
    return ERROR_NONE;
}

struct catalog_row *catalog_rows_add(struct catalog_rows *rows, uint64_t id)
{
    if (rows->count == rows->capacity && grow(rows) != ERROR_NONE)
        return NULL;
    struct catalog_row *row = &rows->at[rows->count++];
    *row = (struct catalog_row){.id = id};
    *find_slot(rows, id) = (uint32_t)rows->count;
    return row;
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t first = ((const struct catalog_row *)a)->id;
    uint64_t second = ((const struct catalog_row *)b)->id;
    return (first > second) - (first < second);
}

void catalog_rows_sort(struct catalog_rows *rows)
{
    size_t i = 1;
    while (i < rows->count && rows->at[i - 1].id < rows->at[i].id)
        i++;
    if (i >= rows->count)
        return;
    qsort(rows->at, rows->count, sizeof *rows->at, compare_ids);
    fill_slots(rows);
}
