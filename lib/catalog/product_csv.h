/* SPDX-License-Identifier: MIT */
/* Products as rows of a table. */
#ifndef STOFLOW_PRODUCT_CSV_H
#define STOFLOW_PRODUCT_CSV_H

#include "buffer.h"
#include "json.h"

/* Both append one row with its line end. The names of the columns: */
void product_csv_head(struct buffer *out);

/* And a line of the catalogue. What is not known, and what a person has made an
 * array or object of, is an empty cell. */
void product_csv_row(struct buffer *out, struct json_value row);

#endif
