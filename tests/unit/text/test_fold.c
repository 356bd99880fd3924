/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "fold.h"
#include "unit.h"
#include "utf8.h"

#include <string.h>

struct fold_case {
    const char *text;
    const char *want;
};

static const struct fold_case cases[] = {
    {"", ""}, /* nothing */
    {"AZ az 09 @[`{", "az az 09 @[`{"},
    {"\xC3\x89TAT \xC3\xA9tat", "\xC3\xA9tat \xC3\xA9tat"}, /* É */
    {"\xC3\x80\xC3\x96\xC3\x98\xC3\x9E",
        "\xC3\xA0\xC3\xB6\xC3\xB8\xC3\xBE"},                  /* ÀÖØÞ */
    {"\xC3\x97\xC3\xB7\xC3\x9F", "\xC3\x97\xC3\xB7\xC3\x9F"}, /* ×÷ß */
    {"\xC5\x92\xC5\xA0\xC5\xB8\xC5\xBD",
        "\xC5\x93\xC5\xA1\xC3\xBF\xC5\xBE"},                          /* ŒŠŸŽ */
    {"\xC5\x81\xC4\xB6\xC4\xB9", "\xC5\x82\xC4\xB7\xC4\xBA"},         /* ŁĶĹ */
    {"\xC4\xB0\xC4\xB1\xC4\xB8", "\xC4\xB0\xC4\xB1\xC4\xB8"},         /* İıĸ */
    {"\xC8\x98\xC8\x9A", "\xC8\x99\xC8\x9B"},                         /* ȘȚ */
    {"\xE1\xBA\x9E", "\xC3\x9F"},                                     /* ẞ */
    {"\xE1\xBA\xA0\xE1\xBB\xBE", "\xE1\xBA\xA1\xE1\xBB\xBF"},         /* ẠỾ */
    {"\xCE\x91\xD0\x90\xE2\x82\xAC", "\xCE\x91\xD0\x90\xE2\x82\xAC"}, /* ΑА€ */
    {"\xF0\x9F\x91\x95X", "\xF0\x9F\x91\x95x"},
    {"\xFF\xC3"
     "A\xC3",
        "\xFF\xC3"
        "a\xC3"}, /* not UTF-8 */
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer have = BUFFER_EMPTY;
        buffer_append_text(&have, "Before ");
        fold_append(&have, cases[i].text, strlen(cases[i].text));
        assert_memory_equal(have.data, "Before ", 7);
        assert_string_equal(have.data + 7, cases[i].want);
        assert_int_equal(have.length, 7 + strlen(cases[i].want));
        buffer_free(&have);
    }
}

/* Folding is done with after one time, and never makes text longer. */
static void test_every_character(void **state)
{
    (void)state;
    struct buffer once = BUFFER_EMPTY;
    struct buffer twice = BUFFER_EMPTY;
    for (unsigned long code = 1; code < 0x30000; code++) {
        char text[4];
        if (code >= 0xD800 && code < 0xE000)
            continue;
        size_t length = utf8_encode(text, code);
        buffer_clear(&once);
        buffer_clear(&twice);
        fold_append(&once, text, length);
        fold_append(&twice, once.data, once.length);
        if (once.length > length || strcmp(once.data, twice.data) != 0)
            fail_msg("U+%04lX", code);
    }
    buffer_free(&once);
    buffer_free(&twice);
}

static void test_nul(void **state)
{
    (void)state;
    struct buffer have = BUFFER_EMPTY;
    fold_append(&have, "A\0B", 3);
    assert_int_equal(have.length, 3);
    assert_memory_equal(have.data, "a\0b", 4);
    buffer_free(&have);
}

struct phrase_row {
    const char *text;
    const char *phrase;
    bool want;
};

static const struct phrase_row phrases[] = {
    {"Aucun onglet Vinted", "aucun onglet", true},
    {"AUCUN ONGLET", "Aucun onglet", true},
    {"x aucun ongle", "aucun onglet", false},
    {"aaab", "aab", true},
    {"", "a", false},
    {"a", "", true},
    {"session expir\xc3\xa9"
     "e",
        "expir\xc3\xa9", true},
    {"EXPIR\xc3\x89", "expir\xc3\xa9", false},
    {"[", "{", false},
};

static void test_phrases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        bool have = fold_holds(
            phrases[i].text, strlen(phrases[i].text), phrases[i].phrase);
        if (have != phrases[i].want)
            fail_msg("%s in %s", phrases[i].phrase, phrases[i].text);
    }
    assert_false(fold_holds("captcha", 6, "captcha"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_phrases),
    };
    return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
