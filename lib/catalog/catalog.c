/* SPDX-License-Identifier: MIT */
#include "catalog.h"

#include "buffer.h"
#include "catalog_file.h"
#include "error.h"
#include "json.h"
#include "product.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void catalog_free(struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->count; i++)
        free(catalog->rows[i].owned);
    free(catalog->rows);
    free(catalog->slots);
    buffer_free(&catalog->file);
    buffer_free(&catalog->set_aside);
    buffer_free(&catalog->line);
    product_free(&catalog->known);
    if (catalog->descriptor >= 0)
        close(catalog->descriptor);
    *catalog = (struct catalog){.descriptor = -1};
}

/* Where the search for an id begins: the upper bits of a product with 2^64
 * divided by the golden ratio spread neighbouring ids over the table. */
static size_t first_slot(const struct catalog *catalog, uint64_t id)
{
    uint64_t mixed = id * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 32) & (catalog->slot_count - 1);
}

/* The slot that holds the id, or the free one where it would go. */
static uint32_t *find_slot(const struct catalog *catalog, uint64_t id)
{
    size_t slot = first_slot(catalog, id);
    while (catalog->slots[slot] != 0 &&
           catalog->rows[catalog->slots[slot] - 1].id != id)
        slot = (slot + 1) & (catalog->slot_count - 1);
    return &catalog->slots[slot];
}

struct catalog_row *catalog_find(const struct catalog *catalog, uint64_t id)
{
    if (catalog->slot_count == 0)
        return NULL;
    uint32_t slot = *find_slot(catalog, id);
    return slot == 0 ? NULL : &catalog->rows[slot - 1];
}

void catalog_index(struct catalog *catalog)
{
    memset(catalog->slots, 0, catalog->slot_count * sizeof *catalog->slots);
    for (size_t i = 0; i < catalog->count; i++)
        *find_slot(catalog, catalog->rows[i].id) = (uint32_t)(i + 1);
}

/* Doubles the room for rows, and keeps twice as many slots as rows. */
static enum error grow(struct catalog *catalog)
{
    size_t capacity = catalog->capacity == 0 ? 64 : catalog->capacity * 2;
    if (capacity > UINT32_MAX / 2)
        return ERROR_MEMORY;
    uint32_t *slots = calloc(capacity * 2, sizeof *slots);
    if (slots == NULL)
        return ERROR_MEMORY;
    struct catalog_row *rows = realloc(catalog->rows, capacity * sizeof *rows);
    if (rows == NULL) {
        free(slots);
        return ERROR_MEMORY;
    }
    free(catalog->slots);
    catalog->rows = rows;
    catalog->capacity = capacity;
    catalog->slots = slots;
    catalog->slot_count = capacity * 2;
    catalog_index(catalog);
    return ERROR_NONE;
}

struct catalog_row *catalog_add(struct catalog *catalog, uint64_t id)
{
    if (catalog->count == catalog->capacity && grow(catalog) != ERROR_NONE)
        return NULL;
    struct catalog_row *row = &catalog->rows[catalog->count++];
    *row = (struct catalog_row){.id = id};
    *find_slot(catalog, id) = (uint32_t)catalog->count;
    return row;
}

enum error catalog_row_read(
    const struct catalog_row *row, struct product *product)
{
    struct json_document document;
    struct json_fault fault;
    enum error error = json_parse(&document, row->text, row->length, &fault);
    if (error != ERROR_NONE)
        return error == ERROR_MEMORY ? error : ERROR_TYPE;
    error = product_read(product, json_root(&document));
    json_free(&document);
    return error;
}

void catalog_put_aside(struct catalog *catalog, const char *line, size_t length)
{
    buffer_append(&catalog->set_aside, line, length);
    buffer_append_byte(&catalog->set_aside, '\n');
    catalog->changed = true;
}

/* Makes `known` what the row says. What somebody broke by hand is set aside,
 * and the product begins anew. */
static enum error read_known(
    struct catalog *catalog, const struct catalog_row *row, uint64_t id)
{
    enum error error = ERROR_NOT_FOUND;
    if (row != NULL)
        error = catalog_row_read(row, &catalog->known);
    if (error == ERROR_NONE && catalog->known.id != id)
        error = ERROR_TYPE; /* a line with two ids */
    if (error == ERROR_TYPE)
        catalog_put_aside(catalog, row->text, row->length);
    if (error == ERROR_TYPE || error == ERROR_NOT_FOUND) {
        product_start(&catalog->known, id);
        error = ERROR_NONE;
    }
    return error;
}

/* Gives the row, or a new one, the text in `line`. */
static enum error put_line(struct catalog *catalog, uint64_t id,
    const struct buffer *line, struct catalog_row **row)
{
    char *text = malloc(line->length);
    if (text != NULL && *row == NULL)
        *row = catalog_add(catalog, id);
    if (text == NULL || *row == NULL) {
        free(text);
        return ERROR_MEMORY;
    }
    memcpy(text, line->data, line->length);
    free((*row)->owned);
    (*row)->owned = text;
    (*row)->text = text;
    (*row)->length = line->length;
    catalog->changed = true;
    return ERROR_NONE;
}

static bool has_line(const struct catalog_row *row, const struct buffer *line)
{
    return row != NULL && row->length == line->length &&
           memcmp(row->text, line->data, line->length) == 0;
}

enum error catalog_merge(struct catalog *catalog,
    const struct product *observed, struct catalog_row **row)
{
    *row = catalog_find(catalog, observed->id);
    if (observed->text.failed)
        return ERROR_MEMORY;
    enum error error = read_known(catalog, *row, observed->id);
    if (error != ERROR_NONE)
        return error;
    product_merge(&catalog->known, observed);
    buffer_clear(&catalog->line);
    product_write(&catalog->known, &catalog->line);
    if (catalog->line.failed || catalog->set_aside.failed)
        return ERROR_MEMORY;
    if (has_line(*row, &catalog->line))
        return ERROR_NONE;
    return put_line(catalog, observed->id, &catalog->line, row);
}
