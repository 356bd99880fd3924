/* SPDX-License-Identifier: MIT */
#include "product_item.h"

#include "decimal.h"
#include "error.h"
#include "item_members.h"
#include "json.h"
#include "product.h"
#include "product_photos.h"

#include <stddef.h>
#include <stdint.h>

/* Each read_* tells whether there was something to remember. */
static bool read_string(struct product *observed, enum product_field field,
    struct json_value value, int64_t moment)
{
    size_t start = observed->text.length;
    if (!item_append_string(&observed->text, value))
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
    char price[DECIMAL_LENGTH + 1];
    size_t length;
    const char *json = json_raw(value, &length);
    if (json_is(value, JSON_STRING)) {
        json++; /* digits need no escape */
        length -= 2;
    } else if (!json_is(value, JSON_NUMBER)) {
        return false;
    }
    if (decimal_normalise(price, json, length) != ERROR_NONE)
        return false;
    product_set_string(observed, PRODUCT_PRICE, price, moment);
    return true;
}

static bool read_price(
    struct product *observed, const struct item *item, int64_t moment)
{
    struct json_value price = item->members[ITEM_PRICE];
    struct json_value currency = item->members[ITEM_CURRENCY];
    if (json_is(price, JSON_OBJECT)) {
        currency = json_member(price, "currency_code");
        price = json_member(price, "amount");
    }
    if (!read_amount(observed, price, moment))
        return false;
    read_string(observed, PRODUCT_CURRENCY, currency, moment);
    return true;
}

bool product_read_price(
    struct product *observed, struct json_value object, int64_t moment)
{
    struct item item = item_read_members(object);
    return read_price(observed, &item, moment);
}

static void read_brand(
    struct product *observed, const struct item *item, int64_t moment)
{
    struct json_value brand = item->members[ITEM_BRAND];
    struct json_value dto = item->members[ITEM_BRAND_DTO];
    if (!read_titled(observed, PRODUCT_BRAND, brand,
            item->members[ITEM_BRAND_TITLE], moment)) {
        read_string(observed, PRODUCT_BRAND, json_member(dto, "title"), moment);
    }
    if (!read_integer(
            observed, PRODUCT_BRAND_ID, json_member(brand, "id"), moment) &&
        !read_integer(
            observed, PRODUCT_BRAND_ID, json_member(dto, "id"), moment)) {
        read_integer(
            observed, PRODUCT_BRAND_ID, item->members[ITEM_BRAND_ID], moment);
    }
}

/* What a task may set as well as an item may tell. */
static void read_offer(
    struct product *observed, const struct item *item, int64_t moment)
{
    read_string(observed, PRODUCT_TITLE, item->members[ITEM_TITLE], moment);
    read_string(
        observed, PRODUCT_DESCRIPTION, item->members[ITEM_DESCRIPTION], moment);
    read_price(observed, item, moment);
    read_brand(observed, item, moment);
    read_titled(observed, PRODUCT_SIZE, item->members[ITEM_SIZE],
        item->members[ITEM_SIZE_TITLE], moment);
}

static void read_counts(
    struct product *observed, const struct item *item, int64_t moment)
{
    read_integer(
        observed, PRODUCT_VIEW_COUNT, item->members[ITEM_VIEW_COUNT], moment);
    read_integer(observed, PRODUCT_FAVOURITE_COUNT,
        item->members[ITEM_FAVOURITE_COUNT], moment);
    read_integer(observed, PRODUCT_MESSAGE_COUNT,
        item->members[ITEM_MESSAGE_COUNT], moment);
}

void product_read_counts(
    struct product *observed, struct json_value object, int64_t moment)
{
    struct item item = item_read_members(object);
    read_counts(observed, &item, moment);
}

/* A flag is true, false, 1 or 0; *told is set if it is any of these. */
static bool read_flag(struct json_value value, bool *told)
{
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
    struct product *observed, const struct item *item, int64_t moment)
{
    static const struct {
        enum item_member flag;
        const char *status;
    } flags[] = {
        {ITEM_IS_RESERVED, PRODUCT_RESERVED},
        {ITEM_IS_HIDDEN, PRODUCT_HIDDEN},
        {ITEM_IS_DRAFT, PRODUCT_DRAFT},
        {ITEM_IS_CLOSED, PRODUCT_CLOSED},
    };
    const char *status = PRODUCT_ACTIVE;
    bool told = false;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (read_flag(item->members[flags[i].flag], &told))
            status = flags[i].status;
    }
    if (json_string_equals(item->members[ITEM_CLOSING_ACTION], "sold")) {
        told = true;
        status = PRODUCT_SOLD;
    }
    product_set_text(
        observed, PRODUCT_STATUS, status, told ? moment : product_never);
}

void product_read_item(
    struct product *observed, struct json_value object, int64_t moment)
{
    struct item item = item_read_members(object);
    struct json_value photos = item.members[ITEM_PHOTOS];
    struct json_value photo = item.members[ITEM_PHOTO];
    if (!json_is(photos, JSON_ARRAY))
        photos = (struct json_value){NULL, -1};
    /* Before the price, whose own currency goes first. */
    read_string(
        observed, PRODUCT_CURRENCY, item.members[ITEM_CURRENCY], moment);
    read_offer(observed, &item, moment);
    read_titled(observed, PRODUCT_CONDITION, item.members[ITEM_STATUS],
        item.members[ITEM_STATUS_TITLE], moment);
    read_status(observed, &item, moment);
    read_string(observed, PRODUCT_URL, item.members[ITEM_URL], moment);
    product_read_photos(observed, photos, photo, moment);
    read_counts(observed, &item, moment);
    product_read_published(observed, photos, photo, moment);
    product_seen(observed, moment);
}

void product_fill_item(
    struct product *observed, struct json_value params, int64_t moment)
{
    struct product set = PRODUCT_EMPTY;
    struct item item = item_read_members(params);
    product_start(&set, observed->id);
    read_offer(&set, &item, moment);
    for (int i = 0; i < PRODUCT_FIELDS; i++) {
        enum product_field field = (enum product_field)i;
        size_t length;
        const char *json = product_json(&set, field, &length);
        if (length > 0 && !product_knows(observed, field))
            product_set(observed, field, json, length, moment);
    }
    observed->text.failed = observed->text.failed || set.text.failed;
    product_free(&set);
}
