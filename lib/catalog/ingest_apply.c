/* SPDX-License-Identifier: MIT */
#include "ingest_apply.h"

#include "ingest_list.h"
#include "item_id.h"
#include "product_item.h"

#include <stdlib.h>
#include <string.h>

/* --- One product --------------------------------------------------------- */

/* The id of the product a record is about: the task's "item_id", else the
 * result's. Whether there is one. */
static bool item_id_of(const struct ingest_record *record, uint64_t *id)
{
    struct json_value result = record->result;
    *id = record->item;
    return *id != 0 ||
           item_id_read(json_member(record->params, "item_id"), id) ==
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

/* So that it is not taken for what a task has made of which nobody knows what
 * became of it (settle.h). */
static void note_maker(
    struct product *observed, const struct ingest_record *record)
{
    size_t length;
    struct json_value id = json_member(record->root, "task_id");
    struct json_value action = json_member(record->root, "action");
    const char *json = json_raw(id, &length);
    if (json_is(id, JSON_STRING) &&
        (record->makes || json_string_equals(action, "create_product")))
        product_set(
            observed, PRODUCT_LISTED_BY, json, length, record->completed);
}

/* Takes in the one product that was made or changed: what the result tells of
 * it, and what the task set and the result is silent about. */
static enum error take_item(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    struct product observed = PRODUCT_EMPTY;
    struct json_value item = find_item(record->result);
    uint64_t id;
    uint64_t asked;
    bool known = item_id_of(record, &asked);
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
    note_maker(&observed, record);
    return merge(catalog, &observed);
}

static enum error take_stats(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    struct product observed = PRODUCT_EMPTY;
    struct json_value item = json_member(record->result, "item");
    uint64_t id;
    if (!item_id_of(record, &id) &&
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

static enum error take_delete(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    struct product observed = PRODUCT_EMPTY;
    uint64_t id;
    if (!item_id_of(record, &id)) {
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
    return product_photo_url(url, json_member(record->params, "photo_url"));
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
    if (any && (length > PRODUCT_PHOTOS_MOST || holds(json, length, url)))
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
    struct catalog_row *row = NULL;
    enum error error =
        url->failed ? ERROR_MEMORY : catalog_find(catalog, id, &row);
    product_start(&known, id);
    if (error == ERROR_NONE && row != NULL)
        error = catalog_row_read(row, &known);
    if (error == ERROR_TYPE)
        product_start(&known, id); /* catalog_merge sets the row aside */
    product_start(&observed, id);
    product_seen(&observed, moment);
    if (error == ERROR_NONE || error == ERROR_TYPE)
        add_photo(&observed, &known, url, moment);
    product_free(&known);
    if (error != ERROR_NONE && error != ERROR_TYPE) {
        product_free(&observed);
        return error;
    }
    return merge(catalog, &observed);
}

/* Adds a photo to a product, or takes in the product the result tells of. */
static enum error take_photo(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    struct buffer url = BUFFER_EMPTY;
    enum error error = ERROR_NONE;
    uint64_t id;
    if (json_is(json_member(record->result, "item"), JSON_OBJECT))
        return take_item(catalog, record, why);
    /* The "id" of such a result is the photo's. A photo may be uploaded before
     * the product it is for exists: then there is nothing to do. */
    if (item_id_read(json_member(record->params, "item_id"), &id) ==
            ERROR_NONE &&
        find_photo(&url, record))
        error = merge_photo(catalog, id, &url, record->completed);
    buffer_free(&url);
    return error;
}

/* --- Prices -------------------------------------------------------------- */

/* Products the result says were changed, sorted; `all` where it proves that
 * every one was. */
struct changed {
    bool all;
    uint64_t *ids;
    size_t count;
};

static bool proves_all(struct json_value result, size_t wanted)
{
    int64_t updated = 0;
    int64_t failed = 0;
    bool counts_updated =
        json_integer(json_member(result, "updated"), &updated) == ERROR_NONE;
    bool counts_failed =
        json_integer(json_member(result, "failed"), &failed) == ERROR_NONE;
    bool success = false;
    if (!counts_updated && !counts_failed) {
        json_boolean(json_member(result, "success"), &success);
        return success && json_is(json_member(result, "results"), JSON_ABSENT);
    }
    return failed == 0 && (!counts_updated || updated == (int64_t)wanted);
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a;
    uint64_t second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

static bool was_changed(struct json_value element, uint64_t *id)
{
    bool success = false;
    json_boolean(json_member(element, "success"), &success);
    return success &&
           (item_id_read(json_member(element, "item_id"), id) == ERROR_NONE ||
               item_id_read(json_member(element, "id"), id) == ERROR_NONE);
}

/* Reads {"results":[{"item_id":…,"success":true},…]}. */
static enum error find_changed(
    struct changed *changed, struct json_value result)
{
    struct json_value results = json_member(result, "results");
    if (!json_is(results, JSON_ARRAY) || json_size(results) == 0)
        return ERROR_NONE;
    changed->ids = malloc(json_size(results) * sizeof *changed->ids);
    if (changed->ids == NULL)
        return ERROR_MEMORY;
    struct json_value element = json_first(results);
    for (; !json_is(element, JSON_ABSENT); element = json_next(element)) {
        if (was_changed(element, &changed->ids[changed->count]))
            changed->count++;
    }
    qsort(changed->ids, changed->count, sizeof *changed->ids, compare_ids);
    return ERROR_NONE;
}

static bool is_changed(const struct changed *changed, uint64_t id)
{
    return changed->all || bsearch(&id, changed->ids, changed->count,
                               sizeof *changed->ids, compare_ids) != NULL;
}

static enum error take_changed(struct catalog *catalog,
    const struct ingest_record *record, const struct changed *changed)
{
    struct product observed = PRODUCT_EMPTY;
    struct catalog_row *row;
    enum error error = ERROR_NONE;
    struct json_value update =
        json_first(json_member(record->params, "updates"));
    for (; !json_is(update, JSON_ABSENT) && error == ERROR_NONE;
        update = json_next(update)) {
        uint64_t id;
        if (item_id_read(json_member(update, "item_id"), &id) != ERROR_NONE ||
            !is_changed(changed, id))
            continue;
        product_start(&observed, id);
        product_seen(&observed, record->completed);
        if (product_read_price(&observed, update, record->completed) ||
            observed.text.failed)
            error = catalog_merge(catalog, &observed, &row);
    }
    product_free(&observed);
    return error;
}

/* Takes in the prices that were certainly changed. */
static enum error take_prices(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    struct json_value updates = json_member(record->params, "updates");
    struct changed changed = {false, NULL, 0};
    enum error error = ERROR_NONE;
    changed.all = proves_all(record->result, json_size(updates));
    if (!changed.all)
        error = find_changed(&changed, record->result);
    if (error == ERROR_NONE && !changed.all && changed.count == 0)
        *why = "it does not tell which prices were changed";
    else if (error == ERROR_NONE)
        error = take_changed(catalog, record, &changed);
    free(changed.ids);
    return error;
}

/* --- All kinds ----------------------------------------------------------- */

typedef enum error apply_function(struct catalog *catalog,
    const struct ingest_record *record, const char **why);

enum error ingest_apply(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    static apply_function *const functions[] = {
        [INGEST_LIST] = ingest_list,
        [INGEST_STATS] = take_stats,
        [INGEST_ITEM] = take_item,
        [INGEST_PHOTO] = take_photo,
        [INGEST_PRICES] = take_prices,
        [INGEST_DELETE] = take_delete,
    };
    return functions[record->kind](catalog, record, why);
}
