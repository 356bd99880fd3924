/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "json.h"
#include "json_expect.h"
#include "unit.h"

#include <string.h>

struct integer_case {
    const char *text;
    enum error error;
    int64_t number;
};

static const struct integer_case integer_cases[] = {
    {"0", ERROR_NONE, 0},
    {"-0", ERROR_NONE, 0},
    {"1", ERROR_NONE, 1},
    {"-42", ERROR_NONE, -42},
    {"9007199254740993", ERROR_NONE, 9007199254740993}, /* 2^53 + 1 */
    {"9223372036854775807", ERROR_NONE, INT64_MAX},
    {"-9223372036854775807", ERROR_NONE, -INT64_MAX},
    {"-9223372036854775808", ERROR_NONE, INT64_MIN},
    {"9223372036854775808", ERROR_RANGE, 0},
    {"-9223372036854775809", ERROR_RANGE, 0},
    {"9223372036854775810", ERROR_RANGE, 0},
    {"-9223372036854775810", ERROR_RANGE, 0},
    {"18446744073709551616", ERROR_RANGE, 0},
    {"100000000000000000000000000000", ERROR_RANGE, 0},
    {"1.0", ERROR_TYPE, 0},
    {"1e3", ERROR_TYPE, 0},
    {"1E0", ERROR_TYPE, 0},
    {"100000000000000000000000000000.5", ERROR_TYPE, 0},
    {"\"1\"", ERROR_TYPE, 0},
    {"true", ERROR_TYPE, 0},
    {"null", ERROR_TYPE, 0},
    {"[1]", ERROR_TYPE, 0},
    {"{}", ERROR_TYPE, 0},
};

static void test_integers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof integer_cases / sizeof integer_cases[0];
        i++) {
        const struct integer_case *row = &integer_cases[i];
        struct json_document document = json_parsed(row->text);
        int64_t have = 4711;
        int64_t want = row->error == ERROR_NONE ? row->number : 4711;
        enum error error = json_integer(json_root(&document), &have);
        if (error != row->error || have != want)
            fail_msg("%s: have error %d, %lld, want %d, %lld", row->text,
                (int)error, (long long)have, (int)row->error, (long long)want);
        json_free(&document);
    }
}

static const struct integer_case moment_cases[] = {
    {"\"2024-12-07T10:00:15.123456Z\"", ERROR_NONE, INT64_C(1733565615123456)},
    {"\"2024-12-07T10:00:15Z\"", ERROR_SYNTAX, 0},
    {"\"2024-12-07T10:00:15.123456Z \"", ERROR_SYNTAX, 0},
    {"\"2024-12-32T10:00:15.123456Z\"", ERROR_SYNTAX, 0},
    {"\"\"", ERROR_SYNTAX, 0},
    {"1733565615123456", ERROR_TYPE, 0},
    {"null", ERROR_TYPE, 0},
};

static void test_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof moment_cases / sizeof moment_cases[0]; i++) {
        const struct integer_case *row = &moment_cases[i];
        struct json_document document = json_parsed(row->text);
        int64_t have = 4711;
        int64_t want = row->error == ERROR_NONE ? row->number : 4711;
        assert_int_equal(json_moment(json_root(&document), &have), row->error);
        assert_true(have == want);
        json_free(&document);
    }
}

static void test_booleans(void **state)
{
    (void)state;
    struct json_document document = json_parsed("[true,false,null,1,\"true\"]");
    struct json_value value = json_first(json_root(&document));
    bool truth = false;
    assert_int_equal(json_boolean(value, &truth), ERROR_NONE);
    assert_true(truth);
    value = json_next(value);
    assert_int_equal(json_boolean(value, &truth), ERROR_NONE);
    assert_false(truth);
    truth = true;
    for (value = json_next(value); !json_is(value, JSON_ABSENT);
        value = json_next(value))
        assert_int_equal(json_boolean(value, &truth), ERROR_TYPE);
    assert_true(truth);
    json_free(&document);
}

struct string_case {
    const char *text;
    const char *bytes;
    size_t length;
};

#define BYTES(literal) literal, sizeof(literal) - 1

static const struct string_case string_cases[] = {
    {"\"\"", BYTES("")},
    {"\"plain\"", BYTES("plain")},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", BYTES("\"\\/\b\f\n\r\t")},
    {"\"a\\nb\"", BYTES("a\nb")},
    {"\"\\\\n\"", BYTES("\\n")},
    {"\"\\u0041\\u004a\\u004A\"", BYTES("AJJ")},
    {"\"\\u007f\\u0080\"", BYTES("\x7F\xC2\x80")},
    {"\"\\u00E9\\u07ff\\u0800\"", BYTES("\xC3\xA9\xDF\xBF\xE0\xA0\x80")},
    {"\"\\uFFFF\\ud7FF\\ue000\"",
        BYTES("\xEF\xBF\xBF\xED\x9F\xBF\xEE\x80\x80")},
    {"\"\\uD83D\\uDE00!\"", BYTES("\xF0\x9F\x98\x80!")},
    {"\"\\uD800\\uDC00\\uDBFF\\uDFFF\"",
        BYTES("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF")},
    {"\"a\\u0000b\"", BYTES("a\0b")},
    {"\"\xC3\xA9\\u00e9\xF0\x9F\x98\x80\"",
        BYTES("\xC3\xA9\xC3\xA9\xF0\x9F\x98\x80")},
};

static void test_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof string_cases / sizeof string_cases[0]; i++) {
        const struct string_case *row = &string_cases[i];
        struct json_document document = json_parsed(row->text);
        struct buffer out = BUFFER_EMPTY;
        buffer_append_text(&out, "before");
        enum error error = json_string(json_root(&document), &out);
        assert_int_equal(error, ERROR_NONE);
        if (out.length != 6 + row->length ||
            memcmp(out.data + 6, row->bytes, row->length) != 0)
            fail_msg("%s: have '%s', want '%s'", row->text, out.data + 6,
                row->bytes);
        bool has_nul = strlen(row->bytes) != row->length;
        bool have = json_string_equals(json_root(&document), row->bytes);
        if (have == has_nul)
            fail_msg("%s: equals: have %d, want %d", row->text, have, !has_nul);
        buffer_free(&out);
        json_free(&document);
    }
}

static void test_strings_that_differ(void **state)
{
    (void)state;
    static const char *const others[] = {
        "", "a", "a\nb", "a\nbcd", "a\n", "A\nbc", "a\\nbc", "\"a\nbc\""};
    struct json_document document = json_parsed("\"a\\nbc\"");
    assert_true(json_string_equals(json_root(&document), "a\nbc"));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (json_string_equals(json_root(&document), others[i]))
            fail_msg("'%s': have equal, want different", others[i]);
    }
    json_free(&document);
}

static void test_string_wants_a_string(void **state)
{
    (void)state;
    struct json_document document =
        json_parsed("[1,true,null,[\"a\"],{\"a\":\"a\"}]");
    struct buffer out = BUFFER_EMPTY;
    for (struct json_value value = json_first(json_root(&document));
        !json_is(value, JSON_ABSENT); value = json_next(value)) {
        assert_int_equal(json_string(value, &out), ERROR_TYPE);
        assert_false(json_string_equals(value, "a"));
    }
    assert_int_equal(out.length, 0);
    json_free(&document);
}

/* What is missing for lack of memory is not there, and not empty. */
static void test_string_without_memory(void **state)
{
    (void)state;
    struct json_document document = json_parsed("\"abc\"");
    struct buffer out = {.failed = true};
    assert_int_equal(json_string(json_root(&document), &out), ERROR_MEMORY);
    json_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_booleans),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_strings_that_differ),
        cmocka_unit_test(test_string_wants_a_string),
        cmocka_unit_test(test_string_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
