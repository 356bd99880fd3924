/* SPDX-License-Identifier: MIT */
/* Reading an item in any of the shapes in which Vinted's pages and programs
 * hand it out; what is missing, null, empty or of an unexpected type says
 * nothing. */
#ifndef STOFLOW_PRODUCT_ITEM_H
#define STOFLOW_PRODUCT_ITEM_H

#include "buffer.h"
#include "json.h"
#include "product.h"

#include <stdbool.h>
#include <stdint.h>

/* Remembers what a whole item was at `moment`, its state included. */
void product_read_item(
    struct product *observed, struct json_value object, int64_t moment);

/* Remembers what a task set (title, description, price, currency, brand and
 * size), as far as it is not known already. */
void product_fill_item(
    struct product *observed, struct json_value params, int64_t moment);

/* Remembers the price in an object; whether there was one. */
bool product_read_price(
    struct product *observed, struct json_value object, int64_t moment);

/* Remembers how often it was viewed, liked and asked about. */
void product_read_counts(
    struct product *observed, struct json_value object, int64_t moment);

/* Appends the URL of a photo, as JSON: a photo is the text of its URL, or an
 * object with "url", with "full_size_url" or with "high_resolution", which
 * holds "url" and "timestamp". Whether there was one that is absolute. */
bool product_photo_url(struct buffer *out, struct json_value photo);

#endif
