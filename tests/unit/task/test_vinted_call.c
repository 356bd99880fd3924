/* SPDX-License-Identifier: MIT */
#include "action.h"
#include "json.h"
#include "unit.h"
#include "vinted_call.h"

#include <string.h>

struct call_case {
    const char *request;
    enum ingest_kind kind;
    uint64_t item;
};

static const struct call_case cases[] = {
    {"{\"method\":\"POST\","
     "\"url\":\"https://www.vinted.fr/api/v2/item_upload/items\"}",
        INGEST_ITEM, 0},
    {"{\"method\":\"POST\",\"url\":\"/api/v2/items\"}", INGEST_ITEM, 0},
    {"{\"method\":\"DELETE\",\"url\":\"/api/v2/items/5#/6\"}", INGEST_DELETE,
        5},
    {"{\"method\":\"PUT\","
     "\"url\":\"https://www.vinted.co.uk/api/v2/item_upload/items/"
     "7750837522\"}",
        INGEST_ITEM, 7750837522},
    {"{\"method\":\"put\",\"url\":\"/api/v2/items/5?x=/delete#y\"}",
        INGEST_ITEM, 5},
    {"{\"method\":\"PUT\","
     "\"url\":\"https:\\/\\/www.vinted.fr\\/api\\/v2\\/items\\/5\"}",
        INGEST_ITEM, 5},
    {"{\"method\":\"POST\",\"url\":\"/api/v2/items/5/delete\"}", INGEST_DELETE,
        5},
    {"{\"method\":\"DELETE\",\"url\":\"/api/v2/items/5\"}", INGEST_DELETE, 5},
};

/* What is not known to change a product. */
static const char *const others[] = {
    "{\"url\":\"/api/v2/items/5\"}",
    "{\"method\":\"GET\",\"url\":\"/api/v2/items/5\"}",
    "{\"method\":\"HEAD\",\"url\":\"/api/v2/item_upload/items\"}",
    "{\"method\":\"PATCH\",\"url\":\"/api/v2/items/5\"}",
    "{\"method\":\"PUT\",\"url\":\"/api/v2/item_upload/items\"}",
    "{\"method\":\"PUT\",\"url\":\"/api/v2/items/\"}",
    "{\"method\":\"PUT\",\"url\":\"/api/v2/items/0\"}",
    "{\"method\":\"PUT\",\"url\":\"/api/v2/items/5x\"}",
    "{\"method\":\"PUT\",\"url\":\"/api/v2/items/5/is_hidden\"}",
    "{\"method\":\"PUT\",\"url\":\"/api/v2/items/99999999999999999999\"}",
    "{\"method\":\"POST\",\"url\":\"/api/v2/items/5\"}",
    "{\"method\":\"POST\",\"url\":\"/api/v2/photos\"}",
    "{\"method\":\"DELETE\",\"url\":\"/api/v2/items/5/delete\"}",
    "{\"method\":\"DELETE\",\"url\":\"https://x.example/api/v2/items/5\"}",
    "{\"method\":\"DELETE\",\"url\":\"http://www.vinted.fr/api/v2/items/5\"}",
    "{\"method\":\"DELETE\",\"url\":\"//www.vinted.fr/api/v2/items/5\"}",
    "{\"method\":\"DELETE\",\"url\":\"https://www.vinted.fr\"}",
    "{\"method\":\"DELETE\",\"url\":\"/api/v2/items/\\u0035\"}",
    "{\"method\":\"DELETE\",\"url\":5}",
    "{\"method\":\"DELETE\",\"url\":\"\"}",
    "{\"method\":\"DELETE\"}",
    "{\"method\":5,\"url\":\"/api/v2/items/5\"}",
    "[]",
    "null",
};

static bool read_call(const char *request, struct vinted_call *call)
{
    struct json_document document;
    struct json_fault fault;
    assert_int_equal(
        json_parse(&document, request, strlen(request), &fault), ERROR_NONE);
    bool read = vinted_call_read(json_root(&document), call);
    json_free(&document);
    return read;
}

static void test_calls(void **state)
{
    (void)state;
    struct vinted_call call;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (!read_call(cases[i].request, &call) || call.kind != cases[i].kind ||
            call.item != cases[i].item)
            fail_msg("%s", cases[i].request);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (read_call(others[i], &call))
            fail_msg("%s", others[i]);
    }
}

static void test_long_url(void **state)
{
    (void)state;
    char request[1024] = "{\"method\":\"DELETE\",\"url\":\"/api/v2/items/5";
    struct vinted_call call;
    size_t start = strlen(request);
    memset(request + start, '0', 500);
    memcpy(request + start + 500, "\"}", 3);
    assert_false(read_call(request, &call));
    request[start] = '?';
    assert_true(read_call(request, &call));
    assert_int_equal(call.item, 5);
}

#define CHANGE "{\"method\":\"PUT\",\"url\":\"/api/v2/items/5\"}"
#define LOOK "{\"url\":\"/api/v2/items/5\"}"

static void expect_kind(const char *params, enum ingest_kind want)
{
    struct json_document document;
    struct json_fault fault;
    assert_int_equal(
        json_parse(&document, params, strlen(params), &fault), ERROR_NONE);
    enum ingest_kind have =
        action_ingest("execute_http_request", json_root(&document));
    json_free(&document);
    if (have != want)
        fail_msg("%s", params);
}

/* Wherever a task may have its requests. */
static void test_tasks(void **state)
{
    (void)state;
    expect_kind("{\"request\":" CHANGE "}", INGEST_CALLS);
    expect_kind(CHANGE, INGEST_CALLS);
    expect_kind("{\"requests\":[" LOOK "," CHANGE "]}", INGEST_CALLS);
    expect_kind("{\"request\":" LOOK "}", INGEST_NONE);
    expect_kind("{\"requests\":[" LOOK "," LOOK "]}", INGEST_NONE);
    expect_kind("{\"requests\":[]}", INGEST_NONE);
    expect_kind("{\"requests\":5}", INGEST_NONE);
    expect_kind("{}", INGEST_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_long_url),
        cmocka_unit_test(test_tasks),
    };
    return cmocka_run_group_tests_name("vinted_call", tests, NULL, NULL);
}
