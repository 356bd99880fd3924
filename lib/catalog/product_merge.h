/* SPDX-License-Identifier: MIT */
/* What was observed about a product, added to what is known of it. */
#ifndef STOFLOW_PRODUCT_MERGE_H
#define STOFLOW_PRODUCT_MERGE_H

#include "product.h"

/* Adds what was observed to what is known. Both are of one id. */
void product_merge(struct product *known, const struct product *observed);

#endif
