/* SPDX-License-Identifier: MIT */
/* Moments as people and their libraries write them. */
#include "clock.h"
#include "error.h"
#include "unit.h"

#include <string.h>

struct written_case {
    const char *text;
    const char *iso; /* NULL: it is no moment */
};

static const struct written_case cases[] = {
    {"2024-12-07T10:00:15Z", "2024-12-07T10:00:15.000000Z"},
    {"2024-12-07T10:00:15z", "2024-12-07T10:00:15.000000Z"},
    {"2024-12-07t10:00:15Z", "2024-12-07T10:00:15.000000Z"},
    {"2024-12-07 10:00:15Z", "2024-12-07T10:00:15.000000Z"},
    {"2024-12-07T10:00:15.5Z", "2024-12-07T10:00:15.500000Z"},
    {"2024-12-07T10:00:15.000001Z", "2024-12-07T10:00:15.000001Z"},
    {"2024-12-07T10:00:15.1234569Z", "2024-12-07T10:00:15.123456Z"},
    {"2024-12-07T10:00:15.99999999999999999999999Z",
        "2024-12-07T10:00:15.999999Z"},
    {"2024-12-07T10:00:15+00:00", "2024-12-07T10:00:15.000000Z"},
    {"2024-12-07T10:00:15-00:00", "2024-12-07T10:00:15.000000Z"},
    {"2024-12-07T10:00:15+01:00", "2024-12-07T09:00:15.000000Z"},
    {"2024-12-07T10:00:15.250-03:30", "2024-12-07T13:30:15.250000Z"},
    {"2024-12-31T23:30:00-01:00", "2025-01-01T00:30:00.000000Z"},
    {"2024-03-01T00:30:00+23:59", "2024-02-29T00:31:00.000000Z"},
    {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"},
    {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
    {"", NULL},
    {"2024-12-07", NULL},
    {"2024-12-07T10:00Z", NULL},
    {"2024-12-07T10:00:15", NULL},
    {"2024-12-07T10:00:15.Z", NULL},
    {"2024-12-07T10:00:15.5", NULL},
    {"2024-12-07T10:00:15,5Z", NULL},
    {"2024-12-07T10:00:15 Z", NULL},
    {"2024-12-07T10:00:15ZZ", NULL},
    {"2024-12-07T10:00:15Z ", NULL},
    {" 2024-12-07T10:00:15Z", NULL},
    {"2024-12-07_10:00:15Z", NULL},
    {"20241207T100015Z", NULL},
    {"2024-12-07T10:00:15+0100", NULL},
    {"2024-12-07T10:00:15+01", NULL},
    {"2024-12-07T10:00:15+1:00", NULL},
    {"2024-12-07T10:00:15+01-00", NULL},
    {"2024-12-07T10:00:15 01:00", NULL}, /* a + that was form-decoded */
    {"2024-12-07T10:00:15+24:00", NULL},
    {"2024-12-07T10:00:15+01:60", NULL},
    {"2024-12-07T10:00:15+01:00Z", NULL},
    {"2024-12-07T10:00:15Europe", NULL},
    {"2024-12-31T23:59:60Z", NULL}, /* a leap second */
    {"2024-12-07T24:00:00Z", NULL},
    {"2023-02-29T00:00:00Z", NULL},
    {"2024-13-01T00:00:00Z", NULL},
    {"-024-12-07T10:00:15Z", NULL},
    {"1733565615", NULL},
    {"tomorrow, when it is time", NULL},
    /* Beyond the years that a name or a record can write. */
    {"0000-01-01T00:00:00+00:01", NULL},
    {"9999-12-31T23:59:59-00:01", NULL},
};

static void test_as_people_write_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct written_case *row = &cases[i];
        char iso[CLOCK_ISO_LENGTH + 1] = "none";
        int64_t moment = 42;
        enum error error =
            clock_parse_rfc3339(row->text, strlen(row->text), &moment);
        if (error == ERROR_NONE)
            clock_format_iso(iso, moment);
        else
            assert_int_equal(moment, 42);
        const char *want = row->iso == NULL ? "none" : row->iso;
        if (strcmp(iso, want) != 0 ||
            (error != ERROR_NONE && error != ERROR_SYNTAX))
            fail_msg("%s: have %s, want %s", row->text, iso, want);
    }
}

/* Only so many bytes are looked at: what follows is the caller's. */
static void test_written_length(void **state)
{
    (void)state;
    static const char text[] = "2024-12-07T10:00:15.5+01:00";
    int64_t moment = 42;
    for (size_t length = 0; length < strlen(text); length++)
        assert_int_equal(
            clock_parse_rfc3339(text, length, &moment), ERROR_SYNTAX);
    /* A NUL byte ends nothing. */
    assert_int_equal(
        clock_parse_rfc3339("2024-12-07T10:00:15Z", 21, &moment), ERROR_SYNTAX);
    assert_true(moment == 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_people_write_it),
        cmocka_unit_test(test_written_length),
    };
    return cmocka_run_group_tests_name("clock rfc3339", tests, NULL, NULL);
}
