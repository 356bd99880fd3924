/* SPDX-License-Identifier: MIT */
#include "ingest_apply.h"

#include "catalog.h"
#include "error.h"
#include "ingest_record.h"
#include "item_id.h"
#include "json.h"
#include "product.h"
#include "product_item.h"

#include <stdint.h>
#include <stdlib.h>

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
    return changed->all || (changed->count > 0 &&
                               bsearch(&id, changed->ids, changed->count,
                                   sizeof *changed->ids, compare_ids) != NULL);
}

static enum error take_prices(struct catalog *catalog,
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
        if (product_read_price(&observed, update, record->completed))
            error = catalog_merge(catalog, &observed, &row);
    }
    product_free(&observed);
    return error;
}

enum error ingest_prices(struct catalog *catalog,
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
        error = take_prices(catalog, record, &changed);
    free(changed.ids);
    return error;
}
