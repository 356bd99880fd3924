/* SPDX-License-Identifier: MIT */
/* The query string of a URL, form-decoded (WHATWG URL standard, section 5:
 * '+' is a blank, %XX a byte). */
#ifndef STOFLOW_QUERY_H
#define STOFLOW_QUERY_H

#include "buffer.h"
#include "error.h"

#include <stddef.h>

enum query_limits {
    QUERY_PARAMETERS_MAX = 32
};

struct query_parameter {
    size_t key; /* offsets into the decoded text, each NUL-terminated */
    size_t value;
};

struct query {
    struct buffer text;
    struct query_parameter parameters[QUERY_PARAMETERS_MAX];
    size_t count;
};

/* Decodes text (NULL is ""). ERROR_SYNTAX for a '%' without two hexadecimal
 * digits, a NUL byte or text that is not UTF-8; ERROR_CONFLICT for a key that
 * stands twice; ERROR_TOO_LARGE for more than QUERY_PARAMETERS_MAX;
 * ERROR_MEMORY. query_free is due in every case. */
enum error query_parse(struct query *query, const char *text);
void query_free(struct query *query);

/* The value of a key, or NULL. Valid until query_free. */
const char *query_get(const struct query *query, const char *key);

#endif
