/* SPDX-License-Identifier: MIT */
/* Going through arrays and objects. */
#include "buffer.h"
#include "json.h"
#include "json_expect.h"
#include "unit.h"

#include <stdio.h>

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
        struct json_document document = json_parsed(text);
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
    struct json_document document = json_parsed(text.data);
    struct json_value root = json_root(&document);
    int count = 0;
    for (struct json_value value = json_first(root);
        json_type(value) != JSON_ABSENT; value = json_next(value)) {
        assert_int_equal(value.token, 1 + (count * tokens_each));
        count++;
    }
    assert_int_equal(count, WIDE);
    assert_int_equal(json_size(root), WIDE);
    assert_int_equal(document.count, 1 + (WIDE * tokens_each));
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
            struct json_document document = json_parsed(text.data);
            struct json_value next =
                json_next(json_first(json_root(&document)));
            json_expect_raw(next, behind == 0 ? "" : "8");
            json_free(&document);
        }
        buffer_free(&text);
        buffer_free(&inner);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walks),
        cmocka_unit_test(test_wide_arrays),
        cmocka_unit_test(test_steps_over_subtrees_of_every_size),
    };
    return cmocka_run_group_tests_name("json walk", tests, NULL, NULL);
}
