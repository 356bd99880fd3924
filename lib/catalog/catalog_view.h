/* SPDX-License-Identifier: MIT */
/* Reading a user's catalogue in order of id, from any id on, without loading
 * it. One view is one version: where the catalogue is replaced meanwhile, the
 * view still reads the file that it has opened.
 *
 * Ours are sorted, one product a line, "id" first. Whether a file is so, is
 * found out once for each version by a look through it; a stamp in index/
 * remembers (stamp.h). One that a person has put into another order is loaded
 * and sorted in memory: slower, not wrong. */
#ifndef STOFLOW_CATALOG_VIEW_H
#define STOFLOW_CATALOG_VIEW_H

#include "account.h"
#include "catalog.h"
#include "error.h"
#include "line_reader.h"
#include "sink.h"
#include "stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalog_view {
    struct line_reader reader; /* descriptor -1: there is no catalogue */
    const struct spool *spool;
    struct stamp good; /* that the file is what is handed out, to the byte */
    bool is_good;      /* it says so */
    int64_t size;      /* of the file */
    bool loaded;
    struct catalog catalog; /* sorted, where loaded */
    size_t row;             /* the next of them */
    uint64_t last;          /* id of the line handed out last */
};

struct catalog_line {
    uint64_t id;
    const char *text; /* not NUL-terminated; without the newline and blanks */
    size_t length;
};

/* Opens the catalogue; where there is none the view is empty. Errors of
 * catalog_load. Only after ERROR_NONE there is something to close. */
enum error catalog_view_open(
    struct catalog_view *view, const struct account *account);
void catalog_view_close(struct catalog_view *view);

/* Goes to the first product whose id is above `after` (0: the first of all).
 * ERROR_MEMORY, ERROR_IO. */
enum error catalog_view_seek(struct catalog_view *view, uint64_t after);

/* The next line that has an id above those before it; whether it is JSON
 * otherwise is not known. Valid until the next call. ERROR_NOT_FOUND at the
 * end; ERROR_MEMORY, ERROR_IO. */
enum error catalog_view_next(
    struct catalog_view *view, struct catalog_line *line);

/* Whether the file is known to be, from its first byte to its last, the lines
 * that catalog_view_next hands out, each JSON and with a newline behind it. */
bool catalog_view_is_good(const struct catalog_view *view);

/* Puts such a file into the sink as it stands. ERROR_MEMORY, ERROR_IO. */
enum error catalog_view_copy(struct catalog_view *view, struct sink *sink);

/* Remembers that it is such a file where so many bytes of lines were handed
 * out, each found to be JSON as it stands, each counted with a newline. */
void catalog_view_found_good(struct catalog_view *view, int64_t bytes);

#endif
