/* SPDX-License-Identifier: MIT */
/* Comma-separated values (RFC 4180), for spreadsheets. */
#ifndef STOFLOW_CSV_H
#define STOFLOW_CSV_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends one cell; a comma comes before it unless it is the `first` of its
 * row. A spreadsheet takes a cell that begins with one of = + - @ TAB CR LF
 * for a formula, or strips it and then does (OWASP, "CSV Injection"): such a
 * cell gets an apostrophe in front. NUL bytes, which no reader takes, become
 * U+FFFD. */
void csv_cell(struct buffer *out, bool first, const char *text, size_t length);

/* Ends the row: CR LF. */
void csv_end_row(struct buffer *out);

#endif
