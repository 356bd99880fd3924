/* SPDX-License-Identifier: MIT */
#include "action.h"
#include "buffer.h"
#include "error.h"
#include "json.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

struct params_case {
    const char *action;
    const char *params;
    const char *member; /* the one that is wrong; NULL: none is */
    const char *word;   /* of the reason */
};

#define ITEM "\"title\":\"a\",\"description\":\"b\",\"price\":\"1\""
#define PRODUCT ITEM ",\"catalog_id\":5"

static const struct params_case cases[] = {
    /* the guide's own examples */
    {"get_user_data", "{}", NULL, NULL},
    {"get_all_products", "{\"user_id\":29535217}", NULL, NULL},
    {"create_product",
        "{\"title\":\"T-shirt Nike Noir\",\"description\":\"T-shirt Nike en "
        "excellent \xC3\xA9tat\",\"price\":\"15.00\",\"brand_id\":53,"
        "\"size_id\":206,\"catalog_id\":5,\"color_ids\":[1],"
        "\"status_ids\":[6]}",
        NULL, NULL},
    {"update_product",
        "{\"item_id\":123456,\"price\":\"12.00\",\"description\":\"Prix\"}",
        NULL, NULL},
    {"delete_product", "{\"item_id\":123456}", NULL, NULL},
    {"update_prices",
        "{\"updates\":[{\"item_id\":123,\"price\":\"10.00\"},"
        "{\"item_id\":456,\"price\":\"15.00\"}]}",
        NULL, NULL},
    {"get_stats", "{\"item_id\":123456}", NULL, NULL},
    {"upload_photo", "{\"item_id\":123456,\"photo_url\":\"https://b/p.jpg\"}",
        NULL, NULL},
    /* nothing is asked of these */
    {"get_user_data", "{\"anything\":[]}", NULL, NULL},
    {"execute_http_request", "{}", NULL, NULL},
    {"execute_batch_requests", "{}", NULL, NULL},
    {"execute_sequential_requests", "{}", NULL, NULL},
    {"unheard_of", "{\"item_id\":\"x\",\"price\":-1}", NULL, NULL},
    {"", "{}", NULL, NULL},
    /* ids */
    {"get_stats", "{}", "params.item_id", "is missing"},
    {"get_stats", "{\"item_id\":null}", "params.item_id", "is missing"},
    {"get_stats", "{\"Item_id\":5}", "params.item_id", "is missing"},
    {"get_stats", "{\"item_id\":1}", NULL, NULL},
    {"get_stats", "{\"item_id\":18446744073709551615}", NULL, NULL},
    {"get_stats", "{\"item_id\":5,\"more\":{\"item_id\":\"x\"}}", NULL, NULL},
    {"get_stats", "{\"item_id\":18446744073709551616}", "params.item_id",
        "positive whole number"},
    {"get_stats", "{\"item_id\":0}", "params.item_id", "positive"},
    {"get_stats", "{\"item_id\":-5}", "params.item_id", "positive"},
    {"get_stats", "{\"item_id\":5.0}", "params.item_id", "whole"},
    {"get_stats", "{\"item_id\":5e1}", "params.item_id", "whole"},
    {"get_stats", "{\"item_id\":\"5\"}", "params.item_id", "must be"},
    {"get_stats", "{\"item_id\":true}", "params.item_id", "must be"},
    {"get_stats", "{\"item_id\":[5]}", "params.item_id", "must be"},
    {"get_stats", "{\"item_id\":5,\"item_id\":\"x\"}", "params.item_id",
        "must be"},
    {"delete_product", "{}", "params.item_id", "is missing"},
    {"get_all_products", "{}", "params.user_id", "is missing"},
    {"get_all_products", "{\"user_id\":\"42\"}", "params.user_id", "must be"},
    /* create_product */
    {"create_product", "{" PRODUCT "}", NULL, NULL},
    {"create_product", "{\"catalog_id\":5,\"brand_id\":null," ITEM "}", NULL,
        NULL},
    {"create_product", "{}", "params.title", "is missing"},
    {"create_product", "{\"title\":\"a\"}", "params.description", "is missing"},
    {"create_product", "{\"title\":\"a\",\"description\":\"b\"}",
        "params.price", "is missing"},
    {"create_product", "{" ITEM "}", "params.catalog_id", "is missing"},
    {"create_product", "{" ITEM ",\"catalog_id\":\"5\"}", "params.catalog_id",
        "must be"},
    {"create_product", "{" PRODUCT ",\"title\":7}", "params.title", "a string"},
    {"create_product", "{" PRODUCT ",\"brand_id\":\"53\"}", "params.brand_id",
        "whole number"},
    {"create_product", "{" PRODUCT ",\"size_id\":0}", "params.size_id",
        "positive"},
    {"create_product", "{" PRODUCT ",\"color_ids\":[]}", NULL, NULL},
    {"create_product", "{" PRODUCT ",\"color_ids\":[1,2]}", NULL, NULL},
    {"create_product", "{" PRODUCT ",\"color_ids\":1}", "params.color_ids",
        "array"},
    {"create_product", "{" PRODUCT ",\"color_ids\":[1,\"2\"]}",
        "params.color_ids[1]", "positive whole number"},
    {"create_product", "{" PRODUCT ",\"status_ids\":[null]}",
        "params.status_ids[0]", "positive whole number"},
    {"create_product", "{" PRODUCT ",\"status_ids\":[[1]]}",
        "params.status_ids[0]", "positive whole number"},
    /* update_product */
    {"update_product", "{\"item_id\":5}", "params", "must say what to change"},
    {"update_product", "{\"item_id\":5,\"price\":null}", "params",
        "must say what to change"},
    {"update_product", "{\"price\":\"1\"}", "params.item_id", "is missing"},
    {"update_product", "{\"item_id\":5,\"is_hidden\":false}", NULL, NULL},
    {"update_product", "{\"item_id\":5,\"title\":[]}", "params.title",
        "a string"},
    {"update_product", "{\"item_id\":5,\"price\":\"\"}", "params.price",
        "decimal"},
    {"update_product", "{\"item_id\":5,\"color_ids\":[0]}",
        "params.color_ids[0]", "positive"},
    /* update_prices */
    {"update_prices", "{}", "params.updates", "is missing"},
    {"update_prices", "{\"updates\":[]}", "params.updates", "one object"},
    {"update_prices", "{\"updates\":{}}", "params.updates", "an array"},
    {"update_prices", "{\"updates\":[5]}", "params.updates[0]", "an object"},
    {"update_prices", "{\"updates\":[null]}", "params.updates[0]", "an object"},
    {"update_prices", "{\"updates\":[{\"price\":\"1\"}]}",
        "params.updates[0].item_id", "is missing"},
    {"update_prices",
        "{\"updates\":[{\"item_id\":1,\"price\":1},{\"item_id\":2}]}",
        "params.updates[1].price", "is missing"},
    {"update_prices",
        "{\"updates\":[{\"item_id\":1,\"price\":1},"
        "{\"item_id\":2,\"price\":\"x\"},{}]}",
        "params.updates[1].price", "decimal number"},
    /* upload_photo */
    {"upload_photo", "{\"photo_url\":\"u\"}", "params.item_id", "is missing"},
    {"upload_photo", "{\"item_id\":5}", "params.photo_url", "is missing"},
    {"upload_photo", "{\"item_id\":5,\"photo_url\":null}", "params.photo_url",
        "is missing"},
    {"upload_photo", "{\"item_id\":5,\"photo_data\":\"AAAA\"}", NULL, NULL},
    {"upload_photo", "{\"item_id\":5,\"photo_data\":7}", "params.photo_data",
        "a string"},
    {"upload_photo", "{\"item_id\":5,\"photo_url\":{}}", "params.photo_url",
        "a string"},
    {"upload_photo",
        "{\"item_id\":5,\"photo_url\":\"u\",\"photo_data\":\"AAAA\"}",
        "params.photo_url", "give one of them"},
};

static enum error check(
    const char *action, const char *params, struct json_misfit *fault)
{
    struct json_document document;
    struct json_fault where;
    assert_int_equal(
        json_parse(&document, params, strlen(params), &where), ERROR_NONE);
    *fault = (struct json_misfit){"", ""};
    enum error error = action_check_params(action, json_root(&document), fault);
    json_free(&document);
    return error;
}

static void expect(const struct params_case *row)
{
    struct json_misfit fault;
    enum error error = check(row->action, row->params, &fault);
    const char *member = row->member == NULL ? "" : row->member;
    const char *word = row->word == NULL ? "" : row->word;
    enum error want = row->member == NULL ? ERROR_NONE : ERROR_TYPE;
    if (error != want || strcmp(fault.member, member) != 0 ||
        strstr(fault.reason, word) == NULL)
        fail_msg("%s %s: have error %d, \"%s\" %s, want \"%s\" %s", row->action,
            row->params, (int)error, fault.member, fault.reason, member, word);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect(&cases[i]);
}

static const char *const prices[] = {"15", "15.00", "0.5", "28.9", "1.5e1", "0",
    "\"15\"", "\"15.00\"", "\"0\"", "\"1\\u0035\""};

static const char *const no_prices[] = {"-1", "\"-1\"", "\"15,00\"",
    "\"15 EUR\"", "\"\"", "\" 15\"", "\"15\\u0000\"", "1e400", "true", "[]",
    "{}", "\"NaN\""};

static void test_prices(void **state)
{
    (void)state;
    char text[100];
    for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++) {
        const struct params_case row = {"update_product", text, NULL, NULL};
        snprintf(text, sizeof text, "{\"item_id\":5,\"price\":%s}", prices[i]);
        expect(&row);
    }
    for (size_t i = 0; i < sizeof no_prices / sizeof no_prices[0]; i++) {
        const struct params_case row = {
            "update_product", text, "params.price", "decimal number"};
        snprintf(
            text, sizeof text, "{\"item_id\":5,\"price\":%s}", no_prices[i]);
        expect(&row);
    }
}

/* No parameters at all are an empty object. */
static void test_absent(void **state)
{
    (void)state;
    const struct json_value absent = {NULL, -1};
    struct json_misfit fault;
    assert_int_equal(
        action_check_params("get_user_data", absent, &fault), ERROR_NONE);
    for (size_t i = 0; i < action_row_count; i++) {
        if (action_rows[i].params == NULL)
            continue;
        assert_int_equal(
            action_check_params(action_rows[i].name, absent, &fault),
            ERROR_TYPE);
        assert_string_equal(fault.reason, "is missing");
    }
}

/* The last of very many elements is named, too. */
static void test_far_element(void **state)
{
    (void)state;
    struct buffer text = BUFFER_EMPTY;
    struct json_misfit fault;
    buffer_append_text(&text, "{\"updates\":[");
    for (int i = 0; i < 100000; i++)
        buffer_append_text(&text, "{\"item_id\":1,\"price\":1},");
    buffer_append_text(&text, "{\"item_id\":1,\"price\":-1}]}");
    assert_int_equal(
        check("update_prices", buffer_text(&text), &fault), ERROR_TYPE);
    assert_string_equal(fault.member, "params.updates[100000].price");
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_prices),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_far_element),
    };
    return cmocka_run_group_tests_name("action_params", tests, NULL, NULL);
}
