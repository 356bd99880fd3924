/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "fault.h"
#include "json_spans.h"
#include "product_filter.h"
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct filter_case {
    const char *words;    /* NULL: none are asked for */
    const char *statuses; /* NULL: likewise */
    const char *line;
    bool want;
};

#define SHIRT                                                                  \
    "{\"id\":123,\"title\":\"T-Shirt\",\"brand\":\"Nike\",\"size\":\"M\","     \
    "\"status\":\"active\",\"description\":\"Neuf\"}"

static const struct filter_case cases[] = {
    {NULL, NULL, SHIRT, true},
    {"", NULL, SHIRT, true},
    {"nike", NULL, SHIRT, true},
    {"NIKE t-s", NULL, SHIRT, true},
    {"neuf 123", NULL, SHIRT, true},
    {"nike puma", NULL, SHIRT, false},
    {"shirtnike", NULL, SHIRT, false},
    {"active", NULL, SHIRT, false},
    {"title", NULL, SHIRT, false},
    {NULL, "active", SHIRT, true},
    {NULL, "sold,active", SHIRT, true},
    {NULL, "sold,gone", SHIRT, false},
    {"nike", "sold", SHIRT, false},
    {"nike", "active", SHIRT, true},
    {NULL, "active", "{\"id\":1}", false},
    {NULL, "active", "{\"id\":1,\"status\":null}", false},
    {NULL, "active", "{\"id\":1,\"status\":1}", false},
    {"1", NULL, "{\"id\":1}", true},
    {"\xC3\xA9", NULL, "{\"id\":1,\"title\":\"\\u00C9\"}", true},
    {"b", NULL, "{\"id\":1,\"title\":\"a\\u0000B\"}", true},
    {"etat", NULL, "{\"id\":1,\"title\":\"Bon \u00c9TAT\"}", true},
    {"\xD1\x88\xD0\xB0\xD0\xBF\xD0\xBA\xD0\xB0", NULL,
        "{\"id\":1,\"title\":\"\xD0\xA8\xD0\xB0\xD0\xBF\xD0\xBA\xD0\xB0\"}",
        true},
    {"e\xCC\x81tat", NULL, "{\"id\":1,\"title\":\"etat\"}", true},
    {"\xCC\x81", NULL, "{\"id\":1}", true}, /* an accent alone is no word */
    {"nb", NULL, "{\"id\":1,\"title\":\"a\\nb\"}", false},
    {"a/b", NULL, "{\"id\":1,\"title\":\"A\\/B\"}", true},
    {"a\\b", NULL, "{\"id\":1,\"title\":\"a\\\\b\"}", true},
    {"14\"", NULL, "{\"id\":1,\"brand\":\"14\\\"\"}", true},
    {"\b", NULL, "{\"id\":1,\"brand\":\"\\b\"}", true},
    {"u0041", NULL, "{\"id\":1,\"brand\":\"\\\\u0041\"}", true},
    {"robe", NULL,
        "{\"id\":1,\"title\":\"r\xC3\xB4\xC2\xAD"
        "be\\n\"}",
        true},
    {"zz", NULL, "{\"id\":1,\"title\":\"azazz\"}", true},
    {"new", NULL, "{\"titl\\u0065\":\"old\",\"title\":\"new\"}", true},
    {"old", NULL, "{\"titl\\u0065\":\"old\",\"title\":\"new\"}", false},
    {"x", NULL, "{\"id\":1,\"title\":[\"x\"],\"brand\":{\"x\":1}}", false},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct filter_case *row = &cases[i];
        struct product_filter filter = PRODUCT_FILTER_EMPTY;
        struct json_spans spans = JSON_SPANS_EMPTY;
        struct json_fault fault;
        size_t length = strlen(row->line);
        if (row->words != NULL)
            assert_int_equal(
                product_filter_words(&filter, row->words), ERROR_NONE);
        if (row->statuses != NULL)
            assert_int_equal(
                product_filter_statuses(&filter, row->statuses), ERROR_NONE);
        assert_int_equal(
            json_spans_read(&spans, row->line, length, &fault), ERROR_NONE);
        bool have = product_filter_passes(&filter, &spans);
        bool maybe = product_filter_may_pass(&filter, row->line, length);
        if (have != row->want || (have && !maybe))
            fail_msg("case %zu: have %d, may %d", i, have, maybe);
        json_spans_free(&spans);
        product_filter_free(&filter);
    }
}

/* What is certainly not there is told without taking the line apart, unless
 * something in it is escaped that may be a part of a word. */
static void test_may_pass(void **state)
{
    (void)state;
    struct product_filter filter = PRODUCT_FILTER_EMPTY;
    assert_int_equal(product_filter_words(&filter, "puma"), ERROR_NONE);
    assert_false(product_filter_is_empty(&filter));
    assert_false(product_filter_may_pass(&filter, SHIRT, strlen(SHIRT)));
    static const char escaped[] = "{\"id\":1,\"title\":\"\\u0070uma\"}";
    assert_true(product_filter_may_pass(&filter, escaped, strlen(escaped)));
    static const char broken[] = "{\"id\":1,\"title\":\"pu\\nma \\\"\\\\\"}";
    assert_false(product_filter_may_pass(&filter, broken, strlen(broken)));
    /* In a line that ends too early nothing is certain. */
    assert_true(product_filter_may_pass(&filter, "\\", 1));
    product_filter_free(&filter);
    assert_true(product_filter_is_empty(&filter));
}

/* As a query of so many words, each of this many letters. */
static enum error ask(
    struct product_filter *filter, unsigned count, unsigned length)
{
    struct buffer text = BUFFER_EMPTY;
    for (unsigned i = 0; i < count; i++)
        buffer_append_format(&text, " %0*u", (int)length, i);
    enum error error = product_filter_words(filter, buffer_text(&text));
    buffer_free(&text);
    return error;
}

/* Words are told apart once, and bounded in number and length. */
static void test_bounds(void **state)
{
    (void)state;
    struct product_filter filter = PRODUCT_FILTER_EMPTY;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(
            product_filter_words(&filter, "Nike nike NIKE"), ERROR_NONE);
    assert_int_equal(filter.count, 1);
    assert_string_equal(filter.words.data, "nike");
    product_filter_free(&filter);
    assert_int_equal(ask(&filter, 32, 256), ERROR_NONE);
    assert_int_equal(ask(&filter, 32, 256), ERROR_NONE);
    assert_int_equal(filter.count, 32);
    assert_int_equal(ask(&filter, 33, 256), ERROR_TOO_LARGE);
    product_filter_free(&filter);
    assert_int_equal(ask(&filter, 33, 3), ERROR_TOO_LARGE);
    product_filter_free(&filter);
    assert_int_equal(ask(&filter, 1, 257), ERROR_TOO_LARGE);
    product_filter_free(&filter);
}

/* Wherever it stands in a long text, with letters of two and three bytes. */
static void test_pieces(void **state)
{
    (void)state;
    for (size_t before = 4000; before < 4200; before++) {
        struct product_filter filter = PRODUCT_FILTER_EMPTY;
        struct buffer line = BUFFER_EMPTY;
        buffer_append_text(&line, "{\"id\":1,\"title\":\"");
        for (size_t i = 0; i < before; i++)
            buffer_append_byte(&line, 'x');
        buffer_append_text(&line, "\xC3\x89\xEF\xBC\xAE\xC3\x89 end\"}");
        assert_int_equal(product_filter_words(&filter, "ene x"), ERROR_NONE);
        assert_true(product_filter_may_pass(&filter, line.data, line.length));
        assert_true(filter.scratch.capacity < 32768);
        assert_int_equal(product_filter_words(&filter, "y"), ERROR_NONE);
        assert_false(product_filter_may_pass(&filter, line.data, line.length));
        buffer_free(&line);
        product_filter_free(&filter);
    }
}

/* Bytes that begin no letter, as of a file that a person has broken, are cut
 * anywhere. */
static void test_pieces_of_no_text(void **state)
{
    (void)state;
    char line[5000];
    struct product_filter filter = PRODUCT_FILTER_EMPTY;
    memset(line, 0x80, sizeof line);
    memcpy(line + sizeof line - 4, "puma", 4);
    assert_int_equal(product_filter_words(&filter, "puma"), ERROR_NONE);
    assert_true(product_filter_may_pass(&filter, line, sizeof line));
    assert_false(product_filter_may_pass(&filter, line, sizeof line - 1));
    product_filter_free(&filter);
}

/* Asks about both while the `which`-th call for memory is refused. False: there
 * are not so many. */
static bool pass_without(
    const char *words, const char *row, const char *line, unsigned which)
{
    struct product_filter filter = PRODUCT_FILTER_EMPTY;
    assert_int_equal(product_filter_words(&filter, words), ERROR_NONE);
    struct json_spans spans = JSON_SPANS_EMPTY;
    struct json_fault fault;
    assert_int_equal(
        json_spans_read(&spans, row, strlen(row), &fault), ERROR_NONE);
    fault_set(FAULT_MEMORY, which, ENOMEM);
    bool passes = product_filter_passes(&filter, &spans);
    bool has_met = fault_clear();
    json_spans_free(&spans);
    assert_int_equal(passes, !has_met);
    assert_int_equal(filter.scratch.failed, has_met);
    product_filter_free(&filter);
    assert_int_equal(product_filter_words(&filter, words), ERROR_NONE);
    fault_set(FAULT_MEMORY, which, ENOMEM);
    assert_true(product_filter_may_pass(&filter, line, strlen(line)));
    has_met = fault_clear() || has_met;
    product_filter_free(&filter);
    return has_met;
}

/* Where memory is lacking no row passes, whatever was found until then; and no
 * line is certain not to. */
static void test_memory(void **state)
{
    static const char *const words[] = {"puma", "puma nike"};
    (void)state;
    char line[9100];
    snprintf(line, sizeof line,
        "{\"id\":1,\"title\":\"puma\\u0041%08000d\",\"brand\":\"nike\"}", 0);
    char plain[9100];
    snprintf(plain, sizeof plain, "%08000d puma nike", 0);
    struct buffer pool = fault_take_pool();
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        unsigned which = 1;
        while (pass_without(words[i], line, plain, which))
            which++;
        assert_true(which > 2);
    }
    buffer_free(&pool);
}

static void test_bad_statuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", ",", "active,", ",active", "Active", "act", "active sold", "\""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct product_filter filter = PRODUCT_FILTER_EMPTY;
        assert_int_equal(
            product_filter_statuses(&filter, bad[i]), ERROR_SYNTAX);
        product_filter_free(&filter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_may_pass),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_pieces_of_no_text),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_bad_statuses),
    };
    return cmocka_run_group_tests_name("product_filter", tests, NULL, NULL);
}
