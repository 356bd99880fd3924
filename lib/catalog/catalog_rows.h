/* SPDX-License-Identifier: MIT */
/* The rows of a catalogue in memory, found by id. */
#ifndef STOFLOW_CATALOG_ROWS_H
#define STOFLOW_CATALOG_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalog_row {
    uint64_t id;
    const char *text; /* one line, without its newline */
    size_t length;
    char *owned;   /* text, where it is not from a file; else NULL */
    unsigned list; /* number of the list it was last met in, 0: none */
    unsigned walk; /* number of the walk it was last met in, 0: none */
    bool known;    /* the catalogue had it when it was read */
    bool changed;  /* it is not what the sorted file has */
    bool stray;    /* it is no row, but stands for a line that has none */
    bool fresh;    /* a list of the owner's view has just brought it */
};

/* Begins as zeros. */
struct catalog_rows {
    struct catalog_row *at;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* open hash table: index of a row + 1, 0: free */
    size_t slot_count;
};

/* The row of an id, NULL if there is none; valid until a row is added. */
struct catalog_row *catalog_rows_find(
    const struct catalog_rows *rows, uint64_t id);

/* Appends a row without text for an id that has none yet; NULL if there is no
 * memory. Rows found before may have moved. */
struct catalog_row *catalog_rows_add(struct catalog_rows *rows, uint64_t id);

/* Puts them in order of id. */
void catalog_rows_sort(struct catalog_rows *rows);

/* Frees them, and what is owned of their text. */
void catalog_rows_free(struct catalog_rows *rows);

#endif
