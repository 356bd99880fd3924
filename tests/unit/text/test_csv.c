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
    {"caf\xC3\xA9;\t", "caf\xC3\xA9;\t"},
    {"=1+1", "'=1+1"},
    {"+1", "'+1"},
    {"-1,5", "\"'-1,5\""},
    {"@a", "'@a"},
    {"\ta", "'\ta"},
    {"\r", "\"'\r\""},
    {"\n=a", "\"'\n=a\""},
    {"1=1", "1=1"},
    {"'a", "'a"},
};

static void test_cells(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer have = BUFFER_EMPTY;
        csv_cell(&have, true, cases[i].text, strlen(cases[i].text));
        assert_string_equal(buffer_text(&have), cases[i].want);
        buffer_free(&have);
    }
}

static void test_row(void **state)
{
    (void)state;
    struct buffer have = BUFFER_EMPTY;
    csv_cell(&have, true, "", 0);
    csv_cell(&have, false, "b", 1);
    csv_cell(&have, false, "", 0);
    csv_end_row(&have);
    assert_string_equal(have.data, ",b,\r\n");
    buffer_free(&have);
}

static void test_nul(void **state)
{
    (void)state;
    struct buffer have = BUFFER_EMPTY;
    csv_cell(&have, true, "a\0\0b", 4);
    assert_string_equal(have.data, "a\xEF\xBF\xBD\xEF\xBF\xBD"
                                   "b");
    buffer_free(&have);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_row),
        cmocka_unit_test(test_nul),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
