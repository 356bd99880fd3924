/* SPDX-License-Identifier: MIT */
#include "action.h"

#include "decimal.h"
#include "item_id.h"
#include "vinted_call.h"

#include <stdio.h>
#include <string.h>

/* --- Parameters ---------------------------------------------------------- */

static bool is_id(struct json_value value)
{
    uint64_t id;
    return item_id_read(value, &id) == ERROR_NONE;
}

static bool is_filled(struct json_value array)
{
    return json_size(array) > 0;
}

/* A number as it stands, or the same within quotes. */
static bool is_price(struct json_value value)
{
    char ignored[DECIMAL_LENGTH + 1];
    struct buffer text = BUFFER_EMPTY;
    size_t length;
    const char *raw = json_raw(value, &length);
    if (json_is(value, JSON_NUMBER))
        return decimal_normalise(ignored, raw, length) == ERROR_NONE;
    bool fits = json_string(value, &text) == ERROR_NONE &&
                decimal_normalise(ignored, buffer_text(&text), text.length) ==
                    ERROR_NONE;
    buffer_free(&text);
    return fits;
}

#define ID(name, required)                                                     \
    {name, required, JSON_NUMBER, is_id, "must be a positive whole number",    \
        NULL}
#define TEXT(name, required)                                                   \
    {name, required, JSON_STRING, NULL, "must be a string", NULL}
#define PRICE(name, required)                                                  \
    {name, required, JSON_ABSENT, is_price,                                    \
        "must be a decimal number such as \"15.00\", not negative", NULL}
#define IDS(name)                                                              \
    {name, false, JSON_ARRAY, NULL, "must be an array of whole numbers",       \
        id_rows}
#define END {.name = NULL}

/* The one row says what each element of an array itself must be. */
static const struct json_shape id_rows[] = {ID("", true), END};

static const struct json_shape change_rows[] = {
    {"", true, JSON_OBJECT, NULL, "must be an object", NULL},
    ID("item_id", true),
    PRICE("price", true),
    END,
};

static const struct json_shape list_rows[] = {ID("user_id", true), END};

static const struct json_shape item_rows[] = {ID("item_id", true), END};

static const struct json_shape create_rows[] = {
    TEXT("title", true),
    TEXT("description", true),
    PRICE("price", true),
    ID("catalog_id", true),
    ID("brand_id", false),
    ID("size_id", false),
    IDS("color_ids"),
    IDS("status_ids"),
    END,
};

static const struct json_shape update_rows[] = {
    ID("item_id", true),
    TEXT("title", false),
    TEXT("description", false),
    PRICE("price", false),
    ID("catalog_id", false),
    ID("brand_id", false),
    ID("size_id", false),
    IDS("color_ids"),
    IDS("status_ids"),
    END,
};

static const struct json_shape prices_rows[] = {
    {"updates", true, JSON_ARRAY, is_filled,
        "must be an array of one object or more", change_rows},
    END,
};

static const struct json_shape photo_rows[] = {
    ID("item_id", true),
    TEXT("photo_url", false),
    TEXT("photo_data", false),
    END,
};

static const char *changes_nothing(
    struct json_value params, const char **member)
{
    struct json_value value = json_first(params);
    for (; !json_is(value, JSON_ABSENT); value = json_next(value)) {
        if (json_is_given(value) && !json_has_key(value, "item_id"))
            return NULL;
    }
    *member = "params";
    return "holds nothing but \"item_id\": it must say what to change";
}

static const char *has_not_one_photo(
    struct json_value params, const char **member)
{
    bool has_url = json_is_given(json_member(params, "photo_url"));
    bool has_data = json_is_given(json_member(params, "photo_data"));
    *member = "params.photo_url";
    if (has_url && has_data)
        return "stands beside \"photo_data\": give one of them";
    return has_url || has_data ? NULL : "is missing, and so is \"photo_data\"";
}

/* What the parameters must be. */
struct action_params {
    const struct json_shape *rows;
    /* What is wrong with the whole, which no single row can say, as an English
     * phrase that follows the name of the member it speaks of; NULL: nothing.
     * The member's name goes to *member. May be NULL. */
    const char *(*find_fault)(struct json_value params, const char **member);
};

static const struct action_params of_list = {list_rows, NULL};
static const struct action_params of_item = {item_rows, NULL};
static const struct action_params of_create = {create_rows, NULL};
static const struct action_params of_update = {update_rows, changes_nothing};
static const struct action_params of_prices = {prices_rows, NULL};
static const struct action_params of_photo = {photo_rows, has_not_one_photo};

/* --- The table ----------------------------------------------------------- */

const struct action_row action_rows[] = {
    {"get_user_data", REPEAT_ALWAYS, INGEST_USER, NULL},
    {"get_all_products", REPEAT_ALWAYS, INGEST_LIST, &of_list},
    {"get_stats", REPEAT_ALWAYS, INGEST_STATS, &of_item},
    {"update_product", REPEAT_ALWAYS, INGEST_ITEM, &of_update},
    {"update_prices", REPEAT_ALWAYS, INGEST_PRICES, &of_prices},
    {"delete_product", REPEAT_ALWAYS, INGEST_DELETE, &of_item},
    {"create_product", REPEAT_NEVER, INGEST_ITEM, &of_create},
    {"upload_photo", REPEAT_NEVER, INGEST_PHOTO, &of_photo},
    {"execute_http_request", REPEAT_READS, INGEST_CALLS, NULL},
    {"execute_batch_requests", REPEAT_READS, INGEST_CALLS, NULL},
    {"execute_sequential_requests", REPEAT_READS, INGEST_CALLS, NULL},
};

const size_t action_row_count = sizeof action_rows / sizeof action_rows[0];

static const struct action_row *find_row(const char *action)
{
    for (size_t i = 0; i < action_row_count; i++) {
        if (strcmp(action_rows[i].name, action) == 0)
            return &action_rows[i];
    }
    return NULL;
}

/* A request without a method is a GET, as in fetch(). */
static bool only_reads(struct json_value request)
{
    struct json_value method = json_member(request, "method");
    if (!json_is(request, JSON_OBJECT))
        return false;
    return json_is(method, JSON_ABSENT) || json_string_equals(method, "GET") ||
           json_string_equals(method, "HEAD");
}

/* The request stands in "request", several in "requests", or the parameters
 * are the request. What names no request proves nothing. */
static bool all_requests_read(struct json_value params)
{
    struct json_value several = json_member(params, "requests");
    struct json_value one = json_member(params, "request");
    if (!json_is(one, JSON_ABSENT))
        return only_reads(one) && json_is(several, JSON_ABSENT);
    if (json_is(several, JSON_ABSENT)) {
        return !json_is(json_member(params, "url"), JSON_ABSENT) &&
               only_reads(params);
    }
    if (!json_is(several, JSON_ARRAY) || json_size(several) == 0)
        return false;
    struct json_value request = json_first(several);
    for (; !json_is(request, JSON_ABSENT); request = json_next(request)) {
        if (!only_reads(request))
            return false;
    }
    return true;
}

bool action_is_repeatable(const char *action, struct json_value params)
{
    const struct action_row *row = find_row(action);
    if (row == NULL || row->repeat == REPEAT_NEVER)
        return false;
    return row->repeat == REPEAT_ALWAYS || all_requests_read(params);
}

int action_requests(const char *action, struct json_value params)
{
    const struct action_row *row = find_row(action);
    if (row == NULL || row->repeat != REPEAT_READS)
        return 0;
    struct json_value several = json_member(params, "requests");
    return json_is(several, JSON_ARRAY) && json_size(several) > 0
               ? (int)json_size(several)
               : 1;
}

/* A photo is told apart from others by nothing that a list shows for sure. */
bool action_can_be_found(const char *action)
{
    const struct action_row *row = find_row(action);
    return row != NULL && row->repeat == REPEAT_NEVER &&
           row->ingest == INGEST_ITEM;
}

enum ingest_kind action_ingest(const char *action, struct json_value params)
{
    const struct action_row *row = find_row(action);
    if (row == NULL ||
        (row->ingest == INGEST_CALLS && !vinted_call_any(params)))
        return INGEST_NONE;
    return row->ingest;
}

enum error action_check_params(
    const char *action, struct json_value params, struct json_misfit *misfit)
{
    const struct action_row *row = find_row(action);
    if (row == NULL || row->params == NULL)
        return ERROR_NONE;
    const struct action_params *must = row->params;
    const char *member;
    if (!json_shape_check(must->rows, params, "params", misfit))
        return ERROR_TYPE;
    const char *reason =
        must->find_fault == NULL ? NULL : must->find_fault(params, &member);
    if (reason == NULL)
        return ERROR_NONE;
    snprintf(misfit->member, sizeof misfit->member, "%s", member);
    misfit->reason = reason;
    return ERROR_TYPE;
}
