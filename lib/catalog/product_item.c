/* SPDX-License-Identifier: MIT */
#include "product_item.h"

#include "clock.h"
#include "decimal.h"
#include "json_write.h"
#include "product_url.h"

#include <stdlib.h>
#include <string.h>

/* The members of an item that we know, in the order of their names. */
enum item_member {
    ITEM_BRAND,
    ITEM_BRAND_DTO,
    ITEM_BRAND_ID,
    ITEM_BRAND_TITLE,
    ITEM_CURRENCY,
    ITEM_DESCRIPTION,
    ITEM_FAVOURITE_COUNT,
    ITEM_IS_CLOSED,
    ITEM_IS_DRAFT,
    ITEM_IS_HIDDEN,
    ITEM_IS_RESERVED,
    ITEM_CLOSING_ACTION,
    ITEM_MESSAGE_COUNT,
    ITEM_PATH,
    ITEM_PHOTO,
    ITEM_PHOTOS,
    ITEM_PRICE,
    ITEM_SIZE,
    ITEM_SIZE_TITLE,
    ITEM_STATUS,
    ITEM_STATUS_TITLE,
    ITEM_TITLE,
    ITEM_URL,
    ITEM_USER,
    ITEM_VIEW_COUNT,
    ITEM_MEMBERS /* how many there are */
};

/* One for each of them, sorted. */
static const char *const names[ITEM_MEMBERS] = {
    "brand",
    "brand_dto",
    "brand_id",
    "brand_title",
    "currency",
    "description",
    "favourite_count",
    "is_closed",
    "is_draft",
    "is_hidden",
    "is_reserved",
    "item_closing_action",
    "message_count",
    "path",
    "photo",
    "photos",
    "price",
    "size",
    "size_title",
    "status",
    "status_title",
    "title",
    "url",
    "user",
    "view_count",
};

/* What one walk over an item finds: items have dozens of other members, and
 * lists have thousands of items. */
struct item {
    struct json_value members[ITEM_MEMBERS]; /* absent where there is none */
};

static int compare_names(const void *name, const void *entry)
{
    return strcmp(name, *(const char *const *)entry);
}

/* All members are absent if `object` is no object. Of members with the same
 * name the last one counts. Where there is no memory for a name, what is
 * observed counts as failed. */
static struct item read_members(
    struct product *observed, struct json_value object)
{
    struct item item;
    struct buffer name = BUFFER_EMPTY;
    for (int i = 0; i < ITEM_MEMBERS; i++)
        item.members[i] = (struct json_value){NULL, -1};
    if (!json_is(object, JSON_OBJECT))
        return item;
    struct json_value member = json_first(object);
    for (; !json_is(member, JSON_ABSENT); member = json_next(member)) {
        buffer_clear(&name);
        json_append_key(&name, member);
        observed->text.failed = observed->text.failed || name.failed;
        const char *const *found = (const char *const *)bsearch(
            buffer_text(&name), (const void *)names, ITEM_MEMBERS,
            sizeof names[0], compare_names);
        if (found != NULL)
            item.members[found - names] = member;
    }
    buffer_free(&name);
    return item;
}

/* Appends a member that is a string and not empty, as JSON in our own spelling:
 * grep(1) must find "Bon état" however the sender escaped it. Whether it was
 * such a string. */
static bool append_string(struct buffer *out, struct json_value value)
{
    size_t length;
    const char *json = json_raw(value, &length);
    if (!json_is(value, JSON_STRING) || length <= 2 ||
        length > PRODUCT_TEXT_MOST)
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
    struct item item = read_members(observed, object);
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
    struct item item = read_members(observed, object);
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

bool product_photo_url(struct buffer *out, struct json_value photo)
{
    static const struct json_value nowhere = {NULL, -1};
    struct json_value large = json_member(photo, "high_resolution");
    return product_url_append(out, photo, nowhere) ||
           product_url_append(out, json_member(photo, "url"), nowhere) ||
           product_url_append(
               out, json_member(photo, "full_size_url"), nowhere) ||
           product_url_append(out, json_member(large, "url"), nowhere);
}

/* A path is one on the site on which its seller is. */
static void read_url(
    struct product *observed, const struct item *item, int64_t moment)
{
    struct json_value beside =
        json_member(item->members[ITEM_USER], "profile_url");
    size_t start = observed->text.length;
    if (product_url_append(&observed->text, item->members[ITEM_URL], beside) ||
        product_url_append(&observed->text, item->members[ITEM_PATH], beside))
        observed->values[PRODUCT_URL] = (struct product_value){
            start, observed->text.length - start, moment};
}

/* Remembers the URLs of an array of photos, or where it has none, of `beside`,
 * one photo. Nothing where neither has a URL. */
static void read_photos(struct product *observed, struct json_value photos,
    struct json_value beside, int64_t moment)
{
    struct buffer urls = BUFFER_EMPTY;
    buffer_append_byte(&urls, '[');
    struct json_value photo = json_first(photos);
    for (; !json_is(photo, JSON_ABSENT) && urls.length < PRODUCT_PHOTOS_MOST;
        photo = json_next(photo)) {
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

/* Remembers when the item was published: when the oldest of the same photos
 * was taken in. */
static void read_published(struct product *observed, struct json_value photos,
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

void product_read_item(
    struct product *observed, struct json_value object, int64_t moment)
{
    struct item item = read_members(observed, object);
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
    read_url(observed, &item, moment);
    read_photos(observed, photos, photo, moment);
    read_counts(observed, &item, moment);
    read_published(observed, photos, photo, moment);
    product_seen(observed, moment);
}

void product_fill_item(
    struct product *observed, struct json_value params, int64_t moment)
{
    struct product set = PRODUCT_EMPTY;
    struct item item = read_members(observed, params);
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
