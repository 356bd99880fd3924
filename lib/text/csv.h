/* SPDX-License-Identifier: MIT */
/* Comma-separated values (RFC 4180), for spreadsheets, also with another
 * separator than the comma. */
#ifndef STOFLOW_CSV_H
#define STOFLOW_CSV_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends one cell behind a separator: NUL for the first of its row, else ',',
 * ';' or TAB. Nothing in it is computed, whichever separator it is read with:
 * what a spreadsheet takes for a formula (it begins with one of = + - @ | %,
 * also in full width) gets an apostrophe in front, at the beginning and behind
 * each character that separates cells or rows anywhere; so does a cell that
 * begins with TAB, CR or LF, which are stripped. NUL bytes, which no reader
 * takes, become U+FFFD. */
void csv_cell(
    struct buffer *out, char separator, const char *text, size_t length);

/* The same for what should be a number without a sign ("15.00"): `mark` stands
 * for its point, and it is not quoted, so that it is read as a number. */
void csv_number(struct buffer *out, char separator, char mark, const char *text,
    size_t length);

/* Ends the row: CR LF. */
void csv_end_row(struct buffer *out);

#endif
