/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "json.h"
#include "json_oracle.h"
#include "json_write.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define BYTES(literal) literal, sizeof(literal) - 1

/* U+FFFD, as UTF-8. */
#define INSTEAD "\xEF\xBF\xBD"

static void expect_json(const struct buffer *out)
{
    if (!json_oracle_accepts(out->data, out->length))
        fail_msg("not JSON: %s", out->data);
}

static void expect_text(struct buffer *out, const char *want)
{
    if (strcmp(buffer_text(out), want) != 0 || out->length != strlen(want))
        fail_msg("have %s, want %s", buffer_text(out), want);
    buffer_free(out);
}

struct string_case {
    const char *bytes;
    size_t length;
    const char *want;
};

static const struct string_case string_cases[] = {
    {BYTES(""), "\"\""},
    {BYTES("plain"), "\"plain\""},
    {BYTES("a\"b\\c/d"), "\"a\\\"b\\\\c/d\""},
    {BYTES("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\""},
    {BYTES("\x01\x1F\x7F"), "\"\\u0001\\u001f\x7F\""},
    {BYTES("a\0b"), "\"a\\u0000b\""},
    {BYTES("caf\xC3\xA9 \xE5\xA4\x8D \xF0\x9F\x98\x80"),
        "\"caf\xC3\xA9 \xE5\xA4\x8D \xF0\x9F\x98\x80\""},
    /* hostile file names */
    {BYTES("\xFF"), "\"" INSTEAD "\""},
    {BYTES("a\x80z"), "\"a" INSTEAD "z\""},
    {BYTES("\xC3"), "\"" INSTEAD "\""},
    {BYTES("\xC3\""), "\"" INSTEAD "\\\"\""},
    {BYTES("\xC0\x80"), "\"" INSTEAD INSTEAD "\""},
    {BYTES("\xE5\xA4"), "\"" INSTEAD "\""},
    {BYTES("\xE5\xA4x"), "\"" INSTEAD "x\""},
    {BYTES("\xED\xA0\x80"), "\"" INSTEAD INSTEAD INSTEAD "\""},
    /* the example of Unicode 15, table 3-8 */
    {BYTES("a\xF1\x80\x80\xE1\x80\xC2"
           "b\x80"
           "c\x80\xBF"
           "d"),
        "\"a" INSTEAD INSTEAD INSTEAD "b" INSTEAD "c" INSTEAD INSTEAD "d\""},
};

static void test_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof string_cases / sizeof string_cases[0]; i++) {
        const struct string_case *row = &string_cases[i];
        struct buffer out = BUFFER_EMPTY;
        char *copy = malloc(row->length + 1);
        assert_non_null(copy);
        memcpy(copy + 1, row->bytes, row->length);
        json_write_string(&out, copy + 1, row->length);
        expect_json(&out);
        expect_text(&out, row->want);
        free(copy);
    }
}

/* Whatever the bytes are, what comes out is JSON; and if they were UTF-8, it
 * reads back as they were. */
static void test_every_pair_of_bytes(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    struct buffer back = BUFFER_EMPTY;
    for (int i = 0; i < 0x10000; i++) {
        char bytes[2] = {(char)(i >> 8), (char)i};
        struct json_document document;
        struct json_fault fault;
        buffer_clear(&out);
        buffer_clear(&back);
        json_write_string(&out, bytes, sizeof bytes);
        expect_json(&out);
        enum error error = json_parse(&document, out.data, out.length, &fault);
        assert_int_equal(error, ERROR_NONE);
        json_string(json_root(&document), &back);
        if (strstr(out.data, INSTEAD) == NULL) {
            assert_int_equal(back.length, sizeof bytes);
            assert_memory_equal(back.data, bytes, sizeof bytes);
        } else if ((unsigned char)bytes[0] < 0x80) {
            assert_true((unsigned char)bytes[1] >= 0x80);
        }
        json_free(&document);
    }
    buffer_free(&out);
    buffer_free(&back);
}

static void test_text(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    json_write_text(&out, "a\"b");
    expect_text(&out, "\"a\\\"b\"");
    json_write_text(&out, NULL);
    expect_text(&out, "null");
}

static void test_integers(void **state)
{
    (void)state;
    static const struct {
        int64_t number;
        const char *want;
    } rows[] = {
        {0, "0"},
        {-1, "-1"},
        {9007199254740993, "9007199254740993"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer out = BUFFER_EMPTY;
        json_write_integer(&out, rows[i].number);
        expect_text(&out, rows[i].want);
    }
}

static void test_members(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    buffer_append_byte(&out, '{');
    json_member_text(&out, "text", "{");
    json_member_text(&out, "none", NULL);
    json_member_string(&out, "bytes", "a\0b", 3);
    json_member_integer(&out, "count", -7);
    json_member_raw(&out, "raw", "1.50", 4);
    json_member_moment(&out, "moment", INT64_C(1733565615123456));
    json_member_null(&out, "null");
    json_member_boolean(&out, "yes", 2);
    json_member_boolean(&out, "no", 0);
    json_member_key(&out, "inner");
    buffer_append_byte(&out, '{');
    json_member_raw(&out, "raw", "{}", 2);
    json_member_integer(&out, "last", 1);
    buffer_append_text(&out, "}}");
    expect_json(&out);
    expect_text(&out,
        "{\"text\":\"{\",\"none\":null,\"bytes\":\"a\\u0000b\",\"count\":-7,"
        "\"raw\":1.50,\"moment\":\"2024-12-07T10:00:15.123456Z\",\"null\":null,"
        "\"yes\":true,\"no\":false,"
        "\"inner\":{\"raw\":{},\"last\":1}}");
}

/* Each kind of member as the first one and as a later one. */
static void test_comma_of_each_member(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    json_member_null(&out, "a");
    expect_text(&out, "\"a\":null");
    buffer_append_byte(&out, '{');
    json_member_boolean(&out, "a", 1);
    json_member_string(&out, "b", "", 0);
    expect_text(&out, "{\"a\":true,\"b\":\"\"");
    buffer_append_byte(&out, '{');
    json_member_integer(&out, "a", 1);
    json_member_key(&out, "b");
    expect_text(&out, "{\"a\":1,\"b\":");
    buffer_append_byte(&out, '{');
    json_member_string(&out, "a", "{", 1);
    json_member_null(&out, "b");
    expect_text(&out, "{\"a\":\"{\",\"b\":null");
}

static void test_raw(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    json_write_raw(&out, "12345678901234567890123", 22);
    expect_text(&out, "1234567890123456789012");
}

struct compact_case {
    const char *text;
    const char *want;
};

static const struct compact_case compact_cases[] = {
    {"1", "1"},
    {" \t\r\n1 \t\r\n", "1"},
    {"[ 1 , 2,\n\t3 ]", "[1,2,3]"},
    {"{ \"a b\" : \" c  d \" , \"e\" : [ ] }", "{\"a b\":\" c  d \",\"e\":[]}"},
    {"\" \\\" \"", "\" \\\" \""},
    {"[\"\\\\\", \" \\\\\\\" \" , 1 ]", "[\"\\\\\",\" \\\\\\\" \",1]"},
    {"[ true , null ]", "[true,null]"},
    {"\" \\u0020 \xE3\x80\x80\" ", "\" \\u0020 \xE3\x80\x80\""},
    {"[\"\" ,\"\"]", "[\"\",\"\"]"},
};

/* Compact text is JSON again, and compacting it once more changes nothing. */
static void test_compact(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof compact_cases / sizeof compact_cases[0];
        i++) {
        const struct compact_case *row = &compact_cases[i];
        struct buffer once = BUFFER_EMPTY;
        struct buffer twice = BUFFER_EMPTY;
        json_write_compact(&once, row->text, strlen(row->text));
        json_write_compact(&twice, once.data, once.length);
        expect_json(&once);
        expect_text(&once, row->want);
        expect_text(&twice, row->want);
    }
}

/* Text that was not checked, against the contract, is at least not overrun. */
static void test_compact_stays_inside(void **state)
{
    (void)state;
    static const char *const texts[] = {"\"", "\"a", "\"\\", "\"\\\"", "\\"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buffer out = BUFFER_EMPTY;
        size_t length = strlen(texts[i]);
        char *copy = malloc(length);
        assert_non_null(copy);
        memcpy(copy, texts[i], length);
        json_write_compact(&out, copy, length);
        expect_text(&out, texts[i]);
        free(copy);
    }
}

static void test_failure_is_remembered(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    buffer_append_byte(&out, '{');
    buffer_reserve(&out, SIZE_MAX);
    json_member_text(&out, "a", "b");
    json_member_integer(&out, "c", 1);
    json_write_compact(&out, "[ ]", 3);
    assert_true(out.failed);
    expect_text(&out, "{");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_every_pair_of_bytes),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_comma_of_each_member),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_compact),
        cmocka_unit_test(test_compact_stays_inside),
        cmocka_unit_test(test_failure_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
