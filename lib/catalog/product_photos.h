/* SPDX-License-Identifier: MIT */
/* What the photos of an item tell: their URLs, and when it was published. A
 * photo is the text of its URL, or an object with "url" or with
 * "high_resolution", which holds "url" and "timestamp". */
#ifndef STOFLOW_PRODUCT_PHOTOS_H
#define STOFLOW_PRODUCT_PHOTOS_H

#include "json.h"
#include "product.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends the URL of a photo, as JSON: that of an object, or the text itself.
 * Whether there was one. */
bool product_photo_url(struct buffer *out, struct json_value photo);

/* Remembers the URLs of an array of photos, or where it has none, of `beside`,
 * one photo. Nothing where neither has a URL. */
void product_read_photos(struct product *observed, struct json_value photos,
    struct json_value beside, int64_t moment);

/* Remembers when the item was published: when the oldest of the same photos
 * was taken in. */
void product_read_published(struct product *observed, struct json_value photos,
    struct json_value beside, int64_t moment);

#endif
