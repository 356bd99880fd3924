/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "catalog.h"
#include "error.h"
#include "ingest_apply.h"
#include "ingest_record.h"
#include "item_id.h"
#include "json.h"
#include "product.h"
#include "product_item.h"

#include <stdint.h>
#include <string.h>

bool ingest_item_id(const struct ingest_record *record, uint64_t *id)
{
    struct json_value result = record->result;
    return item_id_read(json_member(record->params, "item_id"), id) ==
               ERROR_NONE ||
           item_id_read(json_member(result, "item_id"), id) == ERROR_NONE ||
           item_id_read(json_member(result, "id"), id) == ERROR_NONE;
}

/* {"item":{…}}, or the item itself. */
static struct json_value find_item(struct json_value result)
{
    struct json_value item = json_member(result, "item");
    uint64_t id;
    if (json_is(item, JSON_OBJECT) ||
        item_id_read(json_member(result, "id"), &id) != ERROR_NONE)
        return item;
    return result;
}

static enum error merge(struct catalog *catalog, struct product *observed)
{
    struct catalog_row *row;
    enum error error = catalog_merge(catalog, observed, &row);
    product_free(observed);
    return error;
}

static const char no_product[] = "it does not tell which product it is about";

enum error ingest_item(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    struct product observed = PRODUCT_EMPTY;
    struct json_value item = find_item(record->result);
    uint64_t id;
    uint64_t asked;
    bool known = ingest_item_id(record, &asked);
    if (item_id_read(json_member(item, "id"), &id) != ERROR_NONE) {
        id = asked;
    } else if (known && id != asked) {
        *why = "the result is about another product than the task";
        return ERROR_NONE;
    } else {
        known = true;
    }
    if (!known) {
        *why = no_product;
        return ERROR_NONE;
    }
    product_start(&observed, id);
    product_seen(&observed, record->completed);
    if (json_is(item, JSON_OBJECT))
        product_read_item(&observed, item, record->completed);
    product_fill_item(&observed, record->params, record->completed);
    return merge(catalog, &observed);
}

enum error ingest_stats(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    struct product observed = PRODUCT_EMPTY;
    struct json_value item = json_member(record->result, "item");
    uint64_t id;
    if (!ingest_item_id(record, &id) &&
        item_id_read(json_member(item, "id"), &id) != ERROR_NONE) {
        *why = no_product;
        return ERROR_NONE;
    }
    product_start(&observed, id);
    product_seen(&observed, record->completed);
    product_read_counts(&observed,
        json_is(item, JSON_OBJECT) ? item : record->result, record->completed);
    return merge(catalog, &observed);
}

enum error ingest_delete(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    struct product observed = PRODUCT_EMPTY;
    uint64_t id;
    if (!ingest_item_id(record, &id)) {
        *why = no_product;
        return ERROR_NONE;
    }
    product_start(&observed, id);
    product_set_text(
        &observed, PRODUCT_STATUS, PRODUCT_DELETED, record->completed);
    return merge(catalog, &observed);
}

/* Where the photo lies now, else where the task took it from. */
static bool find_photo(struct buffer *url, const struct ingest_record *record)
{
    struct json_value result = record->result;
    if (product_photo_url(url, json_member(result, "photo")) ||
        product_photo_url(url, json_member(result, "photo_url")) ||
        product_photo_url(url, result))
        return true;
    return product_photo_url(url, json_member(record->params, "photo_url")) &&
           strncmp(buffer_text(url), "\"http", 5) == 0;
}

/* Whether the array, of our own making, holds the quoted URL. */
static bool holds(const char *photos, size_t length, const struct buffer *url)
{
    for (size_t at = 1; at + url->length < length; at++) {
        if (memcmp(photos + at, url->data, url->length) == 0)
            return true;
    }
    return false;
}

/* Sets the photos to those known and the new one. Where none are known the new
 * one gets no moment, so that any list is heard that tells of all. */
static void add_photo(struct product *observed, const struct product *known,
    const struct buffer *url, int64_t moment)
{
    struct buffer photos = BUFFER_EMPTY;
    size_t length;
    const char *json = product_json(known, PRODUCT_PHOTOS, &length);
    bool any = length > 2 && json[1] == '"';
    if (any && holds(json, length, url))
        return;
    buffer_append(&photos, any ? json : "[", any ? length - 1 : 1);
    if (any)
        buffer_append_byte(&photos, ',');
    buffer_append(&photos, url->data, url->length);
    buffer_append_byte(&photos, ']');
    product_set(observed, PRODUCT_PHOTOS, buffer_text(&photos), photos.length,
        any ? moment : product_never);
    observed->text.failed = observed->text.failed || photos.failed;
    buffer_free(&photos);
}

static enum error merge_photo(struct catalog *catalog, uint64_t id,
    const struct buffer *url, int64_t moment)
{
    struct product observed = PRODUCT_EMPTY;
    struct product known = PRODUCT_EMPTY;
    const struct catalog_row *row = catalog_find(catalog, id);
    enum error error = url->failed ? ERROR_MEMORY : ERROR_NONE;
    product_start(&known, id);
    if (error == ERROR_NONE && row != NULL)
        error = catalog_row_read(row, &known);
    if (error == ERROR_TYPE)
        product_start(&known, id); /* catalog_merge sets the row aside */
    product_start(&observed, id);
    product_seen(&observed, moment);
    if (error != ERROR_MEMORY)
        add_photo(&observed, &known, url, moment);
    product_free(&known);
    if (error == ERROR_MEMORY) {
        product_free(&observed);
        return error;
    }
    return merge(catalog, &observed);
}

enum error ingest_photo(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    struct buffer url = BUFFER_EMPTY;
    enum error error = ERROR_NONE;
    uint64_t id;
    if (json_is(json_member(record->result, "item"), JSON_OBJECT))
        return ingest_item(catalog, record, why);
    /* The "id" of such a result is the photo's. A photo may be uploaded before
     * the product it is for exists: then there is nothing to do. */
    if (item_id_read(json_member(record->params, "item_id"), &id) ==
            ERROR_NONE &&
        find_photo(&url, record))
        error = merge_photo(catalog, id, &url, record->completed);
    buffer_free(&url);
    return error;
}
