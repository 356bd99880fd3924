/* SPDX-License-Identifier: MIT */
/* By what an item is known again in a list: what a create_product asked for,
 * and what an item shows. */
#ifndef STOFLOW_SETTLE_MARK_H
#define STOFLOW_SETTLE_MARK_H

#include "buffer.h"
#include "decimal.h"
#include "json.h"

#include <stdbool.h>

struct settle_mark {
    struct buffer title; /* small letters, single blanks; "": not told */
    char price[DECIMAL_LENGTH + 3]; /* JSON; "": not told */
    struct buffer photos;           /* their numbers, uint64_t, sorted */
};

enum settle_fit {
    FIT_NOT,
    FIT_NEAR,  /* the title or the price: it may have been changed since */
    FIT_WORDS, /* title and price */
    FIT_PHOTOS /* a photo, which Vinted gives one item only */
};

/* Reads the marks in an item or in parameters, whose photos are in "photos" or
 * in "assigned_photos". To be freed in either case. ERROR_MEMORY. */
enum error settle_mark_read(struct settle_mark *mark, struct json_value from);
void settle_mark_free(struct settle_mark *mark);

/* Whether the item may be what was asked for. Photos decide alone where both
 * tell of some. */
enum settle_fit settle_mark_compare(
    const struct settle_mark *asked, const struct settle_mark *item);

#endif
