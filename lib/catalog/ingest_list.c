/* SPDX-License-Identifier: MIT */
#include "ingest_list.h"

#include "item_id.h"
#include "product.h"
#include "product_item.h"

/* {"products":[…]}, {"items":[…]} or the bare array. */
struct json_value ingest_list_items(struct json_value result)
{
    struct json_value products = json_member(result, "products");
    struct json_value items = json_member(result, "items");
    if (json_is(result, JSON_ARRAY))
        return result;
    return json_is(products, JSON_ARRAY) ? products : items;
}

/* How many there are to be; 0 if that is not told. */
static int64_t find_total(struct json_value result)
{
    struct json_value pagination = json_member(result, "pagination");
    int64_t total = 0;
    if (json_integer(json_member(result, "total"), &total) != ERROR_NONE)
        json_integer(json_member(pagination, "total_entries"), &total);
    return total;
}

/* Takes in one element and counts it in *usable, unless it is no product or
 * was in this list before. */
static enum error take_element(struct catalog *catalog,
    struct product *observed, struct json_value element, int64_t moment,
    size_t *usable)
{
    uint64_t id;
    struct catalog_row *row;
    if (item_id_read(json_member(element, "id"), &id) != ERROR_NONE)
        return ERROR_NONE;
    product_start(observed, id);
    product_read_item(observed, element, moment);
    enum error error = catalog_merge(catalog, observed, &row);
    if (error != ERROR_NONE)
        return error;
    if (row->list != catalog->lists)
        ++*usable;
    row->list = catalog->lists;
    return ERROR_NONE;
}

/* What says that it is not so, or anything that is no truth value. */
static bool is_denied(struct json_value result, const char *member)
{
    bool truth = false;
    struct json_value value = json_member(result, member);
    return json_is_given(value) &&
           (json_boolean(value, &truth) != ERROR_NONE || !truth);
}

bool ingest_is_owners_view(const struct ingest_record *record)
{
    uint64_t wardrobe = 0;
    item_id_read(json_member(record->params, "user_id"), &wardrobe);
    return record->signed_in != 0 && record->signed_in == wardrobe &&
           !is_denied(record->result, "owner");
}

bool ingest_proves_absence(
    const struct ingest_record *record, size_t usable, const char **why)
{
    struct json_value result = record->result;
    if (usable < json_size(ingest_list_items(result)))
        *why = "some elements of the list are not products, or are twice in "
               "it: it proves nothing missing";
    else if (record->signed_in == 0)
        *why = "it does not tell who was signed in: it proves nothing missing";
    else if (record->signed_in != record->seller ||
             !ingest_is_owners_view(record))
        *why = "it is not the owner's view of the seller's wardrobe: it proves "
               "nothing missing";
    else if (record->to_come)
        *why = "it began at a moment to come: it proves nothing missing";
    else if (usable == 0 || (uint64_t)find_total(result) != usable ||
             is_denied(result, "complete"))
        *why = "it is not the whole list: it proves nothing missing";
    return *why == NULL;
}

/* What a list lacks. */
struct lack {
    struct catalog *catalog;
    struct product missing;
    int64_t moment;
};

static enum error mark_row(void *context, struct catalog_row *row)
{
    struct lack *lack = context;
    if (row->list == lack->catalog->lists)
        return ERROR_NONE;
    product_start(&lack->missing, row->id);
    product_missing(&lack->missing, lack->moment);
    return catalog_merge_into(lack->catalog, &lack->missing, &row);
}

/* Product_merge spares those that were seen since. */
static enum error mark_missing(struct catalog *catalog, int64_t moment)
{
    struct lack lack = {
        .catalog = catalog, .missing = PRODUCT_EMPTY, .moment = moment};
    enum error error = catalog_each(catalog, mark_row, &lack);
    product_free(&lack.missing);
    return error;
}

/* Takes in all elements; *usable: how many were products, none twice. */
static enum error take_elements(struct catalog *catalog,
    struct json_value items, int64_t moment, size_t *usable)
{
    struct product observed = PRODUCT_EMPTY;
    enum error error = ERROR_NONE;
    struct json_value element = json_first(items);
    *usable = 0;
    for (; !json_is(element, JSON_ABSENT) && error == ERROR_NONE;
        element = json_next(element))
        error = take_element(catalog, &observed, element, moment, usable);
    product_free(&observed);
    return error;
}

enum error ingest_list(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    struct json_value items = ingest_list_items(record->result);
    size_t usable;
    if (!json_is(items, JSON_ARRAY)) {
        *why = "the result holds no list of products";
        return ERROR_NONE;
    }
    if (record->started == product_never) {
        *why = "it does not tell when the listing began";
        return ERROR_NONE;
    }
    catalog->lists++;
    size_t known = catalog->rows.count;
    enum error error = take_elements(catalog, items, record->started, &usable);
    bool own = ingest_is_owners_view(record);
    for (size_t i = known; i < catalog->rows.count; i++)
        catalog->rows.at[i].fresh = own && !catalog->rows.at[i].known;
    if (error == ERROR_NONE && ingest_proves_absence(record, usable, why))
        error = mark_missing(catalog, record->started);
    return error;
}
