/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "query.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was read, as key=value; for each in order. */
static void describe(const struct query *query, struct buffer *out)
{
    for (size_t i = 0; i < query->count; i++) {
        buffer_append_format(out, "%s=%s;",
            query->text.data + query->parameters[i].key,
            query->text.data + query->parameters[i].value);
    }
}

struct good_case {
    const char *text;
    const char *want;
};

static const struct good_case good_cases[] = {
    {"", ""},
    {"&", ""},
    {"&&&", ""},
    {"a=1", "a=1;"},
    {"user_id=42&wait=25", "user_id=42;wait=25;"},
    {"a=1&&b=2&", "a=1;b=2;"},
    {"a", "a=;"},
    {"a=", "a=;"},
    {"=", "=;"},
    {"=1", "=1;"},
    {"a==b", "a==b;"},
    {"a=b=c", "a=b=c;"},
    {"a+b=c+d", "a b=c d;"},
    {"%61=%62", "a=b;"},
    {"a=%3D%26%2B", "a==&+;"},
    {"a=%2f%2F", "a=//;"},
    {"a%3Db=c", "a=b=c;"},
    {"a=%20", "a= ;"},
    {"a=%25%34%32", "a=%42;"}, /* decoded once */
    {"a=\xC3\xA9", "a=\xC3\xA9;"},
    {"a=%C3%A9%e2%82%ac", "a=\xC3\xA9\xE2\x82\xAC;"},
    {"a=1;b=2", "a=1;b=2;"}, /* a semicolon separates nothing */
    {"a=1?b#c", "a=1?b#c;"},
    {"A=1&a=2", "A=1;a=2;"},
};

/* From memory of exactly that size, so that sanitizers see more being read. */
static enum error parse(struct query *query, const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    enum error error = query_parse(query, copy);
    free(copy);
    return error;
}

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good_cases / sizeof good_cases[0]; i++) {
        struct query query;
        struct buffer have = BUFFER_EMPTY;
        enum error error = parse(&query, good_cases[i].text);
        describe(&query, &have);
        if (error != ERROR_NONE ||
            strcmp(buffer_text(&have), good_cases[i].want) != 0)
            fail_msg("%s: have error %d, %s, want %s", good_cases[i].text,
                (int)error, buffer_text(&have), good_cases[i].want);
        buffer_free(&have);
        query_free(&query);
    }
}

struct bad_case {
    const char *text;
    enum error error;
};

static const struct bad_case bad_cases[] = {
    {"%", ERROR_SYNTAX},
    {"a=%", ERROR_SYNTAX},
    {"a=%4", ERROR_SYNTAX},
    {"a=%4&b=2", ERROR_SYNTAX},
    {"a=%4g", ERROR_SYNTAX},
    {"a=%g4", ERROR_SYNTAX},
    {"a=%-1", ERROR_SYNTAX},
    {"a=% 41", ERROR_SYNTAX},
    {"a=%%41", ERROR_SYNTAX},
    {"a=%u0041", ERROR_SYNTAX},
    {"a=%00", ERROR_SYNTAX},
    {"a%00=b", ERROR_SYNTAX},
    {"a=x%00y", ERROR_SYNTAX},
    {"a=%80", ERROR_SYNTAX},
    {"a=\xFF", ERROR_SYNTAX},
    {"%C3=1", ERROR_SYNTAX},
    {"a=%C0%AF", ERROR_SYNTAX},    /* overlong / */
    {"a=%ED%A0%80", ERROR_SYNTAX}, /* half a surrogate pair */
    {"a=%C3&b=%A9", ERROR_SYNTAX}, /* half a character each */
    {"%C3=%A9", ERROR_SYNTAX},
    {"a=1&a=2", ERROR_CONFLICT},
    {"a=1&a=1", ERROR_CONFLICT},
    {"a=1&%61=2", ERROR_CONFLICT},
    {"a&a", ERROR_CONFLICT},
    {"user_id=42&b=1&user_id=43", ERROR_CONFLICT},
    {"=1&=2", ERROR_CONFLICT},
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++) {
        struct query query;
        enum error error = parse(&query, bad_cases[i].text);
        if (error != bad_cases[i].error)
            fail_msg("%s: have error %d, want %d", bad_cases[i].text,
                (int)error, (int)bad_cases[i].error);
        query_free(&query);
    }
}

static void test_get(void **state)
{
    (void)state;
    struct query query;
    assert_int_equal(parse(&query, "a=1&b=&c&ab=2"), ERROR_NONE);
    assert_string_equal(query_get(&query, "a"), "1");
    assert_string_equal(query_get(&query, "b"), "");
    assert_string_equal(query_get(&query, "c"), "");
    assert_string_equal(query_get(&query, "ab"), "2");
    assert_null(query_get(&query, "A"));
    assert_null(query_get(&query, ""));
    assert_null(query_get(&query, "1"));
    query_free(&query);
    assert_null(query_get(&query, "a"));
    assert_int_equal(query_parse(&query, NULL), ERROR_NONE);
    assert_null(query_get(&query, "a"));
    query_free(&query);
}

static void test_how_many(void **state)
{
    (void)state;
    struct buffer text = BUFFER_EMPTY;
    for (int count = 1; count <= QUERY_PARAMETERS_MAX + 1; count++) {
        struct query query;
        buffer_append_format(&text, "&k%d=%d", count, count);
        enum error want =
            count > QUERY_PARAMETERS_MAX ? ERROR_TOO_LARGE : ERROR_NONE;
        assert_int_equal(parse(&query, buffer_text(&text)), want);
        assert_string_equal(query_get(&query, "k1"), "1");
        query_free(&query);
    }
    buffer_free(&text);
}

/* Every byte, written as %XX, is itself, or is refused. */
static void test_every_byte(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        struct query query;
        char text[8];
        snprintf(text, sizeof text, "a=%%%02x", byte);
        enum error want = byte == 0 || byte > 127 ? ERROR_SYNTAX : ERROR_NONE;
        enum error error = parse(&query, text);
        if (error != want ||
            (error == ERROR_NONE &&
                (unsigned char)query_get(&query, "a")[0] != byte))
            fail_msg("%s: have error %d, want %d", text, (int)error, (int)want);
        query_free(&query);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_how_many),
        cmocka_unit_test(test_every_byte),
    };
    return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
