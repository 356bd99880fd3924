/* SPDX-License-Identifier: MIT */
/* Products as a table for spreadsheets: what stands in it is the same in every
 * language, how it is written is not. */
#ifndef STOFLOW_CATALOG_TABLE_H
#define STOFLOW_CATALOG_TABLE_H

#include "buffer.h"
#include "json_spans.h"

/* How a table is written. */
struct catalog_table;

/* For programs: commas, points, moments as in JSON, the names of members. */
extern const struct catalog_table *const catalog_table_plain;

/* As the spreadsheets of a language read it by a double click: "fr", "fr-FR" or
 * "fr_FR", in capitals or not; what comes behind the language counts for
 * nothing. NULL for one that is not known. */
const struct catalog_table *catalog_table_find(const char *locale);

/* Appends the names of the columns as a row; before it, where a spreadsheet
 * needs one, the mark by which it knows UTF-8. */
void catalog_table_head(struct buffer *out, const struct catalog_table *table);

/* Appends a line of the catalogue as a row. What is not known, and what a
 * person has made an array or object of, is an empty cell. `scratch` is memory
 * that is used again; a lack of it shows in `out`. */
void catalog_table_row(struct buffer *out, const struct catalog_table *table,
    const struct json_spans *row, struct buffer *scratch);

#endif
