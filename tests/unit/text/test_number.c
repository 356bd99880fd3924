/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "number.h"
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct number_case {
    const char *text;
    enum error error;
    int64_t want;
};

static const struct number_case cases[] = {
    {"0", ERROR_NONE, 0}, {"7", ERROR_NONE, 7}, {"-1", ERROR_NONE, -1},
    {"10", ERROR_NONE, 10}, {"-10", ERROR_NONE, -10},
    {"9007199254740993", ERROR_NONE, INT64_C(9007199254740993)},
    {"9223372036854775806", ERROR_NONE, INT64_MAX - 1},
    {"9223372036854775807", ERROR_NONE, INT64_MAX},
    {"-9223372036854775807", ERROR_NONE, -INT64_MAX},
    {"-9223372036854775808", ERROR_NONE, INT64_MIN},
    {"9223372036854775808", ERROR_RANGE, 0},
    {"-9223372036854775809", ERROR_RANGE, 0},
    {"9223372036854775810", ERROR_RANGE, 0},
    {"18446744073709551616", ERROR_RANGE, 0},
    {"99999999999999999999999999", ERROR_RANGE, 0},
    {"-99999999999999999999999999", ERROR_RANGE, 0}, {"", ERROR_SYNTAX, 0},
    {"-", ERROR_SYNTAX, 0}, {"--1", ERROR_SYNTAX, 0}, {"+1", ERROR_SYNTAX, 0},
    {"-0", ERROR_SYNTAX, 0}, {"00", ERROR_SYNTAX, 0}, {"01", ERROR_SYNTAX, 0},
    {"-01", ERROR_SYNTAX, 0}, {" 1", ERROR_SYNTAX, 0}, {"1 ", ERROR_SYNTAX, 0},
    {"1\n", ERROR_SYNTAX, 0}, {"1.0", ERROR_SYNTAX, 0},
    {"1e3", ERROR_SYNTAX, 0}, {"0x1f", ERROR_SYNTAX, 0},
    {"1,000", ERROR_SYNTAX, 0}, {"1/2", ERROR_SYNTAX, 0},
    {"1:", ERROR_SYNTAX, 0}, {"a", ERROR_SYNTAX, 0},
    {"\xD9\xA1", ERROR_SYNTAX, 0} /* an Arabic digit one */
};

static const int64_t untouched = 777;

static void expect(
    const char *text, size_t length, enum error want_error, int64_t want)
{
    int64_t have = untouched;
    enum error error = number_parse(text, length, &have);
    int64_t wanted = want_error == ERROR_NONE ? want : untouched;
    if (error != want_error || have != wanted)
        fail_msg("%.*s: have %" PRId64 ", error %d, want %" PRId64 ", error %d",
            (int)length, text, have, (int)error, wanted, (int)want_error);
}

/* What was read is written as it stood. */
static void test_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[NUMBER_LENGTH_MAX];
        if (cases[i].error != ERROR_NONE)
            continue;
        size_t length = number_format(text, cases[i].want);
        assert_int_equal(length, strlen(cases[i].text));
        assert_memory_equal(text, cases[i].text, length);
    }
}

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect(cases[i].text, strlen(cases[i].text), cases[i].error,
            cases[i].want);
    }
}

/* Not one byte more than `length` counts, and not one less. */
static void test_length(void **state)
{
    (void)state;
    expect("123", 0, ERROR_SYNTAX, 0);
    expect("123", 1, ERROR_NONE, 1);
    expect("123", 2, ERROR_NONE, 12);
    expect("123x", 3, ERROR_NONE, 123);
    expect("-1", 1, ERROR_SYNTAX, 0);
    expect("1\0", 2, ERROR_SYNTAX, 0);
    expect("\0", 1, ERROR_SYNTAX, 0);
}

/* What is printed comes back, at every power of two and beside it. */
static void test_round_trip(void **state)
{
    (void)state;
    for (int bit = 0; bit < 63; bit++) {
        for (int64_t step = -1; step <= 1; step++) {
            char text[32];
            int64_t number = (INT64_C(1) << bit) + step;
            int length = snprintf(text, sizeof text, "%" PRId64, number);
            expect(text, (size_t)length, ERROR_NONE, number);
            length = snprintf(text, sizeof text, "%" PRId64, -number);
            expect(text, (size_t)length, ERROR_NONE, -number);
        }
    }
}

/* Every text of up to two bytes: those that are numbers can be counted. */
static void test_all_short_texts(void **state)
{
    (void)state;
    int whole = 0;
    for (int i = 0; i < 0x10000; i++) {
        const char text[2] = {(char)(i >> 8), (char)i};
        int64_t number;
        whole += number_parse(text, 2, &number) == ERROR_NONE;
        if (i < 0x100)
            whole += number_parse(text + 1, 1, &number) == ERROR_NONE;
    }
    assert_int_equal(whole, 10 + (9 * 10) + 9); /* 0-9, 10-99, -1 to -9 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_all_short_texts),
    };
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
