/* SPDX-License-Identifier: MIT */
/* Products, and what is known of them. */
#ifndef STOFLOW_PRODUCT_FIXTURE_H
#define STOFLOW_PRODUCT_FIXTURE_H

#include "product.h"

#include <stdint.h>

/* The moment so many seconds after 2024-12-07T10:00:00Z. */
int64_t product_moment(int seconds);

/* What the item in this text was at that moment; its id is 1 unless it says
 * another. To be freed with product_free, as the next. */
struct product product_of_item(const char *text, int seconds);

/* The same merged into an unknown product, as the catalogue does. */
struct product product_row_of(const char *text, int seconds);

/* Fail the test, the first in the words of `what`, unless a field is known to
 * be this JSON text ("": not known), and unless the product's line is this. */
void product_expect(const char *what, const struct product *product,
    enum product_field field, const char *want);
void product_expect_line(const struct product *product, const char *want);

#endif
