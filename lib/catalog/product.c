/* SPDX-License-Identifier: MIT */
#include "product.h"

#include "item_id.h"
#include "json_write.h"

#include <inttypes.h>
#include <string.h>

/* --- What is known, and what was observed --------------------------------- */

void product_start(struct product *product, uint64_t id)
{
    struct buffer text = product->text;
    buffer_clear(&text);
    *product = (struct product){
        .id = id,
        .first_seen = product_never,
        .seen_at = product_never,
        .missing_since = product_never,
        .text = text,
    };
    for (int field = 0; field < PRODUCT_FIELDS; field++)
        product->values[field].moment = product_never;
}

void product_free(struct product *product)
{
    buffer_free(&product->text);
}

void product_set(struct product *product, enum product_field field,
    const char *json, size_t length, int64_t moment)
{
    product->values[field] =
        (struct product_value){product->text.length, length, moment};
    buffer_append(&product->text, json, length);
}

void product_set_text(struct product *product, enum product_field field,
    const char *json, int64_t moment)
{
    product_set(product, field, json, strlen(json), moment);
}

void product_set_string(struct product *product, enum product_field field,
    const char *text, int64_t moment)
{
    size_t start = product->text.length;
    json_write_text(&product->text, text);
    product->values[field] =
        (struct product_value){start, product->text.length - start, moment};
}

bool product_knows(const struct product *product, enum product_field field)
{
    return product->values[field].length > 0;
}

const char *product_json(
    const struct product *product, enum product_field field, size_t *length)
{
    const struct product_value *value = &product->values[field];
    *length = product->text.failed ? 0 : value->length;
    return *length == 0 ? "" : product->text.data + value->start;
}

void product_seen(struct product *product, int64_t moment)
{
    if (product->first_seen == product_never || moment < product->first_seen)
        product->first_seen = moment;
    if (moment > product->seen_at)
        product->seen_at = moment;
}

void product_missing(struct product *product, int64_t moment)
{
    product->missing_since = moment;
}

static bool forget_later(int64_t *moment, int64_t latest)
{
    if (*moment <= latest)
        return false;
    *moment = product_never;
    return true;
}

bool product_doubt(struct product *product, int64_t latest)
{
    bool any = forget_later(&product->seen_at, latest);
    any = forget_later(&product->missing_since, latest) || any;
    for (int field = 0; field < PRODUCT_FIELDS; field++)
        any = forget_later(&product->values[field].moment, latest) || any;
    return any;
}

/* --- As a line of the catalogue -------------------------------------------
 *
 * {"id":…,"title":…,…,"first_seen":…,"seen_at":…,"missing_since":…,
 *  "as_of":{…},…}
 *
 * What is not known is left out. "as_of" holds the moments of those fields
 * that are not from seen_at (null: from an unknown one). Members that are none
 * of ours follow at the end, as somebody wrote them. */

struct member {
    const char *key;
    enum json_type type; /* of a field */
};

/* Members of a line that are no fields; "photo" is derived from "photos". */
enum other_member {
    MEMBER_ID = PRODUCT_FIELDS,
    MEMBER_PHOTO,
    MEMBER_FIRST_SEEN,
    MEMBER_SEEN_AT,
    MEMBER_MISSING_SINCE,
    MEMBER_AS_OF,
    MEMBERS
};

/* One row for each enum product_field and enum other_member. */
static const struct member members[MEMBERS] = {
    [PRODUCT_TITLE] = {"title", JSON_STRING},
    [PRODUCT_PRICE] = {"price", JSON_STRING},
    [PRODUCT_CURRENCY] = {"currency", JSON_STRING},
    [PRODUCT_BRAND] = {"brand", JSON_STRING},
    [PRODUCT_BRAND_ID] = {"brand_id", JSON_NUMBER},
    [PRODUCT_SIZE] = {"size", JSON_STRING},
    [PRODUCT_CONDITION] = {"condition", JSON_STRING},
    [PRODUCT_STATUS] = {"status", JSON_STRING},
    [PRODUCT_URL] = {"url", JSON_STRING},
    [PRODUCT_PHOTOS] = {"photos", JSON_ARRAY},
    [PRODUCT_DESCRIPTION] = {"description", JSON_STRING},
    [PRODUCT_VIEW_COUNT] = {"view_count", JSON_NUMBER},
    [PRODUCT_FAVOURITE_COUNT] = {"favourite_count", JSON_NUMBER},
    [PRODUCT_MESSAGE_COUNT] = {"message_count", JSON_NUMBER},
    [PRODUCT_PUBLISHED_AT] = {"published_at", JSON_STRING},
    [PRODUCT_LISTED_BY] = {"listed_by", JSON_STRING},
    [PRODUCT_TWIN_OF] = {"twin_of", JSON_NUMBER},
    [MEMBER_ID] = {"id", JSON_ABSENT},
    [MEMBER_PHOTO] = {"photo", JSON_ABSENT},
    [MEMBER_FIRST_SEEN] = {"first_seen", JSON_ABSENT},
    [MEMBER_SEEN_AT] = {"seen_at", JSON_ABSENT},
    [MEMBER_MISSING_SINCE] = {"missing_since", JSON_ABSENT},
    [MEMBER_AS_OF] = {"as_of", JSON_ABSENT},
};

/* Which of the above a member is, MEMBERS if none. Lines of ours hold the
 * fields in order, so the search begins behind the one found last. */
static int find_member(struct json_value member, int last)
{
    for (int i = 1; i <= MEMBERS; i++) {
        int found = (last + i) % MEMBERS;
        if (json_has_key(member, members[found].key))
            return found;
    }
    return MEMBERS;
}

static int64_t read_moment(struct json_value value, int64_t otherwise)
{
    int64_t moment = otherwise;
    json_moment(value, &moment);
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

/* Finds all members in one walk and remembers the foreign ones. */
static void read_members(struct product *product, struct json_value row,
    struct json_value found[MEMBERS])
{
    int last = MEMBER_ID - 1;
    for (int i = 0; i < MEMBERS; i++)
        found[i] = (struct json_value){NULL, -1};
    if (!json_is(row, JSON_OBJECT))
        return;
    struct json_value member = json_first(row);
    for (; !json_is(member, JSON_ABSENT); member = json_next(member)) {
        int which = find_member(member, last);
        if (which == MEMBERS) {
            keep_other(product, member);
            continue;
        }
        found[which] = member;
        if (which != MEMBER_PHOTO)
            last = which == MEMBER_ID ? -1 : which;
    }
    product->others = (struct product_value){0, product->text.length, 0};
}

static enum error read_fields(
    struct product *product, const struct json_value found[MEMBERS])
{
    for (int field = 0; field < PRODUCT_FIELDS; field++) {
        size_t length;
        const char *json = json_raw(found[field], &length);
        if (length == 0 || json_is(found[field], JSON_NULL))
            continue;
        if (!json_is(found[field], members[field].type))
            return ERROR_TYPE;
        product_set(
            product, (enum product_field)field, json, length, product->seen_at);
    }
    return ERROR_NONE;
}

static void read_as_of(struct product *product, struct json_value as_of)
{
    if (!json_is(as_of, JSON_OBJECT))
        return;
    struct json_value own = json_first(as_of);
    for (; !json_is(own, JSON_ABSENT); own = json_next(own)) {
        int field = find_member(own, -1);
        if (field < PRODUCT_FIELDS)
            product->values[field].moment = read_moment(own, product_never);
    }
}

enum error product_read(struct product *product, struct json_value row)
{
    struct json_value found[MEMBERS];
    product_start(product, 0);
    read_members(product, row, found);
    if (item_id_read(found[MEMBER_ID], &product->id) != ERROR_NONE)
        return ERROR_TYPE;
    product->seen_at = read_moment(found[MEMBER_SEEN_AT], product_never);
    product->first_seen =
        read_moment(found[MEMBER_FIRST_SEEN], product->seen_at);
    product->missing_since =
        read_moment(found[MEMBER_MISSING_SINCE], product_never);
    if (product->missing_since <= product->seen_at)
        product->missing_since = product_never; /* as kept by older programs */
    enum error error = read_fields(product, found);
    if (error != ERROR_NONE)
        return error;
    read_as_of(product, found[MEMBER_AS_OF]);
    return product->text.failed ? ERROR_MEMORY : ERROR_NONE;
}

static void write_moment(struct buffer *out, const char *key, int64_t moment)
{
    if (moment == product_never)
        json_member_null(out, key);
    else
        json_member_moment(out, key, moment);
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
    if (product->missing_since != product_never)
        write_moment(out, "missing_since", product->missing_since);
    write_as_of(product, out);
    if (product->others.length > 0) {
        buffer_append(out, product->text.data + product->others.start,
            product->others.length);
    }
    buffer_append_byte(out, '}');
    out->failed = out->failed || product->text.failed;
}
