/* SPDX-License-Identifier: MIT */
/* A seller's catalogue, products/42.ndjson, in memory: its lines as they
 * stand, found by id. A line is only parsed when something is observed about
 * its product, so that a large catalogue costs little more than its text. */
#ifndef STOFLOW_CATALOG_H
#define STOFLOW_CATALOG_H

#include "account.h"
#include "buffer.h"
#include "catalog_rows.h"
#include "error.h"
#include "product.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* A product that may be another listed twice (catalog_twin.h). */
struct catalog_twin {
    uint64_t id;
    uint64_t found; /* the other, if it was found just now; 0: known before */
};

struct catalog {
    struct buffer file;
    struct stat status; /* of the file as it was read; st_nlink 0: none */
    int descriptor;     /* of the same, -1: none or not to be written */
    struct catalog_rows rows;
    struct buffer set_aside; /* lines that are not products */
    bool changed;
    int64_t latest;       /* moment: what bears a later one lies to come */
    unsigned doubted;     /* how many products met by a merge bore such ones */
    unsigned lists;       /* how many lists were taken in */
    struct buffer twins;  /* those that were met, struct catalog_twin */
    struct product known; /* scratch memory of catalog_merge */
    struct buffer line;
};

/* products/42.ndjson */
struct path catalog_path(const struct account *account);

/* When the user's catalogue was last written, by us or by hand. *moment is 0
 * where there is none, and after an error. ERROR_* of errno. */
enum error catalog_changed(const struct account *account, int64_t *moment);

/* Reads the user's catalogue, an empty one where there is no file. Lines that
 * are not products, and a second line for the same product, stand in set_aside
 * afterwards. ERROR_* of file_read; ERROR_MEMORY. After an error nothing needs
 * freeing. */
enum error catalog_load(struct catalog *catalog, const struct account *account);
void catalog_free(struct catalog *catalog);

/* Adds what was observed about a product to its row, or makes a row for it,
 * and gives the row (valid until the next merge). What bears a moment to come
 * gives way to what was observed (product_doubt). ERROR_MEMORY: the catalogue
 * is as it was. */
enum error catalog_merge(struct catalog *catalog,
    const struct product *observed, struct catalog_row **row);

/* Gives the row of catalog->known, or a new one if *row is NULL, its line.
 * ERROR_MEMORY: the catalogue is as it was. */
enum error catalog_put(struct catalog *catalog, struct catalog_row **row);

/* Reads a row's line into *product. ERROR_TYPE if somebody wrote a member of
 * the wrong type; ERROR_MEMORY. */
enum error catalog_row_read(
    const struct catalog_row *row, struct product *product);

/* The id of a line that begins as ours do, with {"id":NUMBER, told without
 * taking the line apart: what follows may be anything. False if it does not. */
bool catalog_line_id(const char *line, size_t length, uint64_t *id);

/* The length of a line without the blanks at its end. */
size_t catalog_trim_line(const char *line, size_t length);

/* Makes products/ hold the catalogue durably, sorted by id; written only if
 * anything has changed, and after what was set aside has been put into
 * rejected/. To be done once. ERROR_CONFLICT: another program has replaced the
 * file since it was read: load it and begin again. ERROR_* of writing. */
enum error catalog_save(struct catalog *catalog, const struct account *account);

#endif
