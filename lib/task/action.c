/* SPDX-License-Identifier: MIT */
#include "action.h"

#include "error.h"
#include "ingest_kind.h"
#include "json.h"
#include "params.h"

#include <string.h>

const struct action_row action_rows[] = {
    {"get_user_data", REPEAT_ALWAYS, INGEST_USER, NULL},
    {"get_all_products", REPEAT_ALWAYS, INGEST_LIST, &params_of_list},
    {"get_stats", REPEAT_ALWAYS, INGEST_STATS, &params_of_item},
    {"update_product", REPEAT_ALWAYS, INGEST_ITEM, &params_of_update},
    {"update_prices", REPEAT_ALWAYS, INGEST_PRICES, &params_of_prices},
    {"delete_product", REPEAT_ALWAYS, INGEST_DELETE, &params_of_item},
    {"create_product", REPEAT_NEVER, INGEST_ITEM, &params_of_create},
    {"upload_photo", REPEAT_NEVER, INGEST_PHOTO, &params_of_photo},
    {"execute_http_request", REPEAT_READS, INGEST_NONE, NULL},
    {"execute_batch_requests", REPEAT_READS, INGEST_NONE, NULL},
    {"execute_sequential_requests", REPEAT_READS, INGEST_NONE, NULL},
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

enum ingest_kind action_ingest(const char *action)
{
    const struct action_row *row = find_row(action);
    return row == NULL ? INGEST_NONE : row->ingest;
}

enum error action_check_params(
    const char *action, struct json_value params, struct params_fault *fault)
{
    const struct action_row *row = find_row(action);
    if (row == NULL || row->params == NULL)
        return ERROR_NONE;
    return params_check(row->params, params, fault);
}
