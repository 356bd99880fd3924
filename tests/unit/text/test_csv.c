/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "csv.h"
#include "unit.h"

#include <string.h>

struct cell_case {
    const char *text;
    const char *want;
};

static const struct cell_case cases[] = {
    {"", ""},
    {"plain", "plain"},
    {"a b", "a b"},
    {"a,b", "\"a,b\""},
    {"a\"b", "\"a\"\"b\""},
    {"\"", "\"\"\"\""},
    {"a\nb", "\"a\nb\""},
    {"a\rb", "\"a\rb\""},
    {" a", "\" a\""},
    {"a ", "\"a \""},
    {"caf\xC3\xA9;\t", "\"caf\xC3\xA9;\t\""},
    {"a|b", "\"a|b\""},
    {"=1+1", "'=1+1"},
    {"+1", "'+1"},
    {"-1,5", "\"'-1,5\""},
    {"@a", "'@a"},
    {"|a", "\"'|a\""},
    {"%a", "'%a"},
    {"\ta", "\"'\ta\""},
    {"\r", "\"'\r\""},
    {"\n=a", "\"'\n'=a\""},
    {"1=1", "1=1"},
    {"'a", "'a"},
    /* Behind what separates cells for whoever reads it otherwise. */
    {"Jean;=1+1;x", "\"Jean;'=1+1;x\""},
    {"a,=1,+1", "\"a,'=1,'+1\""},
    {"a\t@b|-c", "\"a\t'@b|'-c\""},
    {"a\r\n- b", "\"a\r\n'- b\""},
    {"a; =1", "\"a; '=1\""},
    {"a;\"=1\"", "\"a;\"\"'=1\"\"\""},
    {";;=1", "\";;'=1\""},
    {"a - b = c", "a - b = c"},
    {"T-shirt, 50% laine", "\"T-shirt, 50% laine\""},
    /* Full width: ＝ ＋ － ＠ ｜ ％ */
    {"\xEF\xBC\x9D\x31", "'\xEF\xBC\x9D\x31"},
    {"\xEF\xBC\x8B", "'\xEF\xBC\x8B"},
    {"\xEF\xBC\x8D", "'\xEF\xBC\x8D"},
    {"\xEF\xBC\xA0", "'\xEF\xBC\xA0"},
    {"\xEF\xBD\x9C", "'\xEF\xBD\x9C"},
    {"a;\xEF\xBC\x85", "\"a;'\xEF\xBC\x85\""},
    {"\xEF\xBC", "\xEF\xBC"},
};

struct number_case {
    const char *text;
    const char *point;
    const char *comma;
};

static const struct number_case numbers[] = {
    {"", ",", ";"},
    {"15", ",15", ";15"},
    {"28.90", ",28.90", ";28,90"},
    {"7750837522", ",7750837522", ";7750837522"},
    {"-1", ",'-1", ";'-1"},
    {".5", ",.5", ";.5"},
    {"5.", ",5.", ";5."},
    {"1.2.3", ",1.2.3", ";1.2.3"},
    {"1e5", ",1e5", ";1e5"},
    {"1,5;=1", ",\"1,5;'=1\"", ";\"1,5;'=1\""},
};

static void test_cells(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer have = BUFFER_EMPTY;
        csv_cell(&have, '\0', cases[i].text, strlen(cases[i].text));
        assert_string_equal(buffer_text(&have), cases[i].want);
        buffer_free(&have);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct buffer point = BUFFER_EMPTY;
        struct buffer comma = BUFFER_EMPTY;
        const char *text = numbers[i].text;
        csv_number(&point, ',', '.', text, strlen(text));
        csv_number(&comma, ';', ',', text, strlen(text));
        assert_string_equal(buffer_text(&point), numbers[i].point);
        assert_string_equal(buffer_text(&comma), numbers[i].comma);
        buffer_free(&point);
        buffer_free(&comma);
    }
}

static void test_row(void **state)
{
    (void)state;
    struct buffer have = BUFFER_EMPTY;
    csv_cell(&have, '\0', "", 0);
    csv_cell(&have, ';', "b", 1);
    csv_cell(&have, '\t', "", 0);
    csv_end_row(&have);
    assert_string_equal(have.data, ";b\t\r\n");
    buffer_free(&have);
}

static void test_nul(void **state)
{
    (void)state;
    struct buffer have = BUFFER_EMPTY;
    csv_cell(&have, '\0', "a\0\0b", 4);
    assert_string_equal(have.data, "a\xEF\xBF\xBD\xEF\xBF\xBD"
                                   "b");
    buffer_free(&have);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_row),
        cmocka_unit_test(test_nul),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
