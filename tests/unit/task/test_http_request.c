/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "http_request.h"
#include "json.h"
#include "unit.h"

#include <string.h>

struct request_case {
    const char *text;
    const char *member; /* NULL: nothing is wrong */
};

static const struct request_case cases[] = {
    {"{\"url\":\"u\"}", NULL},
    {"{\"url\":\"\",\"method\":null,\"headers\":null,\"files\":null}", NULL},
    {"{\"url\":\"u\",\"method\":\"PATCH\",\"headers\":{\"a\":\"b\",\"c\":1},"
     "\"body\":[],\"credentials\":\"include\",\"timeout\":0,"
     "\"content_type\":\"json\",\"files\":[],\"other\":{}}",
        NULL},
    {"{\"url\":\"u\",\"files\":[{\"field\":\"f\",\"content\":\"\"}]}", NULL},
    {"{\"url\":\"u\",\"content_type\":\"multipart\"}", NULL},
    {"5", "r"},
    {"[]", "r"},
    {"{}", "r.url"},
    {"{\"url\":null}", "r.url"},
    {"{\"url\":1}", "r.url"},
    {"{\"url\":\"u\",\"method\":\"CONNECT\"}", "r.method"},
    {"{\"url\":\"u\",\"headers\":[]}", "r.headers"},
    {"{\"url\":\"u\",\"headers\":{\"a\":null}}", "r.headers"},
    {"{\"url\":\"u\",\"timeout\":-1}", "r.timeout"},
    {"{\"url\":\"u\",\"timeout\":\"1\"}", "r.timeout"},
    {"{\"url\":\"u\",\"content_type\":\"\"}", "r.content_type"},
    {"{\"url\":\"u\",\"credentials\":1}", "r.credentials"},
    {"{\"url\":\"u\",\"files\":{}}", "r.files"},
    {"{\"url\":\"u\",\"files\":[1]}", "r.files[0]"},
    {"{\"url\":\"u\",\"files\":[{\"field\":\"f\"}]}", "r.files[0].content"},
};

static struct json_value parsed(
    struct json_document *document, const char *text)
{
    struct json_fault fault;
    assert_int_equal(
        json_parse(document, text, strlen(text), &fault), ERROR_NONE);
    return json_root(document);
}

static void test_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct request_case *row = &cases[i];
        struct json_document document;
        struct json_misfit fault = {"", NULL};
        struct json_value request = parsed(&document, row->text);
        bool good = http_request_check(request, "r", &fault);
        if (good != (row->member == NULL) ||
            (!good && (strcmp(fault.member, row->member) != 0 ||
                          fault.reason == NULL)))
            fail_msg("%s: have %d %s", row->text, good, fault.member);
        json_free(&document);
    }
}

static const struct request_case lists[] = {
    {"[]", NULL},
    {"[{\"url\":\"u\"},{\"url\":\"u\"}]", NULL},
    {"{}", "rs"},
    {"[{\"url\":\"u\"},{\"url\":5}]", "rs[1].url"},
    {"[{\"url\":\"u\",\"files\":[{}]}]", "rs[0].files[0].field"},
};

static void test_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct json_document document;
        struct json_misfit fault = {"", NULL};
        struct json_value requests = parsed(&document, lists[i].text);
        bool good = http_requests_check(requests, "rs", &fault);
        assert_int_equal(good, lists[i].member == NULL);
        if (!good)
            assert_string_equal(fault.member, lists[i].member);
        json_free(&document);
    }
}

static void test_timeout(void **state)
{
    (void)state;
    struct json_document document;
    assert_int_equal(
        http_request_timeout(parsed(&document, "{\"timeout\":30000}")), 30000);
    json_free(&document);
    assert_int_equal(
        http_request_timeout(parsed(&document, "{\"timeout\":1.5}")), 0);
    json_free(&document);
    assert_int_equal(
        http_request_timeout(parsed(&document, "{\"timeout\":-1}")), 0);
    json_free(&document);
    assert_int_equal(http_request_timeout(parsed(&document, "[]")), 0);
    json_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_timeout),
    };
    return cmocka_run_group_tests_name("http_request", tests, NULL, NULL);
}
