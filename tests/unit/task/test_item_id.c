/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "item_id.h"
#include "json.h"
#include "json_expect.h"
#include "unit.h"

struct id_case {
    const char *text;
    enum error error;
    uint64_t want;
};

static const struct id_case id_cases[] = {
    {"1", ERROR_NONE, 1},
    {"7750837522", ERROR_NONE, UINT64_C(7750837522)},
    {"9007199254740993", ERROR_NONE, UINT64_C(9007199254740993)},
    {"18446744073709551615", ERROR_NONE, UINT64_MAX},
    {"\"18446744073709551615\"", ERROR_NONE, UINT64_MAX},
    {"\"123456\"", ERROR_NONE, 123456},
    {"18446744073709551616", ERROR_RANGE, 0},
    {"99999999999999999999999999", ERROR_RANGE, 0},
    {"0", ERROR_TYPE, 0},
    {"-1", ERROR_TYPE, 0},
    {"1.0", ERROR_TYPE, 0},
    {"1e3", ERROR_TYPE, 0},
    {"\"\"", ERROR_TYPE, 0},
    {"\"0123\"", ERROR_TYPE, 0},
    {"\"12 \"", ERROR_TYPE, 0},
    {"\"\\u0031\"", ERROR_TYPE, 0},
    {"null", ERROR_TYPE, 0},
    {"true", ERROR_TYPE, 0},
    {"[1]", ERROR_TYPE, 0},
    {"{\"id\":1}", ERROR_TYPE, 0},
};

static void test_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof id_cases / sizeof id_cases[0]; i++) {
        const struct id_case *row = &id_cases[i];
        struct json_document document = json_parsed(row->text);
        uint64_t have = 0;
        enum error error = item_id_read(json_root(&document), &have);
        if (error != row->error || have != row->want)
            fail_msg("%s: have error %d, %llu", row->text, (int)error,
                (unsigned long long)have);
        json_free(&document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
