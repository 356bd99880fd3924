/* SPDX-License-Identifier: MIT */
/* A seller's catalogue: the sorted file products/42.ndjson, and beside it
 * products/42.since.ndjson with what has changed since that was written, lines
 * of the same form, each of which stands for the other file's line of its id.
 * Of a large one only that is held in memory, and what is asked for: it costs
 * what changes. A line is only parsed when something is observed about its
 * product. */
#ifndef STOFLOW_CATALOG_H
#define STOFLOW_CATALOG_H

#include "account.h"
#include "buffer.h"
#include "catalog_base.h"
#include "catalog_rows.h"
#include "error.h"
#include "product.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum catalog_limits {
    CATALOG_SMALL = 1 << 16 /* bytes of a file below which it is written anew
                             * for whatever changes */
};

/* A product that may be another listed twice (catalog_twin.h). */
struct catalog_twin {
    uint64_t id;
    uint64_t found; /* the other, if it was found just now; 0: known before */
};

struct catalog {
    struct catalog_base base; /* the sorted file, open */
    bool whole;               /* every product has a row */
    struct buffer file;       /* text of the sorted file, where it is so */
    struct buffer since;      /* text of the other */
    struct stat beside; /* of the other as it was read; st_nlink 0: none */
    struct catalog_rows rows;
    struct buffer set_aside; /* lines that are not products */
    bool changed;
    int64_t latest;       /* moment: what bears a later one lies to come */
    unsigned doubted;     /* how many products met by a merge bore such ones */
    unsigned lists;       /* how many lists were taken in */
    unsigned walks;       /* how often catalog_each was called */
    struct buffer twins;  /* those that were met, struct catalog_twin */
    struct product known; /* scratch memory of catalog_merge */
    struct buffer line;
};

/* products/42.since.ndjson */
struct path catalog_since_path(const struct account *account);

/* When the user's catalogue was last written, by us or by hand. *moment is 0
 * where there is none, and after an error. ERROR_* of errno. */
enum error catalog_changed(const struct account *account, int64_t *moment);

/* Reads the user's catalogue, an empty one where there is no file: all of it if
 * it is not in order, or if it is small and to be written; else what stands
 * beside it. Lines of what was read that are not products, and a second line
 * for the same product, stand in set_aside afterwards. ERROR_* of
 * catalog_base_open and file_read; ERROR_CONFLICT where others replace it again
 * and again. After an error nothing needs freeing. */
enum error catalog_open(
    struct catalog *catalog, const struct account *account, bool writing);

/* The same, all of it, to be written. */
enum error catalog_load(struct catalog *catalog, const struct account *account);
void catalog_free(struct catalog *catalog);

/* The row of a product, NULL if there is none; valid until a row is added.
 * ERROR_MEMORY, ERROR_IO. */
enum error catalog_find(
    struct catalog *catalog, uint64_t id, struct catalog_row **row);

/* Calls `visit` for each product, with a row that may be a stray one. Stops at
 * the first error and returns it; ERROR_MEMORY, ERROR_IO. */
typedef enum error catalog_visit(void *context, struct catalog_row *row);
enum error catalog_each(
    struct catalog *catalog, catalog_visit *visit, void *context);

/* Adds what was observed about a product to its row, or makes a row for it,
 * and gives the row (valid until the next merge). What bears a moment to come
 * gives way to what was observed (product_doubt). ERROR_MEMORY, ERROR_IO: the
 * catalogue is as it was. */
enum error catalog_merge(struct catalog *catalog,
    const struct product *observed, struct catalog_row **row);

/* The same for a row that was found, which may be stray, NULL if there is none.
 */
enum error catalog_merge_into(struct catalog *catalog,
    const struct product *observed, struct catalog_row **row);

/* Gives the row of catalog->known, or a new one if *row is NULL or stray, its
 * line. ERROR_MEMORY: the catalogue is as it was. */
enum error catalog_put(struct catalog *catalog, struct catalog_row **row);

/* Remembers a line for rejected/. */
void catalog_put_aside(
    struct catalog *catalog, const char *line, size_t length);

/* Reads a row's line into *product. ERROR_TYPE if somebody wrote a member of
 * the wrong type; ERROR_MEMORY. */
enum error catalog_row_read(
    const struct catalog_row *row, struct product *product);

#endif
