/* SPDX-License-Identifier: MIT */
/* Products as lines of the catalogue:
 *
 * {"id":…,"title":…,…,"first_seen":…,"seen_at":…,"as_of":{…},…}
 *
 * What is not known is left out. "as_of" holds the moments of those fields
 * that are not from seen_at (null: from an unknown one). Members that are none
 * of ours follow at the end, as somebody wrote them. */
#include "clock.h"
#include "json_write.h"
#include "product.h"

#include <inttypes.h>
#include <string.h>

struct member {
    const char *key;
    enum json_type type;
};

/* One row for each enum product_field. */
static const struct member members[PRODUCT_FIELDS] = {
    {"title", JSON_STRING},
    {"price", JSON_STRING},
    {"currency", JSON_STRING},
    {"brand", JSON_STRING},
    {"brand_id", JSON_NUMBER},
    {"size", JSON_STRING},
    {"condition", JSON_STRING},
    {"status", JSON_STRING},
    {"url", JSON_STRING},
    {"photos", JSON_ARRAY},
    {"description", JSON_STRING},
    {"view_count", JSON_NUMBER},
    {"favourite_count", JSON_NUMBER},
    {"message_count", JSON_NUMBER},
    {"published_at", JSON_STRING},
};

/* Members of a line that are not fields; "photo" is derived from "photos". */
static const char *const others[] = {
    "id", "photo", "first_seen", "seen_at", "as_of"};

static bool is_other(struct json_value member)
{
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (json_has_key(member, others[i]))
            return true;
    }
    return false;
}

/* Which field a member is, PRODUCT_FIELDS if none. Lines of ours hold them in
 * order, so the search begins behind the one found last. */
static int find_field(struct json_value member, int last)
{
    for (int i = 1; i <= PRODUCT_FIELDS; i++) {
        int field = (last + i) % PRODUCT_FIELDS;
        if (json_has_key(member, members[field].key))
            return field;
    }
    return PRODUCT_FIELDS;
}

enum error product_id(struct json_value value, uint64_t *id)
{
    uint64_t number = 0;
    size_t length;
    const char *text = json_raw(value, &length);
    if (json_is(value, JSON_STRING)) {
        text++; /* digits need no escape, so what stands there is the value */
        length -= 2;
    }
    if (length == 0 || text[0] == '0')
        return ERROR_TYPE;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)(text[i] - '0');
        if (text[i] < '0' || text[i] > '9')
            return ERROR_TYPE;
        if (number > (UINT64_MAX - digit) / 10)
            return ERROR_RANGE;
        number = number * 10 + digit;
    }
    *id = number;
    return ERROR_NONE;
}

static int64_t read_moment(struct json_value value, int64_t otherwise)
{
    int64_t moment = otherwise;
    size_t length;
    const char *text = json_raw(value, &length);
    if (json_is(value, JSON_STRING))
        clock_parse_iso(text + 1, length - 2, &moment);
    return moment;
}

/* Keeps a member that is none of ours as `,"key":value`. */
static void keep_other(struct product *product, struct json_value member)
{
    struct buffer *text = &product->text;
    struct buffer key = BUFFER_EMPTY;
    size_t length;
    const char *json = json_raw(member, &length);
    json_append_key(&key, member);
    buffer_append_byte(text, ',');
    json_write_string(text, buffer_text(&key), key.length);
    buffer_append_byte(text, ':');
    buffer_append(text, json, length);
    text->failed = text->failed || key.failed;
    buffer_free(&key);
}

static void read_others(struct product *product, struct json_value row)
{
    size_t start = product->text.length;
    int last = PRODUCT_FIELDS - 1;
    struct json_value member = json_first(row);
    for (; !json_is(member, JSON_ABSENT); member = json_next(member)) {
        int field = find_field(member, last);
        if (field < PRODUCT_FIELDS)
            last = field;
        else if (!is_other(member))
            keep_other(product, member);
    }
    product->others =
        (struct product_value){start, product->text.length - start, 0};
}

/* The moments must be known already. */
static enum error read_fields(struct product *product, struct json_value row)
{
    struct json_value as_of = json_member(row, "as_of");
    int last = PRODUCT_FIELDS - 1;
    struct json_value member = json_first(row);
    for (; !json_is(member, JSON_ABSENT); member = json_next(member)) {
        int field = find_field(member, last);
        if (field == PRODUCT_FIELDS || json_is(member, JSON_NULL))
            continue;
        if (!json_is(member, members[field].type))
            return ERROR_TYPE;
        size_t length;
        const char *json = json_raw(member, &length);
        struct json_value own = json_member(as_of, members[field].key);
        int64_t moment = json_is(own, JSON_ABSENT)
                             ? product->seen_at
                             : read_moment(own, product_never);
        product_set(product, (enum product_field)field, json, length, moment);
        last = field;
    }
    return ERROR_NONE;
}

enum error product_read(struct product *product, struct json_value row)
{
    uint64_t id = 0;
    product_start(product, 0);
    if (product_id(json_member(row, "id"), &id) != ERROR_NONE)
        return ERROR_TYPE;
    product->id = id;
    product->seen_at = read_moment(json_member(row, "seen_at"), product_never);
    product->first_seen =
        read_moment(json_member(row, "first_seen"), product->seen_at);
    enum error error = read_fields(product, row);
    if (error != ERROR_NONE)
        return error;
    read_others(product, row);
    return product->text.failed ? ERROR_MEMORY : ERROR_NONE;
}

static void write_moment(struct buffer *out, const char *key, int64_t moment)
{
    char text[CLOCK_ISO_LENGTH + 1];
    if (moment == product_never) {
        json_member_null(out, key);
        return;
    }
    clock_format_iso(text, moment);
    json_member_string(out, key, text, CLOCK_ISO_LENGTH);
}

/* The first URL of the array, so that a page need not look into it. The array
 * is of our own making: ["…","…"] without blanks. */
static void write_photo(struct buffer *out, const char *photos, size_t length)
{
    size_t end = 2;
    while (end < length && photos[end] != '"')
        end += photos[end] == '\\' ? 2 : 1;
    if (end < length && photos[1] == '"')
        json_member_raw(out, "photo", photos + 1, end);
}

static void write_fields(const struct product *product, struct buffer *out)
{
    for (int field = 0; field < PRODUCT_FIELDS; field++) {
        size_t length;
        const char *json =
            product_json(product, (enum product_field)field, &length);
        if (length == 0)
            continue;
        if (field == PRODUCT_PHOTOS)
            write_photo(out, json, length);
        json_member_raw(out, members[field].key, json, length);
    }
}

static void write_as_of(const struct product *product, struct buffer *out)
{
    bool open = false;
    for (int field = 0; field < PRODUCT_FIELDS; field++) {
        int64_t moment = product->values[field].moment;
        if (!product_knows(product, (enum product_field)field) ||
            moment == product->seen_at)
            continue;
        if (!open) {
            json_member_key(out, "as_of");
            buffer_append_byte(out, '{');
        }
        open = true;
        write_moment(out, members[field].key, moment);
    }
    if (open)
        buffer_append_byte(out, '}');
}

void product_write(const struct product *product, struct buffer *out)
{
    buffer_append_format(out, "{\"id\":%" PRIu64, product->id);
    write_fields(product, out);
    if (product->first_seen != product_never)
        write_moment(out, "first_seen", product->first_seen);
    if (product->seen_at != product_never)
        write_moment(out, "seen_at", product->seen_at);
    write_as_of(product, out);
    if (product->others.length > 0) {
        buffer_append(out, product->text.data + product->others.start,
            product->others.length);
    }
    buffer_append_byte(out, '}');
    out->failed = out->failed || product->text.failed;
}
