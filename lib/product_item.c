/* SPDX-License-Identifier: MIT */
#include "product_item.h"

#include "clock.h"
#include "decimal.h"
#include "json_write.h"

#include <string.h>

/* Appends a string that is not empty, in our own spelling: grep(1) must find
 * "Bon état" however the sender escaped it. */
static bool append_string(struct buffer *out, struct json_value value)
{
    size_t length;
    const char *json = json_raw(value, &length);
    if (!json_is(value, JSON_STRING) || length <= 2)
        return false;
    if (memchr(json, '\\', length) == NULL) {
        buffer_append(out, json, length);
        return true;
    }
    struct buffer decoded = BUFFER_EMPTY;
    json_string(value, &decoded);
    json_write_string(out, buffer_text(&decoded), decoded.length);
    out->failed = out->failed || decoded.failed;
    buffer_free(&decoded);
    return true;
}

/* Each read_* tells whether there was something to remember. */
static bool read_string(struct product *observed, enum product_field field,
    struct json_value value, int64_t moment)
{
    size_t start = observed->text.length;
    if (!append_string(&observed->text, value))
        return false;
    observed->values[field] =
        (struct product_value){start, observed->text.length - start, moment};
    return true;
}

static bool read_integer(struct product *observed, enum product_field field,
    struct json_value value, int64_t moment)
{
    int64_t number;
    size_t length;
    const char *json = json_raw(value, &length);
    if (json_integer(value, &number) != ERROR_NONE || number < 0)
        return false;
    product_set(observed, field, json, length, moment);
    return true;
}

/* "M", {"title":"M"}, or the text under another name beside it. */
static bool read_titled(struct product *observed, enum product_field field,
    struct json_value value, struct json_value beside, int64_t moment)
{
    return read_string(observed, field, beside, moment) ||
           read_string(observed, field, value, moment) ||
           read_string(observed, field, json_member(value, "title"), moment);
}

/* "28.9" or 28.9. */
static bool read_amount(
    struct product *observed, struct json_value value, int64_t moment)
{
    char quoted[DECIMAL_LENGTH + 3] = "\"";
    size_t length;
    const char *json = json_raw(value, &length);
    if (json_is(value, JSON_STRING)) {
        json++; /* digits need no escape */
        length -= 2;
    } else if (!json_is(value, JSON_NUMBER)) {
        return false;
    }
    if (decimal_normalise(quoted + 1, json, length) != ERROR_NONE)
        return false;
    strcat(quoted, "\"");
    product_set_text(observed, PRODUCT_PRICE, quoted, moment);
    return true;
}

bool product_read_price(
    struct product *observed, struct json_value item, int64_t moment)
{
    struct json_value price = json_member(item, "price");
    struct json_value currency = json_member(item, "currency");
    if (json_is(price, JSON_OBJECT)) {
        currency = json_member(price, "currency_code");
        price = json_member(price, "amount");
    }
    if (!read_amount(observed, price, moment))
        return false;
    read_string(observed, PRODUCT_CURRENCY, currency, moment);
    return true;
}

static void read_brand(
    struct product *observed, struct json_value item, int64_t moment)
{
    struct json_value brand = json_member(item, "brand");
    struct json_value dto = json_member(item, "brand_dto");
    struct json_value beside = json_member(item, "brand_title");
    if (!read_titled(observed, PRODUCT_BRAND, brand, beside, moment)) {
        read_string(observed, PRODUCT_BRAND, json_member(dto, "title"), moment);
    }
    if (!read_integer(
            observed, PRODUCT_BRAND_ID, json_member(brand, "id"), moment) &&
        !read_integer(
            observed, PRODUCT_BRAND_ID, json_member(dto, "id"), moment)) {
        read_integer(
            observed, PRODUCT_BRAND_ID, json_member(item, "brand_id"), moment);
    }
}

/* What a task may set as well as an item may tell. */
static void read_offer(
    struct product *observed, struct json_value item, int64_t moment)
{
    read_string(observed, PRODUCT_TITLE, json_member(item, "title"), moment);
    read_string(observed, PRODUCT_DESCRIPTION, json_member(item, "description"),
        moment);
    product_read_price(observed, item, moment);
    read_brand(observed, item, moment);
    read_titled(observed, PRODUCT_SIZE, json_member(item, "size"),
        json_member(item, "size_title"), moment);
}

void product_read_counts(
    struct product *observed, struct json_value counts, int64_t moment)
{
    read_integer(observed, PRODUCT_VIEW_COUNT,
        json_member(counts, "view_count"), moment);
    read_integer(observed, PRODUCT_FAVOURITE_COUNT,
        json_member(counts, "favourite_count"), moment);
    read_integer(observed, PRODUCT_MESSAGE_COUNT,
        json_member(counts, "message_count"), moment);
}

/* A flag is true, false, 1 or 0; *told is set if it is any of these. */
static bool read_flag(struct json_value item, const char *key, bool *told)
{
    struct json_value value = json_member(item, key);
    bool truth = false;
    int64_t number = 0;
    if (json_boolean(value, &truth) != ERROR_NONE &&
        json_integer(value, &number) != ERROR_NONE)
        return false;
    *told = true;
    return truth || number == 1;
}

/* The state that tells most about whether it can be bought. */
static void read_status(
    struct product *observed, struct json_value item, int64_t moment)
{
    static const struct {
        const char *key;
        const char *status;
    } flags[] = {
        {"is_closed", PRODUCT_CLOSED},
        {"is_draft", PRODUCT_DRAFT},
        {"is_hidden", PRODUCT_HIDDEN},
        {"is_reserved", PRODUCT_RESERVED},
    };
    const char *status = PRODUCT_ACTIVE;
    bool told = false;
    for (size_t i = sizeof flags / sizeof flags[0]; i-- > 0;) {
        if (read_flag(item, flags[i].key, &told))
            status = flags[i].status;
    }
    if (json_string_equals(json_member(item, "item_closing_action"), "sold")) {
        told = true;
        status = PRODUCT_SOLD;
    }
    product_set_text(
        observed, PRODUCT_STATUS, status, told ? moment : product_never);
}

bool product_photo_url(struct buffer *out, struct json_value photo)
{
    struct json_value large = json_member(photo, "high_resolution");
    return append_string(out, photo) ||
           append_string(out, json_member(photo, "url")) ||
           append_string(out, json_member(large, "url"));
}

/* The elements of an array, or of `beside`, which stands for an array of
 * one. */
static void read_photos(struct product *observed, struct json_value photos,
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

/* An item was published when its oldest photo was taken in. */
static void read_published(struct product *observed, struct json_value photos,
    struct json_value beside, int64_t moment)
{
    char quoted[CLOCK_ISO_LENGTH + 3] = "\"";
    int64_t oldest = photo_time(beside);
    struct json_value photo = json_first(photos);
    for (; !json_is(photo, JSON_ABSENT); photo = json_next(photo)) {
        int64_t time = photo_time(photo);
        if (time > 0 && (oldest < 0 || time < oldest))
            oldest = time;
    }
    if (oldest < 0)
        return;
    clock_format_iso(quoted + 1, oldest * clock_second);
    strcat(quoted, "\"");
    product_set_text(observed, PRODUCT_PUBLISHED_AT, quoted, moment);
}

void product_read_item(
    struct product *observed, struct json_value item, int64_t moment)
{
    struct json_value status = json_member(item, "status");
    struct json_value photos = json_member(item, "photos");
    struct json_value photo = json_member(item, "photo");
    if (!json_is(photos, JSON_ARRAY))
        photos = (struct json_value){NULL, -1};
    /* Before the price, whose own currency goes first. */
    read_string(
        observed, PRODUCT_CURRENCY, json_member(item, "currency"), moment);
    read_offer(observed, item, moment);
    read_titled(observed, PRODUCT_CONDITION, status,
        json_member(item, "status_title"), moment);
    read_status(observed, item, moment);
    read_string(observed, PRODUCT_URL, json_member(item, "url"), moment);
    read_photos(observed, photos, photo, moment);
    product_read_counts(observed, item, moment);
    read_published(observed, photos, photo, moment);
    product_seen(observed, moment);
}

void product_fill_item(
    struct product *observed, struct json_value params, int64_t moment)
{
    struct product set = PRODUCT_EMPTY;
    product_start(&set, observed->id);
    read_offer(&set, params, moment);
    for (int field = 0; field < PRODUCT_FIELDS; field++) {
        size_t length;
        const char *json =
            product_json(&set, (enum product_field)field, &length);
        if (!product_knows(observed, (enum product_field)field) && length > 0) {
            product_set(
                observed, (enum product_field)field, json, length, moment);
        }
    }
    observed->text.failed = observed->text.failed || set.text.failed;
    product_free(&set);
}
