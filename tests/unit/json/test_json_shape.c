/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "json.h"
#include "json_shape.h"
#include "unit.h"

#include <string.h>

static bool is_one(struct json_value value)
{
    return json_string_equals(value, "1") || json_size(value) == 1;
}

#define END {.name = NULL}

static const struct json_shape inner_rows[] = {
    {"", true, JSON_OBJECT, NULL, "must be an object", NULL},
    {"k", true, JSON_NUMBER, NULL, "must be a number", NULL},
    END,
};

static const struct json_shape list_rows[] = {
    {"", true, JSON_ARRAY, NULL, "must be an array", inner_rows},
    END,
};

static const struct json_shape rows[] = {
    {"one", true, JSON_ABSENT, is_one, "must be one", NULL},
    {"text", false, JSON_STRING, is_one, "must be \"1\"", NULL},
    {"list", false, JSON_ARRAY, NULL, "must be an array", inner_rows},
    {"lists", false, JSON_ARRAY, NULL, "must be an array", list_rows},
    END,
};

struct shape_case {
    const char *text;
    const char *member; /* NULL: it fits */
    const char *reason;
};

static const struct shape_case cases[] = {
    {"{\"one\":\"1\"}", NULL, NULL},
    {"{\"one\":[7],\"text\":null,\"more\":0}", NULL, NULL},
    {"{\"one\":{\"a\":0},\"list\":[],\"lists\":[[],[{\"k\":1}]]}", NULL, NULL},
    {"{}", "v.one", "is missing"},
    {"7", "v.one", "is missing"},
    {"{\"one\":null}", "v.one", "is missing"},
    {"{\"one\":1}", "v.one", "must be one"},
    {"{\"one\":[0],\"text\":[1]}", "v.text", "must be \"1\""},
    {"{\"one\":[0],\"text\":\"2\"}", "v.text", "must be \"1\""},
    {"{\"one\":[0],\"list\":{}}", "v.list", "must be an array"},
    {"{\"one\":[0],\"list\":[null]}", "v.list[0]", "must be an object"},
    {"{\"one\":[0],\"list\":[{\"k\":1},{\"k\":null}]}", "v.list[1].k",
        "is missing"},
    {"{\"one\":[0],\"lists\":[[],7]}", "v.lists[1]", "must be an array"},
    {"{\"one\":[0],\"lists\":[[],[{\"k\":\"\"}]]}", "v.lists[1][0].k",
        "must be a number"},
};

static bool check(
    const char *text, const char *name, struct json_misfit *misfit)
{
    struct json_document document;
    struct json_fault fault;
    assert_int_equal(
        json_parse(&document, text, strlen(text), &fault), ERROR_NONE);
    bool fits = json_shape_check(rows, json_root(&document), name, misfit);
    json_free(&document);
    return fits;
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct shape_case *row = &cases[i];
        struct json_misfit misfit;
        assert_int_equal(check(row->text, "v", &misfit), row->member == NULL);
        if (row->member == NULL)
            continue;
        assert_string_equal(misfit.member, row->member);
        assert_string_equal(misfit.reason, row->reason);
    }
}

/* A name that is too long for *misfit is left out, not written beyond it. */
static void test_long_name(void **state)
{
    (void)state;
    struct json_misfit misfit;
    char name[JSON_MISFIT_MAX];
    memset(name, 'n', sizeof name);
    name[sizeof name - 4] = '\0';
    assert_false(check("{}", name, &misfit));
    assert_string_equal(misfit.member, "one");
    name[sizeof name - 5] = '\0';
    assert_false(check("{}", name, &misfit));
    assert_int_equal(strlen(misfit.member), sizeof misfit.member - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_long_name),
    };
    return cmocka_run_group_tests_name("json_shape", tests, NULL, NULL);
}
