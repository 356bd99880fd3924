/* SPDX-License-Identifier: MIT */
#include "json.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_document parsed(const char *text)
{
    struct json_document document;
    struct json_fault fault;
    enum error error = json_parse(&document, text, strlen(text), &fault);
    if (error != ERROR_NONE)
        fail_msg("%s: refused at %zu: %s", text, fault.offset, fault.reason);
    return document;
}

static void expect_raw(struct json_value value, const char *want)
{
    size_t length;
    const char *have = json_raw(value, &length);
    if (length != strlen(want) || memcmp(have, want, length) != 0)
        fail_msg("have '%.*s', want '%s'", (int)length, have, want);
}

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
        struct json_document document = parsed(text);
        struct json_value root = json_root(&document);
        if (json_type(root) != row->type || json_size(root) != row->size)
            fail_msg("%s: have type %d size %zu, want %d and %zu", row->text,
                (int)json_type(root), json_size(root), (int)row->type,
                row->size);
        assert_true(json_is(root, row->type));
        assert_true(json_is(json_next(root), JSON_ABSENT));
        expect_raw(root, row->text);
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
        struct json_document document = parsed(text);
        struct json_value first = json_first(json_root(&document));
        struct json_value values[] = {
            json_member(first, "k"), json_next(first)};
        for (size_t j = 0; j < 2; j++) {
            if (json_type(values[j]) != row->type)
                fail_msg("%s: have type %d, want %d", row->text,
                    (int)json_type(values[j]), (int)row->type);
            expect_raw(values[j], row->text);
            assert_true(json_is(json_next(values[j]), JSON_ABSENT));
        }
        json_free(&document);
    }
}

static void test_absent_answers_no(void **state)
{
    (void)state;
    struct json_document document = parsed("{\"a\":[1]}");
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
    expect_raw(absent, "");
    json_free(&document);
    assert_int_equal(json_type(json_root(&document)), JSON_ABSENT);
}

static void test_parse_errors(void **state)
{
    (void)state;
    struct json_document document = {"x", 1, NULL, 7};
    struct json_fault fault = {SIZE_MAX, NULL};
    enum error error = json_parse(&document, "[1,,2]", 6, &fault);
    assert_int_equal(error, ERROR_SYNTAX);
    assert_int_equal(fault.offset, 3);
    assert_non_null(fault.reason);
    assert_int_equal(document.count, 0);
    assert_null(document.tokens);
    assert_int_equal(json_type(json_root(&document)), JSON_ABSENT);
    json_free(&document); /* harmless */
    char deep[JSON_DEPTH_MAX + 1];
    memset(deep, '[', sizeof deep);
    error = json_parse(&document, deep, sizeof deep, &fault);
    assert_int_equal(error, ERROR_TOO_LARGE);
    assert_int_equal(fault.offset, JSON_DEPTH_MAX);
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
        expect_raw(json_root(&document), type_cases[i].text);
        json_free(&document);
        free(copy);
    }
}

/* Appends each value an iteration yields, with its key, and a semicolon. */
static void walk(struct buffer *out, struct json_value container)
{
    for (struct json_value value = json_first(container);
         json_type(value) != JSON_ABSENT; value = json_next(value)) {
        size_t length;
        const char *raw = json_raw(value, &length);
        json_append_key(out, value);
        buffer_append_byte(out, '=');
        buffer_append(out, raw, length);
        buffer_append_byte(out, ';');
    }
}

struct walk_case {
    const char *text;
    const char *want;
};

static const struct walk_case walk_cases[] = {
    {"[]", ""},
    {"{}", ""},
    {"1", ""},
    {"\"a\"", ""},
    {"[1]", "=1;"},
    {"[[]]", "=[];"},
    {"[[],[]]", "=[];=[];"},
    {"[[[[1],2],3],4]", "=[[[1],2],3];=4;"},
    {"[1,[2,[3,4],5],{\"a\":[6]},\"b\",7]",
        "=1;=[2,[3,4],5];={\"a\":[6]};=\"b\";=7;"},
    {"{\"a\":1}", "a=1;"},
    {"{\"a\":{},\"b\":[]}", "a={};b=[];"},
    {"{\"a\":{\"b\":{\"c\":1}},\"d\":\"e\",\"f\":2}",
        "a={\"b\":{\"c\":1}};d=\"e\";f=2;"},
    {"{\"\\u0061\\n\":1,\"\":2}", "a\n=1;=2;"},
};

/* In the middle of other values too: iteration must stop at the end of its
 * own container. */
static void test_walks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof walk_cases / sizeof walk_cases[0]; i++) {
        const struct walk_case *row = &walk_cases[i];
        char text[256];
        snprintf(text, sizeof text, "[%s,[0],{\"x\":%s,\"y\":0}]", row->text,
            row->text);
        struct json_document document = parsed(text);
        struct json_value first = json_first(json_root(&document));
        struct json_value last = json_next(json_next(first));
        struct buffer have = BUFFER_EMPTY;
        walk(&have, first);
        assert_string_equal(buffer_text(&have), row->want);
        buffer_clear(&have);
        walk(&have, json_member(last, "x"));
        assert_string_equal(buffer_text(&have), row->want);
        buffer_free(&have);
        json_free(&document);
    }
}

static void test_members(void **state)
{
    (void)state;
    struct json_document document = parsed(
        "{\"a\":{\"deep\":1},\"b\":[{\"c\":0}],\"\\u0063\":3,\"b\":4,\"\":5}");
    struct json_value root = json_root(&document);
    expect_raw(json_member(root, "a"), "{\"deep\":1}");
    expect_raw(json_member(root, "b"), "4"); /* the last one */
    expect_raw(json_member(root, "c"), "3");
    expect_raw(json_member(root, ""), "5");
    expect_raw(json_member(json_member(root, "a"), "deep"), "1");
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
        parsed("{\"a\":\"b\",\"b\":\"c\",\"c\":[\"a\",\"d\"]}");
    struct json_value root = json_root(&document);
    expect_raw(json_member(root, "b"), "\"c\"");
    expect_raw(json_member(root, "c"), "[\"a\",\"d\"]");
    assert_true(json_is(json_member(root, "d"), JSON_ABSENT));
    assert_true(json_is(json_member(json_member(root, "c"), "a"), JSON_ABSENT));
    assert_false(json_has_key(json_first(json_member(root, "c")), "c"));
    json_free(&document);
}

enum {
    WIDE = 200000
};

/* `count` times `element`, in brackets. */
static struct buffer wide(const char *element, size_t count)
{
    struct buffer text = BUFFER_EMPTY;
    for (size_t i = 0; i < count; i++) {
        buffer_append_byte(&text, i == 0 ? '[' : ',');
        buffer_append_text(&text, element);
    }
    buffer_append_byte(&text, ']');
    return text;
}

/* Each step goes on by the tokens of one element and no more. */
static void expect_even_walk(const char *element, int tokens_each)
{
    struct buffer text = wide(element, WIDE);
    struct json_document document = parsed(text.data);
    struct json_value root = json_root(&document);
    int count = 0;
    for (struct json_value value = json_first(root);
         json_type(value) != JSON_ABSENT; value = json_next(value)) {
        assert_int_equal(value.token, 1 + count * tokens_each);
        count++;
    }
    assert_int_equal(count, WIDE);
    assert_int_equal(json_size(root), WIDE);
    assert_int_equal(document.count, 1 + WIDE * tokens_each);
    json_free(&document);
    buffer_free(&text);
}

static void test_wide_arrays(void **state)
{
    (void)state;
    expect_even_walk("0", 1);
    expect_even_walk("\"a\"", 1);
    expect_even_walk("[]", 1);
    expect_even_walk("[[],{}]", 3);
    expect_even_walk("{\"a\":[1,2],\"b\":{}}", 7);
}

/* Skipping: a subtree of any size, with anything or nothing behind it. */
static void test_steps_over_subtrees_of_every_size(void **state)
{
    (void)state;
    for (size_t size = 1; size < 140; size++) {
        struct buffer inner = wide("7", size);
        struct buffer text = BUFFER_EMPTY;
        for (int behind = 0; behind < 3; behind++) {
            static const char *const ends[] = {"]", ",8]", ",8,9,10,11]"};
            buffer_clear(&text);
            buffer_append_byte(&text, '[');
            buffer_append_text(&text, inner.data);
            buffer_append_text(&text, ends[behind]);
            struct json_document document = parsed(text.data);
            struct json_value next =
                json_next(json_first(json_root(&document)));
            expect_raw(next, behind == 0 ? "" : "8");
            json_free(&document);
        }
        buffer_free(&text);
        buffer_free(&inner);
    }
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
    struct json_document document = parsed(text.data);
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
        cmocka_unit_test(test_reads_nothing_behind_the_text),
        cmocka_unit_test(test_walks),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_members_named_like_values),
        cmocka_unit_test(test_wide_arrays),
        cmocka_unit_test(test_steps_over_subtrees_of_every_size),
        cmocka_unit_test(test_deepest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
