/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "json.h"
#include "json_expect.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct type_case {
    const char *text;
    enum json_type type;
    size_t size;
};

static const struct type_case type_cases[] = {
    {"null", JSON_NULL, 0},
    {"true", JSON_BOOLEAN, 0},
    {"false", JSON_BOOLEAN, 0},
    {"1", JSON_NUMBER, 0},
    {"-1", JSON_NUMBER, 0},
    {"\"\"", JSON_STRING, 0},
    {"\"[]\"", JSON_STRING, 0},
    {"[]", JSON_ARRAY, 0},
    {"[[1,2],3]", JSON_ARRAY, 2},
    {"{}", JSON_OBJECT, 0},
    {"{\"a\":{\"b\":1},\"c\":2}", JSON_OBJECT, 2},
};

/* Alone, between white space, and as an element and as a member. */
static void test_type_of_root(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof type_cases / sizeof type_cases[0]; i++) {
        const struct type_case *row = &type_cases[i];
        char text[64];
        snprintf(text, sizeof text, " \t%s\r\n", row->text);
        struct json_document document = json_parsed(text);
        struct json_value root = json_root(&document);
        if (json_type(root) != row->type || json_size(root) != row->size)
            fail_msg("%s: have type %d size %zu, want %d and %zu", row->text,
                (int)json_type(root), json_size(root), (int)row->type,
                row->size);
        assert_true(json_is(root, row->type));
        assert_true(json_is(json_next(root), JSON_ABSENT));
        json_expect_raw(root, row->text);
        json_free(&document);
    }
}

static void test_type_inside(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof type_cases / sizeof type_cases[0]; i++) {
        const struct type_case *row = &type_cases[i];
        char text[64];
        snprintf(
            text, sizeof text, "[{\"k\" : %s }, %s]", row->text, row->text);
        struct json_document document = json_parsed(text);
        struct json_value first = json_first(json_root(&document));
        const struct json_value values[] = {
            json_member(first, "k"), json_next(first)};
        for (size_t j = 0; j < 2; j++) {
            if (json_type(values[j]) != row->type)
                fail_msg("%s: have type %d, want %d", row->text,
                    (int)json_type(values[j]), (int)row->type);
            json_expect_raw(values[j], row->text);
            assert_true(json_is(json_next(values[j]), JSON_ABSENT));
        }
        json_free(&document);
    }
}

static void test_absent_answers_no(void **state)
{
    (void)state;
    struct json_document document = json_parsed("{\"a\":[1]}");
    struct json_value absent = json_member(json_root(&document), "b");
    int64_t number = 77;
    bool truth = true;
    size_t length = 77;
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(json_type(absent), JSON_ABSENT);
    assert_int_equal(json_type(json_member(absent, "a")), JSON_ABSENT);
    assert_int_equal(json_type(json_first(absent)), JSON_ABSENT);
    assert_int_equal(json_type(json_next(absent)), JSON_ABSENT);
    assert_int_equal(json_size(absent), 0);
    assert_int_equal(json_integer(absent, &number), ERROR_TYPE);
    assert_int_equal(number, 77);
    assert_int_equal(json_boolean(absent, &truth), ERROR_TYPE);
    assert_true(truth);
    assert_int_equal(json_string(absent, &out), ERROR_TYPE);
    assert_false(json_string_equals(absent, ""));
    assert_false(json_has_key(absent, ""));
    json_append_key(&out, absent);
    assert_int_equal(out.length, 0);
    assert_string_equal(json_raw_key(absent, &length), "");
    assert_int_equal(length, 0);
    json_expect_raw(absent, "");
    json_free(&document);
    assert_int_equal(json_type(json_root(&document)), JSON_ABSENT);
}

static void test_parse_errors(void **state)
{
    (void)state;
    struct json_document document = {"x", 1, NULL, 7, NULL};
    struct json_fault fault = {SIZE_MAX, NULL};
    enum error error = json_parse(&document, "[1,,2]", 6, &fault);
    assert_int_equal(error, ERROR_SYNTAX);
    assert_int_equal(fault.offset, 3);
    assert_non_null(fault.reason);
    assert_int_equal(document.count, 0);
    assert_null(document.tokens);
    assert_null(document.mended);
    assert_int_equal(json_type(json_root(&document)), JSON_ABSENT);
    json_free(&document); /* harmless */
    char deep[JSON_DEPTH_MAX + 1];
    memset(deep, '[', sizeof deep);
    error = json_parse(&document, deep, sizeof deep, &fault);
    assert_int_equal(error, ERROR_TOO_LARGE);
    assert_int_equal(fault.offset, JSON_DEPTH_MAX);
}

/* One mark says nothing, but counts where a fault is told. */
static void test_byte_order_mark(void **state)
{
    static const char marked[] = "\xEF\xBB\xBF {\"a\":[1]}";
    struct json_document document;
    struct json_fault fault;
    (void)state;
    assert_int_equal(
        json_parse(&document, marked, sizeof marked - 1, &fault), ERROR_NONE);
    json_expect_raw(json_root(&document), "{\"a\":[1]}");
    json_expect_raw(json_member(json_root(&document), "a"), "[1]");
    json_free(&document);
    assert_int_equal(
        json_parse(&document, marked, sizeof marked - 2, &fault), ERROR_SYNTAX);
    assert_int_equal(fault.offset, sizeof marked - 2);
    assert_int_equal(
        json_parse(&document, "\xEF\xBB\xBF\xEF\xBB\xBF{}", 8, &fault),
        ERROR_SYNTAX);
    assert_int_equal(fault.offset, 3);
    assert_int_equal(json_parse(&document, marked, 3, &fault), ERROR_SYNTAX);
    assert_int_equal(fault.offset, 3);
}

/* The text ends exactly where its memory does, whatever it is. */
static void test_reads_nothing_behind_the_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof type_cases / sizeof type_cases[0]; i++) {
        size_t length = strlen(type_cases[i].text);
        char *copy = malloc(length);
        struct json_document document;
        struct json_fault fault;
        assert_non_null(copy);
        memcpy(copy, type_cases[i].text, length);
        enum error error = json_parse(&document, copy, length, &fault);
        assert_int_equal(error, ERROR_NONE);
        json_expect_raw(json_root(&document), type_cases[i].text);
        json_free(&document);
        free(copy);
    }
}

static void test_members(void **state)
{
    (void)state;
    struct json_document document = json_parsed(
        "{\"a\":{\"deep\":1},\"b\":[{\"c\":0}],\"\\u0063\":3,\"b\":4,\"\":5}");
    struct json_value root = json_root(&document);
    json_expect_raw(json_member(root, "a"), "{\"deep\":1}");
    json_expect_raw(json_member(root, "b"), "4"); /* the last one */
    json_expect_raw(json_member(root, "c"), "3");
    json_expect_raw(json_member(root, ""), "5");
    json_expect_raw(json_member(json_member(root, "a"), "deep"), "1");
    assert_true(json_is(json_member(root, "deep"), JSON_ABSENT));
    assert_true(json_is(json_member(root, "A"), JSON_ABSENT));
    assert_true(json_is(json_member(root, "a "), JSON_ABSENT));
    assert_true(json_is(json_member(json_first(root), "a"), JSON_ABSENT));
    assert_true(json_has_key(json_first(root), "a"));
    assert_false(json_has_key(json_first(root), "b"));
    assert_false(json_has_key(root, "a"));
    size_t length;
    const char *key = json_raw_key(json_member(root, "c"), &length);
    assert_int_equal(length, strlen("\"\\u0063\""));
    assert_memory_equal(key, "\"\\u0063\"", length);
    json_raw_key(json_first(json_member(root, "a")), &length);
    assert_int_equal(length, strlen("\"deep\""));
    json_raw_key(root, &length);
    assert_int_equal(length, 0);
    json_free(&document);
}

/* Keys and values must not be taken for each other. */
static void test_members_named_like_values(void **state)
{
    (void)state;
    struct json_document document =
        json_parsed("{\"a\":\"b\",\"b\":\"c\",\"c\":[\"a\",\"d\"]}");
    struct json_value root = json_root(&document);
    json_expect_raw(json_member(root, "b"), "\"c\"");
    json_expect_raw(json_member(root, "c"), "[\"a\",\"d\"]");
    assert_true(json_is(json_member(root, "d"), JSON_ABSENT));
    assert_true(json_is(json_member(json_member(root, "c"), "a"), JSON_ABSENT));
    assert_false(json_has_key(json_first(json_member(root, "c")), "c"));
    json_free(&document);
}

static void test_deepest(void **state)
{
    (void)state;
    struct buffer text = BUFFER_EMPTY;
    for (int i = 0; i < JSON_DEPTH_MAX; i++)
        buffer_append_text(&text, "{\"k\":");
    buffer_append_text(&text, "\"core\"");
    for (int i = 0; i < JSON_DEPTH_MAX; i++)
        buffer_append_text(&text, i == 0 ? "}" : ",\"last\":0}");
    struct json_document document = json_parsed(text.data);
    struct json_value value = json_root(&document);
    for (int i = 0; i < JSON_DEPTH_MAX; i++)
        value = json_member(value, "k");
    assert_true(json_string_equals(value, "core"));
    assert_true(json_is(json_next(value), JSON_ABSENT));
    assert_true(
        json_is(json_member(json_root(&document), "last"), JSON_NUMBER));
    json_free(&document);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_type_of_root),
        cmocka_unit_test(test_type_inside),
        cmocka_unit_test(test_absent_answers_no),
        cmocka_unit_test(test_parse_errors),
        cmocka_unit_test(test_byte_order_mark),
        cmocka_unit_test(test_reads_nothing_behind_the_text),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_members_named_like_values),
        cmocka_unit_test(test_deepest),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
