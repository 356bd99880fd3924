/* SPDX-License-Identifier: MIT */
/* Reading a user's catalogue in order of id, from any id on, without loading
 * it. One view is one version: where the catalogue is replaced meanwhile, the
 * view still reads the files that it has opened.
 *
 * Where the sorted file is none, as a person may have put it into another
 * order, it is loaded and sorted in memory: slower, not wrong. */
#ifndef STOFLOW_CATALOG_VIEW_H
#define STOFLOW_CATALOG_VIEW_H

#include "account.h"
#include "catalog.h"
#include "catalog_base.h"
#include "error.h"
#include "sink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalog_view {
    struct catalog catalog; /* its rows are sorted */
    const struct account *account;
    size_t row;                /* the next of them */
    struct catalog_line ahead; /* the next line of the file */
    bool has_ahead;
    bool ended; /* there is none */
};

/* There is nothing in it, and nothing to close. */
#define CATALOG_VIEW_EMPTY                                                     \
    {                                                                          \
        .catalog = {.base = {.reader = {.descriptor = -1}} }                   \
    }

/* Opens the catalogue; where there is none the view is empty. Errors of
 * catalog_open. Only after ERROR_NONE there is something to close. */
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

/* Whether the file is known to be, but for what stands beside it, the lines
 * that catalog_view_next hands out, each JSON and with a newline behind it. */
bool catalog_view_is_good(struct catalog_view *view);

/* Puts all lines of such a one into the sink, those of the file as they stand.
 * ERROR_MEMORY, ERROR_IO. */
enum error catalog_view_copy(struct catalog_view *view, struct sink *sink);

#endif
