/* SPDX-License-Identifier: MIT */
/* Which products a reader of the catalogue asks for. */
#ifndef STOFLOW_PRODUCT_FILTER_H
#define STOFLOW_PRODUCT_FILTER_H

#include "buffer.h"
#include "error.h"
#include "json_spans.h"

#include <stdbool.h>
#include <stddef.h>

enum product_filter_limits {
    FILTER_WORDS_MAX = 32, /* different ones */
    FILTER_WORD_MAX = 256  /* bytes of one, folded */
};

/* Start with PRODUCT_FILTER_EMPTY, which lets every product pass. */
struct product_filter {
    struct buffer words;   /* folded (fold.h), each with a NUL byte behind it */
    size_t count;          /* of words, all different */
    bool escapes;          /* something in them may be escaped in a line */
    unsigned statuses;     /* bits by the table in product_filter.c; 0: any */
    struct buffer scratch; /* reused from row to row; a few kilobytes */
    struct buffer decoded; /* the same, as long as the longest text */
};

#define PRODUCT_FILTER_EMPTY                                                   \
    {BUFFER_EMPTY, 0, false, 0, BUFFER_EMPTY, BUFFER_EMPTY}

/* Lets pass only what has every word of `text` somewhere in its title, brand,
 * description or id, whatever fold.h makes the same. ERROR_TOO_LARGE where
 * there are more different ones, or longer, than above; ERROR_MEMORY. */
enum error product_filter_words(
    struct product_filter *filter, const char *text);

/* Lets pass only what has one of these statuses, which stand with commas
 * between. ERROR_SYNTAX if one is none of product.h. */
enum error product_filter_statuses(
    struct product_filter *filter, const char *text);

/* Whether every product passes. */
bool product_filter_is_empty(const struct product_filter *filter);

/* Whether a line may pass, told from its text alone: false is certain, and
 * much faster than taking the line apart. */
bool product_filter_may_pass(
    struct product_filter *filter, const char *line, size_t length);

/* Whether a line of the catalogue passes. Where memory is lacking it does not;
 * that shows in filter->scratch.failed. */
bool product_filter_passes(
    struct product_filter *filter, const struct json_spans *row);

void product_filter_free(struct product_filter *filter);

#endif
