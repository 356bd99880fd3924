/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "json.h"
#include "json_expect.h"
#include "json_mend.h"
#include "json_write.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mend_case {
    const char *text;
    const char *want; /* NULL: it stays as it is */
};

static const struct mend_case cases[] = {
    {"1", NULL},
    {"\"plain \xC3\xA9 \\n \\u00e9\"", NULL},
    {"\"\\ud83d\\ude00\"", NULL},
    {"\"\\uD83D\\uDE00\"", NULL},
    {"\"\\\\ud83d\"", NULL}, /* a backslash, and letters */
    {"\"\\ud7ff \\ue000\"", NULL},
    {"\"\\ud83d\"", "\"\\ufffd\""},
    {"\"\\uDE00\"", "\"\\ufffd\""},
    {"\"\\ud83d x\"", "\"\\ufffd x\""},
    {"\"\\ud83d\\n\"", "\"\\ufffd\\n\""},
    {"\"\\ud83d\\u0041\"", "\"\\ufffd\\u0041\""},
    {"\"\\\\\\ud83d\"", "\"\\\\\\ufffd\""},
    {"\"\\ud83d\\ud83d\\ude00\"", "\"\\ufffd\\ud83d\\ude00\""},
    {"\"\\ude00\\ud83d\"", "\"\\ufffd\\ufffd\""},
    {"\"\\ud83d\\ude00\\ude00\"", "\"\\ud83d\\ude00\\ufffd\""},
    {"{\"\\udbff\":\"\\udc00\"}", "{\"\\ufffd\":\"\\ufffd\"}"},
};

/* In memory of exactly that size. */
static void test_mend(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mend_case *row = &cases[i];
        const char *want = row->want == NULL ? row->text : row->want;
        size_t length = strlen(row->text);
        char *copy = malloc(length + 1);
        assert_non_null(copy);
        char *text = copy + 1; /* so that its end is that of the memory */
        memcpy(text, row->text, length);
        json_mend(text, length);
        if (memcmp(text, want, length) != 0)
            fail_msg("%s: have %s", row->text, json_shown(text, length));
        free(copy);
    }
}

/* All pairs of two escapes around the edges of the halves' ranges: what is read
 * is the code, or U+FFFD for a half. */
static void test_all_edges(void **state)
{
    (void)state;
    static const unsigned codes[] = {
        0x41, 0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xE000};
    for (size_t i = 0; i < COUNT_OF(codes) * COUNT_OF(codes); i++) {
        unsigned first = codes[i / COUNT_OF(codes)];
        unsigned second = codes[i % COUNT_OF(codes)];
        bool pair = first >= 0xD800 && first < 0xDC00 && second >= 0xDC00 &&
                    second < 0xE000;
        bool halves = !pair && ((first >= 0xD800 && first < 0xE000) ||
                                   (second >= 0xD800 && second < 0xE000));
        char text[32];
        struct buffer value = BUFFER_EMPTY;
        struct buffer again = BUFFER_EMPTY;
        snprintf(text, sizeof text, "\"\\u%04x\\u%04X\"", first, second);
        struct json_document document = json_parsed(text);
        assert_int_equal(document.mended != NULL, halves);
        assert_int_equal(json_string(json_root(&document), &value), ERROR_NONE);
        json_free(&document);
        /* What is read is Unicode: written, it is read as the same. */
        json_write_string(&again, value.data, value.length);
        document = json_parsed(again.data);
        assert_null(document.mended);
        assert_true(
            json_string_equals(json_root(&document), buffer_text(&value)));
        json_free(&document);
        buffer_free(&again);
        buffer_free(&value);
    }
}

/* What is taken as it stands is mended too, and the caller's text is not. */
static void test_document(void **state)
{
    (void)state;
    static const char text[] = "{\"\\ud83d\":[\"\\uDE00\",\"\\ud83d\\ude00\"]}";
    static const char want[] = "{\"\\ufffd\":[\"\\ufffd\",\"\\ud83d\\ude00\"]}";
    struct json_document document = json_parsed(text);
    json_expect_raw(json_root(&document), want);
    assert_ptr_equal(document.text, document.mended);
    assert_int_equal(document.length, sizeof text - 1);
    struct json_value array = json_member(json_root(&document), "\xEF\xBF\xBD");
    assert_int_equal(json_size(array), 2);
    assert_true(json_string_equals(json_first(array), "\xEF\xBF\xBD"));
    json_free(&document);
    assert_null(document.mended);
}

/* A fault is told with the place where the text given has it. */
static void test_faults(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
    } rows[] = {
        {"[\"\\ud83d\",nul]", 13},
        {"[nul,\"\\ud83d\"]", 4},
        {"[\"\\ud83d\xFF\"]", 8},
        {"[\"\xED\xA0\xBD\",\"\\ud83d\"]", 3},
        {"[\"\\ud83d\\ude0g\"]", 13},
        {"[\"\\ud83d", 8},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct json_document document;
        struct json_fault fault;
        enum error error =
            json_parse(&document, rows[i].text, strlen(rows[i].text), &fault);
        if (error != ERROR_SYNTAX || fault.offset != rows[i].offset)
            fail_msg(
                "%s: have %d at %zu", rows[i].text, (int)error, fault.offset);
        assert_null(document.mended);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mend),
        cmocka_unit_test(test_all_edges),
        cmocka_unit_test(test_document),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests_name("json_mend", tests, NULL, NULL);
}
