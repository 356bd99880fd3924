/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "fault.h"
#include "fold.h"
#include "unit.h"
#include "utf8.h"

#include <errno.h>
#include <string.h>

struct fold_case {
    const char *text;
    const char *want;
};

static const struct fold_case cases[] = {
    {"", ""}, /* nothing */
    {"AZ az 09 @[`{", "az az 09 @[`{"},
    {"\xC3\x89TAT \xC3\xA9tat e\xCC\x81tat",
        "etat etat etat"}, /* É, é, and é of two characters */
    {"\xC3\x80\xC3\x87\xC3\x96\xC3\x91\xC5\xA0\xC5\xB8\xC5\xBD",
        "aconsyz"}, /* ÀÇÖÑŠŸŽ */
    {"\xC5\x92uvre\xC3\x86\xC5\x93\xC3\xA6\xC7\xBC",
        "oeuvreaeoeaeae"}, /* Œ Æ œ æ Ǽ */
    {"\xC3\x98\xC3\xB8\xC5\x81\xC5\x82\xC4\x90\xC4\x91\xC4\xA6\xC4\xA7\xC5"
     "\xA6\xC5\xA7\xC3\x90\xC3\x9E",
        "oollddhhttdth"},                        /* Ø Ł Đ Ħ Ŧ Ð Þ */
    {"\xC4\xB0I\xC4\xB1i", "iiii"},              /* İ and ı of Turkish */
    {"\xC3\x9F\xE1\xBA\x9E \xC5\xBF", "ssss s"}, /* ß ẞ ſ */
    {"\xC3\x97\xC3\xB7\xE2\x82\xAC\xC4\xB8\xC5\x8B",
        "\xC3\x97\xC3\xB7\xE2\x82\xAC\xC4\xB8\xC5\x8B"}, /* × ÷ € ĸ ŋ */
    {"\xC8\x98\xC8\x9A\xC4\x84\xC4\x98\xC5\x90\xC5\xB0",
        "staeou"},                      /* Ș Ț Ą Ę Ő Ű */
    {"\xE1\xBA\xA0\xE1\xBA\xBE", "ae"}, /* Vietnamese */
    {"\xD0\xA8\xD0\xB0\xD0\xBF\xD0\xBA\xD0\xB0 \xD0\x81\xD0\x96 \xD0\x99",
        "\xD1\x88\xD0\xB0\xD0\xBF\xD0\xBA\xD0\xB0 \xD0\xB5\xD0\xB6 "
        "\xD0\xB8"}, /* Cyrillic */
    {"\xCE\x86\xCE\xA3\xCE\x9F\xCE\xA3 \xCE\xAC\xCF\x83\xCE\xBF\xCF\x82",
        "\xCE\xB1\xCF\x83\xCE\xBF\xCF\x83 "
        "\xCE\xB1\xCF\x83\xCE\xBF\xCF\x83"}, /* Greek*/
    {"\xEF\xBC\xAE\xEF\xBC\xA9\xEF\xBC\xAB\xEF\xBC\xA5 \xEF\xAC\x81n "
     "\xC2\xBD",
        "nike fin 1/2"}, /* ＮＩＫＥ ﬁn ½ */
    {"d\xE2\x80\x99\xC3\xA9t\xC3\xA9 d\xE2\x80\x98\xC3\xA9t\xC3\xA9 "
     "d'\xC3\xA9t\xC3\xA9",
        "d'ete d'ete d'ete"}, /* apostrophes */
    {"T\xE2\x80\x91shirt T\xE2\x80\x93shirt", "t-shirt t-shirt"}, /* hyphens */
    {"a\xC2\xA0"
     "b\xE2\x80\xAF"
     "c",
        "a b c"},                                     /* blanks */
    {"so\xC2\xADie\xE2\x80\x8B\xEF\xBB\xBF", "soie"}, /* what nobody sees */
    {"\xF0\x9F\x91\x95\xEF\xB8\x8FX", "\xF0\x9F\x91\x95x"}, /* emoji */
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

/* Folding is done with after one time, and bounded. */
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
        fold_append(&twice, buffer_text(&once), once.length);
        if (once.length > 11 * length ||
            strcmp(buffer_text(&once), buffer_text(&twice)) != 0)
            fail_msg("U+%04lX", code);
    }
    buffer_free(&once);
    buffer_free(&twice);
}

/* What a character is folded to is kept for the next time, but not where there
 * was no memory for all of it. */
static void test_no_memory(void **state)
{
    static const char text[] = "\xC5\x80"; /* to three bytes */
    struct buffer have = BUFFER_EMPTY;
    struct buffer pool = fault_take_pool();
    (void)state;
    buffer_append_byte(&have, 'x');
    while (have.length + sizeof text < have.capacity)
        buffer_append_byte(&have, 'x');
    fault_set(FAULT_MEMORY, 1, ENOMEM);
    fold_append(&have, text, strlen(text));
    assert_true(fault_clear());
    assert_true(have.failed);
    buffer_clear(&have);
    fold_append(&have, text, strlen(text));
    assert_string_equal(have.data, "l\xC2\xB7");
    buffer_free(&have);
    buffer_free(&pool);
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

/* Every ASCII character, wherever it stands among those folded at once. */
static void test_ascii(void **state)
{
    (void)state;
    for (int code = 0; code < 0x80; code++) {
        for (size_t at = 0; at < 17; at++) {
            char text[18] = "Mm@Z[z`a{Mm@Z[z`a";
            struct buffer have = BUFFER_EMPTY;
            text[at] = (char)code;
            fold_append(&have, text, 17);
            assert_int_equal(have.length, 17);
            for (size_t i = 0; i < 17; i++)
                assert_int_equal(have.data[i], fold_ascii(text[i]));
            buffer_free(&have);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ascii),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_phrases),
    };
    return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
