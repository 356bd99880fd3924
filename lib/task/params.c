/* SPDX-License-Identifier: MIT */
#include "params.h"

#include "buffer.h"
#include "decimal.h"
#include "error.h"
#include "item_id.h"
#include "json.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool is_id(struct json_value value)
{
    uint64_t id;
    return json_is(value, JSON_NUMBER) &&
           item_id_read(value, &id) == ERROR_NONE;
}

static bool is_text(struct json_value value)
{
    return json_is(value, JSON_STRING);
}

static bool is_array(struct json_value value)
{
    return json_is(value, JSON_ARRAY);
}

static bool is_filled_array(struct json_value value)
{
    return is_array(value) && json_size(value) > 0;
}

static bool is_object(struct json_value value)
{
    return json_is(value, JSON_OBJECT);
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
    bool fits = json_string(value, &text) == ERROR_NONE && !text.failed &&
                decimal_normalise(ignored, buffer_text(&text), text.length) ==
                    ERROR_NONE;
    buffer_free(&text);
    return fits;
}

#define ID(name, required)                                                     \
    {name, required, is_id, "must be a positive whole number", NULL}
#define TEXT(name, required) {name, required, is_text, "must be a string", NULL}
#define PRICE(name, required)                                                  \
    {name, required, is_price,                                                 \
        "must be a decimal number such as \"15.00\", not negative", NULL}
#define IDS(name)                                                              \
    {name, false, is_array, "must be an array of whole numbers", id_rows}
#define END {NULL, false, NULL, NULL, NULL}

/* The one row says what each element of an array itself must be. */
static const struct params_row id_rows[] = {ID("", true), END};

static const struct params_row change_rows[] = {
    {"", true, is_object, "must be an object", NULL},
    ID("item_id", true),
    PRICE("price", true),
    END,
};

static const struct params_row list_rows[] = {ID("user_id", true), END};

static const struct params_row item_rows[] = {ID("item_id", true), END};

static const struct params_row create_rows[] = {
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

static const struct params_row update_rows[] = {
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

static const struct params_row prices_rows[] = {
    {"updates", true, is_filled_array, "must be an array of one object or more",
        change_rows},
    END,
};

static const struct params_row photo_rows[] = {
    ID("item_id", true),
    TEXT("photo_url", false),
    TEXT("photo_data", false),
    END,
};

static bool is_given(struct json_value value)
{
    return !json_is(value, JSON_ABSENT) && !json_is(value, JSON_NULL);
}

static const char *changes_nothing(
    struct json_value params, const char **member)
{
    struct json_value value = json_first(params);
    for (; !json_is(value, JSON_ABSENT); value = json_next(value)) {
        if (is_given(value) && !json_has_key(value, "item_id"))
            return NULL;
    }
    *member = "";
    return "holds nothing but \"item_id\": it must say what to change";
}

static const char *has_not_one_photo(
    struct json_value params, const char **member)
{
    bool has_url = is_given(json_member(params, "photo_url"));
    bool has_data = is_given(json_member(params, "photo_data"));
    *member = "photo_url";
    if (has_url && has_data)
        return "stands beside \"photo_data\": give one of them";
    return has_url || has_data ? NULL : "is missing, and so is \"photo_data\"";
}

const struct params_table params_of_list = {list_rows, NULL};
const struct params_table params_of_item = {item_rows, NULL};
const struct params_table params_of_create = {create_rows, NULL};
const struct params_table params_of_update = {update_rows, changes_nothing};
const struct params_table params_of_prices = {prices_rows, NULL};
const struct params_table params_of_photo = {photo_rows, has_not_one_photo};

/* Where a value stands: "params", "params.updates[1]". */
struct place {
    const char *array; /* NULL: in the parameters themselves */
    size_t index;
};

static enum error refuse(struct params_fault *fault, struct place place,
    const char *name, const char *reason)
{
    const char *dot = name[0] == '\0' ? "" : ".";
    if (place.array == NULL)
        snprintf(fault->member, sizeof fault->member, "params%s%s", dot, name);
    else
        snprintf(fault->member, sizeof fault->member, "params.%s[%zu]%s%s",
            place.array, place.index, dot, name);
    fault->reason = reason;
    return ERROR_TYPE;
}

static enum error check_row(const struct params_row *row,
    struct json_value value, struct place place, struct params_fault *fault)
{
    if (is_given(value) && !row->fits(value))
        return refuse(fault, place, row->name, row->must);
    if (is_given(value) || !row->required)
        return ERROR_NONE;
    /* An element is there, be it null. */
    return refuse(fault, place, row->name,
        row->name[0] == '\0' ? row->must : "is missing");
}

/* An element: the row without a name is about itself, the others are about its
 * members. */
static enum error check_element(const struct params_row *rows,
    struct json_value element, struct place place, struct params_fault *fault)
{
    for (const struct params_row *row = rows; row->name != NULL; row++) {
        struct json_value value =
            row->name[0] == '\0' ? element : json_member(element, row->name);
        enum error error = check_row(row, value, place, fault);
        if (error != ERROR_NONE)
            return error;
    }
    return ERROR_NONE;
}

static enum error check_elements(const struct params_row *row,
    struct json_value array, struct params_fault *fault)
{
    struct place place = {row->name, 0};
    struct json_value element = json_first(array);
    for (; !json_is(element, JSON_ABSENT); element = json_next(element)) {
        enum error error = check_element(row->elements, element, place, fault);
        if (error != ERROR_NONE)
            return error;
        place.index++;
    }
    return ERROR_NONE;
}

enum error params_check(const struct params_table *table,
    struct json_value params, struct params_fault *fault)
{
    static const struct place top = {NULL, 0};
    for (const struct params_row *row = table->rows; row->name != NULL; row++) {
        struct json_value value = json_member(params, row->name);
        enum error error = check_row(row, value, top, fault);
        if (error == ERROR_NONE && row->elements != NULL && is_given(value))
            error = check_elements(row, value, fault);
        if (error != ERROR_NONE)
            return error;
    }
    const char *member = "";
    const char *reason =
        table->find_fault == NULL ? NULL : table->find_fault(params, &member);
    return reason == NULL ? ERROR_NONE : refuse(fault, top, member, reason);
}
