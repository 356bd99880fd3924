/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "json.h"
#include "json_check.h"
#include "json_expect.h"
#include "json_oracle.h"
#include "unit.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void expect_accepted(const char *text, size_t length, size_t want)
{
    size_t have = 0;
    struct json_fault fault = {0, "nothing"};
    enum error error = json_check(text, length, &have, &fault);
    if (error != ERROR_NONE)
        fail_msg("%s: refused at %zu: %s", json_shown(text, length),
            fault.offset, fault.reason);
    if (have != want)
        fail_msg("%s: values: have %zu, want %zu", json_shown(text, length),
            have, want);
}

static void expect_fault(
    const char *text, size_t length, enum error want, size_t want_offset)
{
    size_t values;
    struct json_fault fault = {SIZE_MAX, NULL};
    enum error have = json_check(text, length, &values, &fault);
    if (have != want || fault.offset != want_offset)
        fail_msg("%s: have error %d at %zu, want %d at %zu",
            json_shown(text, length), (int)have, fault.offset, (int)want,
            want_offset);
    assert_non_null(fault.reason);
}

struct good_case {
    const char *text;
    size_t values;
};

static const struct good_case good_cases[] = {
    {"1", 1},
    {" 1 ", 1},
    {"0", 1},
    {"-0", 1},
    {"-0.0e-00", 1},
    {"1E+05", 1},
    {"123456789012345678901234567890", 1},
    {"true", 1},
    {"false", 1},
    {"null", 1},
    {"\"\"", 1},
    {"\t\r\n \"a\" \n", 1},
    {"[]", 1},
    {"{}", 1},
    {"[ ]", 1},
    {"{ }", 1},
    {"[1,2]", 3},
    {"[ 1 , 2 ]", 3},
    {"{\"a\":1}", 3},
    {"{ \"a\" : 1 , \"a\" : [ ] }", 5},
    {"{\"\":{\"\":{}}}", 5},
    {"[[],{},\"\",0,true,false,null]", 8},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\\u0000\"", 1},
    {"\"\x7F\"", 1},
    {"\"\xC3\xA9 \xE5\xA4\x8D \xF0\x9F\x98\x80\"", 1},
};

static void test_accepts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good_cases / sizeof good_cases[0]; i++) {
        const struct good_case *row = &good_cases[i];
        expect_accepted(row->text, strlen(row->text), row->values);
    }
}

struct bad_case {
    const char *text;
    size_t offset;
};

static const struct bad_case bad_cases[] = {
    /* what jsmn lets pass by itself */
    {"", 0},
    {"{\"a\":1,}", 7},
    {"{,}", 1},
    {"{\"a\"}", 4},
    {"[1,,3]", 3},
    {"[1,]", 3},
    {"[1 2]", 3},
    {"{\"a\":1 \"b\":2}", 7},
    {"[\"a\":1]", 4},
    {"{\"a\":}", 5},
    {"{\"a\":\"b\":\"c\"}", 8},
    {"[tru]", 4},
    {"[01]", 2},
    {"[1e]", 3},
    {"[\"\n\"]", 2},
    {"[\"\xFF\"]", 2},
    {"{\"a\":1}{\"b\":2}", 7},
    {"{}{}", 2},
    /* what jsmn refuses */
    {"[10}", 3},
    {"[]]", 2},
    {"{1:2}", 1},
    {"{}x", 2},
    /* brackets, commas and colons */
    {"]", 0},
    {"}", 0},
    {",", 0},
    {":", 0},
    {"[,1]", 1},
    {"[}", 1},
    {"{]", 1},
    {"{[]:1}", 1},
    {"{null:1}", 1},
    {"{\"a\" 1}", 5},
    {"{\"a\"::1}", 5},
    {"{\"a\":1,,\"b\":2}", 7},
    {"{\"a\":[1}", 7},
    /* words */
    {"True", 0},
    {"nul", 3},
    {"nulL", 3},
    {"truex", 4},
    {"true false", 5},
    {"undefined", 0},
    {"NaN", 0},
    {"Infinity", 0},
    {"-Infinity", 1},
    {"'a'", 0},
    {"a", 0},
    {"// no\n1", 0},
    /* numbers */
    {"-", 1},
    {"--1", 1},
    {"+1", 0},
    {".5", 0},
    {"-.5", 1},
    {"00", 1},
    {"-01", 2},
    {"1.", 2},
    {"1.x", 2},
    {"1..2", 2},
    {"1.e5", 2},
    {"1e", 2},
    {"1e+", 3},
    {"1e+-2", 3},
    {"1e1.5", 3},
    {"0x10", 1},
    {"1 2", 2},
    {"1_000", 1},
    /* strings */
    {"\"", 1},
    {"\"abc", 4},
    {"\"abc\\\"", 6},
    {"\"\t\"", 1},
    {"\"\x1F\"", 1},
    {"\"12345678\x01\"", 9},
    {"\"\\", 2},
    {"\"\\x41\"", 2},
    {"\"\\'\"", 2},
    {"\"\\U0041\"", 2},
    {"\"\\u", 3},
    {"\"\\u12", 5},
    {"\"\\u12\"", 5},
    {"\"\\u12g4\"", 5},
    {"\"\\u 123\"", 3},
    {"\"\\u-123\"", 3},
    /* halves of surrogate pairs */
    {"\"\\uD800\"", 7},
    {"\"\\ud800x\"", 7},
    {"\"\\uD800\\n\"", 8},
    {"\"\\uDBFF\\u0041\"", 9},
    {"\"\\uD800\\uD800\"", 10},
    {"\"\\uD800\\uDBFF\"", 10},
    {"\"\\uDC00\"", 4},
    {"\"\\udfff\\ud800\"", 4},
    {"\"\\uD800\\uDC0", 12},
    /* UTF-8 */
    {"\xEF\xBB\xBF{}", 0},
    {"\xC3\xA9", 0},
    {"\"\x80\"", 1},
    {"\"\xC0\x80\"", 1},
    {"\"\xC1\xBF\"", 1},
    {"\"\xC3\"", 2},
    {"\"\xC3", 2},
    {"\"\xE0\x9F\xBF\"", 2},
    {"\"\xE5\xA4\"", 3},
    {"\"\xED\xA0\x80\"", 2},
    {"\"\xF0\x8F\xBF\xBF\"", 2},
    {"\"\xF0\x9F\x98\"", 4},
    {"\"\xF0\x9F\x98", 4},
    {"\"\xF4\x90\x80\x80\"", 2},
    {"\"\xF5\x80\x80\x80\"", 1},
    /* white space that is none */
    {"\v1", 0},
    {"1\f", 1},
    {"[1,\xC2\xA0"
     "2]",
        3},
};

static void test_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++) {
        const struct bad_case *row = &bad_cases[i];
        size_t length = strlen(row->text);
        expect_fault(row->text, length, ERROR_SYNTAX, row->offset);
        json_expect_fault_in_all_prefixes(row->text, length, row->offset);
        assert_false(json_oracle_accepts(row->text, length));
    }
}

/* By the grammar alone a half of a surrogate pair is an escape like others, and
 * everything else is as before. */
static void test_grammar(void **state)
{
    (void)state;
    static const struct bad_case cases[] = {
        {"\"\\uD800\"", 0},
        {"\"\\uD800\\n\\udfff\\ud800\"", 0},
        {"[\"\\uDBFF\\u0041\",nul]", 19},
        {"\"\\uD800\\uDC0", 12},
        {"\"\\uD800\\uDC0g\"", 12},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t values;
        struct json_fault fault = {0, NULL};
        const char *text = cases[i].text;
        enum error error =
            json_check_grammar(text, strlen(text), false, &values, &fault);
        if ((error == ERROR_NONE) != (cases[i].offset == 0) ||
            fault.offset != cases[i].offset)
            fail_msg("%s: have %d at %zu", text, (int)error, fault.offset);
    }
    for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++) {
        size_t values;
        struct json_fault fault;
        const char *text = bad_cases[i].text;
        if (strstr(text, "\\u") != NULL)
            continue;
        enum error error =
            json_check_grammar(text, strlen(text), false, &values, &fault);
        if (error != ERROR_SYNTAX || fault.offset != bad_cases[i].offset)
            fail_msg("%s: have %d at %zu", text, (int)error, fault.offset);
    }
}

static void test_refuses_nul_everywhere(void **state)
{
    (void)state;
    expect_fault("\0", 1, ERROR_SYNTAX, 0);
    expect_fault("1\0", 2, ERROR_SYNTAX, 1);
    expect_fault("[\0]", 3, ERROR_SYNTAX, 1);
    expect_fault("\"\0\"", 3, ERROR_SYNTAX, 1);
    expect_fault("\"\\\0\"", 4, ERROR_SYNTAX, 2);
    expect_fault("{\"a\"\0:1}", 8, ERROR_SYNTAX, 4);
    expect_fault("tru\0", 4, ERROR_SYNTAX, 3);
}

/* What it is, not where it stops to make sense. */
static void test_names_the_encoding(void **state)
{
    size_t values;
    struct json_fault fault;
    (void)state;
    assert_int_equal(json_check("{\0}\0", 4, &values, &fault), ERROR_SYNTAX);
    assert_int_equal(fault.offset, 0);
    assert_non_null(strstr(fault.reason, "UTF-16"));
}

static const char sample[] =
    "{\"title\": \"Caf\xC3\xA9 \\\"noir\\\" \\uD83D\\uDE00 \xE5\xA4\x8D\","
    "\"price\":-12.50e+3, \"sold\":false,\"brand\":null,"
    "\"photos\":[\"a\\/b\",[],{}, true]}";

static void test_refuses_every_truncation(void **state)
{
    (void)state;
    expect_accepted(sample, sizeof sample - 1, 15);
    for (size_t length = 0; length < sizeof sample - 1; length++) {
        struct json_fault fault = {SIZE_MAX, NULL};
        enum error error = json_check_copy(sample, length, &fault);
        if (error != ERROR_SYNTAX || fault.offset != length)
            fail_msg("%zu bytes: have error %d at %zu, want %d at the end",
                length, (int)error, fault.offset, (int)ERROR_SYNTAX);
    }
}

/* `depth` brackets, alternating as the pattern says, with an innermost 0. */
static struct buffer nested(int depth, const char *pattern)
{
    struct buffer text = BUFFER_EMPTY;
    size_t period = strlen(pattern);
    for (int i = 0; i < depth; i++)
        buffer_append_text(
            &text, pattern[(size_t)i % period] == '[' ? "[" : "{\"\":");
    buffer_append_byte(&text, '0');
    for (int i = depth - 1; i >= 0; i--)
        buffer_append_byte(
            &text, pattern[(size_t)i % period] == '[' ? ']' : '}');
    return text;
}

static void test_depth(void **state)
{
    (void)state;
    static const char *const patterns[] = {"[", "{", "[{"};
    static const size_t values[] = {65, 129, 97};
    static const size_t offsets[] = {64, 256, 160};
    for (size_t i = 0; i < 3; i++) {
        struct buffer text = nested(JSON_DEPTH_MAX, patterns[i]);
        expect_accepted(text.data, text.length, values[i]);
        buffer_free(&text);
        text = nested(JSON_DEPTH_MAX + 1, patterns[i]);
        expect_fault(text.data, text.length, ERROR_TOO_LARGE, offsets[i]);
        buffer_free(&text);
    }
}

/* What was closed does not count any more. */
static void test_depth_side_by_side(void **state)
{
    (void)state;
    struct buffer inner = nested(JSON_DEPTH_MAX - 1, "[{");
    struct buffer text = BUFFER_EMPTY;
    for (int i = 0; i < 100; i++) {
        buffer_append_byte(&text, i == 0 ? '[' : ',');
        buffer_append(&text, inner.data, inner.length);
        buffer_append_text(&text, ",[],{}");
    }
    buffer_append_byte(&text, ']');
    size_t inner_values = 1 + 63 + 31;
    expect_accepted(text.data, text.length, 1 + (100 * (inner_values + 2)));
    buffer_free(&text);
    buffer_free(&inner);
}

static void test_most_values(void **state)
{
    (void)state;
    size_t length = (2 * (JSON_VALUES_MAX - 1)) + 1;
    char *text = malloc(length + 2);
    assert_non_null(text);
    for (size_t i = 0; i < length; i++)
        text[i] = i % 2 == 0 ? ',' : '0';
    text[0] = '[';
    text[length - 1] = ']';
    expect_accepted(text, length, JSON_VALUES_MAX);
    memcpy(text + length - 1, ",0]", 3);
    expect_fault(text, length + 2, ERROR_TOO_LARGE, length);
    free(text);
}

/* The one too many is a key. */
static void test_most_values_in_an_object(void **state)
{
    (void)state;
    struct buffer text = BUFFER_EMPTY;
    buffer_append_text(&text, "[{");
    for (size_t i = 2; i < JSON_VALUES_MAX; i += 2)
        buffer_append_text(&text, "\"\":0,");
    size_t end = text.length - 1;
    text.data[end] = '}';
    buffer_append_byte(&text, ']');
    expect_accepted(text.data, text.length, JSON_VALUES_MAX);
    text.length = end;
    buffer_append_text(&text, ",\"\":0}]");
    expect_fault(text.data, text.length, ERROR_TOO_LARGE, end + 1);
    buffer_free(&text);
}

/* Refused by its length alone: nothing of the text is read. */
static void test_longest_text(void **state)
{
    (void)state;
    expect_fault("", (size_t)INT_MAX + 1, ERROR_TOO_LARGE, INT_MAX);
    expect_fault("", SIZE_MAX, ERROR_TOO_LARGE, INT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_refuses_nul_everywhere),
        cmocka_unit_test(test_names_the_encoding),
        cmocka_unit_test(test_refuses_every_truncation),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_depth_side_by_side),
        cmocka_unit_test(test_most_values),
        cmocka_unit_test(test_most_values_in_an_object),
        cmocka_unit_test(test_longest_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
