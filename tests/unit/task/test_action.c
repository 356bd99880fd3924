/* SPDX-License-Identifier: MIT */
#include "action.h"
#include "error.h"
#include "json.h"
#include "json_expect.h"
#include "name.h"
#include "unit.h"

#include <string.h>

struct action_case {
    const char *action;
    const char *params;
    bool repeatable;
};

static const struct action_case cases[] = {
    {"get_user_data", "{}", true},
    {"get_all_products", "{}", true},
    {"get_stats", "{}", true},
    {"update_product", "{}", true},
    {"update_prices", "{}", true},
    {"delete_product", "{}", true},
    {"create_product", "{}", false},
    {"create_product", "{\"method\":\"GET\",\"url\":\"u\"}", false},
    {"upload_photo", "{}", false},
    {"unheard_of", "{}", false},
    {"", "{}", false},
    {"get_stats_", "{}", false},
    /* only reads */
    {"execute_http_request", "{\"url\":\"u\"}", true},
    {"execute_http_request", "{\"url\":\"u\",\"method\":\"GET\"}", true},
    {"execute_http_request", "{\"url\":\"u\",\"method\":\"HEAD\"}", true},
    {"execute_http_request", "{\"url\":\"u\",\"method\":\"G\\u0045T\"}", true},
    {"execute_http_request", "{\"request\":{\"url\":\"u\"}}", true},
    {"execute_http_request", "{\"requests\":[{\"url\":\"u\"}]}", true},
    {"execute_batch_requests", "{\"requests\":[{},{\"method\":\"HEAD\"}]}",
        true},
    {"execute_sequential_requests", "{\"requests\":[{\"method\":\"GET\"}]}",
        true},
    /* writes, or no telling */
    {"execute_http_request", "{\"url\":\"u\",\"method\":\"POST\"}", false},
    {"execute_http_request", "{\"url\":\"u\",\"method\":\"get\"}", false},
    {"execute_http_request", "{\"url\":\"u\",\"method\":\"GET \"}", false},
    {"execute_http_request", "{\"url\":\"u\",\"method\":\"\"}", false},
    {"execute_http_request", "{\"url\":\"u\",\"method\":null}", false},
    {"execute_http_request", "{\"url\":\"u\",\"method\":[\"GET\"]}", false},
    {"execute_http_request",
        "{\"url\":\"u\",\"method\":\"GET\",\"method\":\"PUT\"}", false},
    {"execute_http_request", "{}", false},
    {"execute_http_request", "{\"method\":\"GET\"}", false},
    {"execute_http_request", "{\"request\":\"u\"}", false},
    {"execute_http_request", "{\"request\":null,\"url\":\"u\"}", false},
    {"execute_http_request", "{\"request\":{},\"requests\":[{}]}", false},
    {"execute_http_request",
        "{\"url\":\"u\",\"request\":{\"method\":\"DELETE\"}}", false},
    {"execute_batch_requests", "{\"requests\":[]}", false},
    {"execute_batch_requests", "{\"requests\":{}}", false},
    {"execute_batch_requests", "{\"requests\":null,\"url\":\"u\"}", false},
    {"execute_batch_requests", "{\"requests\":[{},\"u\"]}", false},
    {"execute_batch_requests", "{\"requests\":[{},{\"method\":\"PATCH\"}]}",
        false},
    {"execute_batch_requests", "{\"requests\":[{\"method\":\"PUT\"},{}]}",
        false},
    {"execute_sequential_requests", "[]", false},
};

static void test_repeatable(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_document document;
        struct json_fault fault;
        const char *text = cases[i].params;
        assert_int_equal(
            json_parse(&document, text, strlen(text), &fault), ERROR_NONE);
        bool have = action_is_repeatable(cases[i].action, json_root(&document));
        json_free(&document);
        if (have != cases[i].repeatable)
            fail_msg("%s %s: have %d, want %d", cases[i].action, text, have,
                cases[i].repeatable);
    }
}

struct requests_case {
    const char *action;
    const char *params;
    int want;
};

/* 0: only its plugin knows. A bridge of what holds no list of requests sends
 * one. */
static const struct requests_case requests_cases[] = {
    {"get_stats", "{\"requests\":[{},{}]}", 0},
    {"unheard_of", "{\"requests\":[{},{}]}", 0},
    {"execute_http_request", "{\"url\":\"u\"}", 1},
    {"execute_batch_requests", "{\"requests\":[{},{}]}", 2},
    {"execute_batch_requests", "{\"requests\":[]}", 1},
    {"execute_batch_requests", "{\"requests\":{\"a\":1,\"b\":2}}", 1},
};

static void test_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests_cases / sizeof requests_cases[0];
        i++) {
        const struct requests_case *row = &requests_cases[i];
        struct json_document document = json_parsed(row->params);
        int have = action_requests(row->action, json_root(&document));
        json_free(&document);
        if (have != row->want)
            fail_msg("%s %s: have %d, want %d", row->action, row->params, have,
                row->want);
    }
}

/* Parameters that are not given prove nothing. */
static void test_no_parameters(void **state)
{
    (void)state;
    const struct json_value absent = {NULL, -1};
    assert_true(action_is_repeatable("get_stats", absent));
    assert_false(action_is_repeatable("execute_http_request", absent));
    assert_false(action_is_repeatable("create_product", absent));
}

static void test_catalogue(void **state)
{
    (void)state;
    const struct json_value absent = {NULL, -1};
    assert_int_equal(action_ingest("get_user_data", absent), INGEST_USER);
    assert_int_equal(action_ingest("get_all_products", absent), INGEST_LIST);
    assert_int_equal(action_ingest("get_stats", absent), INGEST_STATS);
    assert_int_equal(action_ingest("update_product", absent), INGEST_ITEM);
    assert_int_equal(action_ingest("create_product", absent), INGEST_ITEM);
    assert_int_equal(action_ingest("update_prices", absent), INGEST_PRICES);
    assert_int_equal(action_ingest("delete_product", absent), INGEST_DELETE);
    assert_int_equal(
        action_ingest("execute_http_request", absent), INGEST_NONE);
    assert_int_equal(action_ingest("unheard_of", absent), INGEST_NONE);
    assert_int_equal(action_ingest("", absent), INGEST_NONE);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < action_row_count; i++) {
        const char *name = action_rows[i].name;
        assert_true(action_is_valid(name, strlen(name)));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(name, action_rows[j].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repeatable),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_no_parameters),
        cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests_name("action", tests, NULL, NULL);
}
