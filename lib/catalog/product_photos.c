/* SPDX-License-Identifier: MIT */
#include "product_photos.h"

#include "buffer.h"
#include "clock.h"
#include "item_members.h"
#include "json.h"
#include "product.h"

#include <stddef.h>
#include <stdint.h>

bool product_photo_url(struct buffer *out, struct json_value photo)
{
    return item_append_string(out, photo) ||
           item_append_string(out, json_member(photo, "url")) ||
           item_append_string(
               out, json_member(json_member(photo, "high_resolution"), "url"));
}

void product_read_photos(struct product *observed, struct json_value photos,
    struct json_value beside, int64_t moment)
{
    struct buffer urls = BUFFER_EMPTY;
    buffer_append_byte(&urls, '[');
    struct json_value photo = json_first(photos);
    for (; !json_is(photo, JSON_ABSENT); photo = json_next(photo)) {
        size_t before = urls.length;
        if (before > 1)
            buffer_append_byte(&urls, ',');
        if (!product_photo_url(&urls, photo))
            urls.length = before;
    }
    if (urls.length == 1)
        product_photo_url(&urls, beside);
    buffer_append_byte(&urls, ']');
    if (urls.length > 2) {
        product_set(observed, PRODUCT_PHOTOS, urls.data, urls.length, moment);
    }
    observed->text.failed = observed->text.failed || urls.failed;
    buffer_free(&urls);
}

/* Seconds since 1970, up to the year 9999; otherwise -1. */
static int64_t photo_time(struct json_value photo)
{
    int64_t seconds = -1;
    struct json_value large = json_member(photo, "high_resolution");
    json_integer(json_member(large, "timestamp"), &seconds);
    return seconds > 0 && seconds < INT64_C(253402300800) ? seconds : -1;
}

void product_read_published(struct product *observed, struct json_value photos,
    struct json_value beside, int64_t moment)
{
    char published[CLOCK_ISO_LENGTH + 1];
    int64_t oldest = photo_time(beside);
    struct json_value photo = json_first(photos);
    for (; !json_is(photo, JSON_ABSENT); photo = json_next(photo)) {
        int64_t time = photo_time(photo);
        if (time > 0 && (oldest < 0 || time < oldest))
            oldest = time;
    }
    if (oldest < 0)
        return;
    clock_format_iso(published, oldest * clock_second);
    product_set_string(observed, PRODUCT_PUBLISHED_AT, published, moment);
}
