/* SPDX-License-Identifier: MIT */
#include "decimal.h"
#include "error.h"
#include "unit.h"

#include <string.h>

struct row {
    const char *text;
    enum error error;
    const char *want;
};

static const struct row rows[] = {
    {"15", ERROR_NONE, "15.00"},
    {"15.0", ERROR_NONE, "15.00"},
    {"15.00", ERROR_NONE, "15.00"},
    {"28.9", ERROR_NONE, "28.90"},
    {"0", ERROR_NONE, "0.00"},
    {"0.00", ERROR_NONE, "0.00"},
    {"0e999999999999", ERROR_NONE, "0.00"},
    {"0.5", ERROR_NONE, "0.50"},
    {"0.05", ERROR_NONE, "0.05"},
    {"007.50", ERROR_NONE, "7.50"},
    {"12.345", ERROR_NONE, "12.345"},
    {"12.34000", ERROR_NONE, "12.34"},
    {"28.900000000000002", ERROR_NONE, "28.900000000000002"},
    {"1.5e1", ERROR_NONE, "15.00"},
    {"1.5E+1", ERROR_NONE, "15.00"},
    {"1500e-2", ERROR_NONE, "15.00"},
    {"1e-3", ERROR_NONE, "0.001"},
    {"5e-20", ERROR_NONE, "0.00000000000000000005"},
    {"1e11", ERROR_NONE, "100000000000.00"},
    {"999999999999.99", ERROR_NONE, "999999999999.99"},
    {"123456789012.12345678901234567891", ERROR_NONE,
        "123456789012.12345678901234567891"},
    {"1e12", ERROR_RANGE, NULL},
    {"1000000000000", ERROR_RANGE, NULL},
    {"1e-21", ERROR_RANGE, NULL},
    {"1e999999999999999999", ERROR_RANGE, NULL},
    {"1e-999999999999999999", ERROR_RANGE, NULL},
    {"", ERROR_SYNTAX, NULL},
    {"-1", ERROR_SYNTAX, NULL},
    {"+1", ERROR_SYNTAX, NULL},
    {".5", ERROR_SYNTAX, NULL},
    {"5.", ERROR_SYNTAX, NULL},
    {"1,5", ERROR_SYNTAX, NULL},
    {" 1", ERROR_SYNTAX, NULL},
    {"1 ", ERROR_SYNTAX, NULL},
    {"1e", ERROR_SYNTAX, NULL},
    {"1e+", ERROR_SYNTAX, NULL},
    {"1.2.3", ERROR_SYNTAX, NULL},
    {"0x10", ERROR_SYNTAX, NULL},
    {"NaN", ERROR_SYNTAX, NULL},
    {"15 EUR", ERROR_SYNTAX, NULL},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[DECIMAL_LENGTH + 1] = "as before";
        const struct row *row = &rows[i];
        enum error error = decimal_normalise(out, row->text, strlen(row->text));
        const char *want = row->want == NULL ? "as before" : row->want;
        if (error != row->error || strcmp(out, want) != 0)
            fail_msg("'%s': have error %d '%s', want %d '%s'", row->text,
                (int)error, out, (int)row->error, want);
    }
}

/* Zeros of any number are no digits of the value; too long a text is refused
 * whatever it says. */
static void test_long_texts(void **state)
{
    (void)state;
    char out[DECIMAL_LENGTH + 1];
    char text[DECIMAL_TEXT_MAX + 2];
    memset(text, '0', sizeof text);
    text[1] = '.';
    assert_int_equal(
        decimal_normalise(out, text, DECIMAL_TEXT_MAX), ERROR_NONE);
    assert_string_equal(out, "0.00");
    assert_int_equal(
        decimal_normalise(out, text, DECIMAL_TEXT_MAX + 1), ERROR_RANGE);
    memset(text, '9', sizeof text);
    assert_int_equal(
        decimal_normalise(out, text, DECIMAL_TEXT_MAX), ERROR_RANGE);
}

/* A second pass changes nothing. */
static void test_idempotent(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[DECIMAL_LENGTH + 1];
        if (rows[i].want == NULL)
            continue;
        assert_int_equal(
            decimal_normalise(out, rows[i].want, strlen(rows[i].want)),
            ERROR_NONE);
        assert_string_equal(out, rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_idempotent),
    };
    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
