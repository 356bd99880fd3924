/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "error.h"
#include "unit.h"

#include <string.h>
#include <time.h>

struct moment_case {
    int64_t moment;
    const char *stamp;
    const char *iso;
};

/* date -u -d '…' +%s gives the seconds. */
static const struct moment_case moment_cases[] = {
    {0, "19700101T000000.000000Z", "1970-01-01T00:00:00.000000Z"},
    {1, "19700101T000000.000001Z", "1970-01-01T00:00:00.000001Z"},
    {-1, "19691231T235959.999999Z", "1969-12-31T23:59:59.999999Z"},
    {-1000000, "19691231T235959.000000Z", "1969-12-31T23:59:59.000000Z"},
    {951782400000000, "20000229T000000.000000Z", "2000-02-29T00:00:00.000000Z"},
    {1733565615123456, "20241207T100015.123456Z",
        "2024-12-07T10:00:15.123456Z"},
    {1735689599999999, "20241231T235959.999999Z",
        "2024-12-31T23:59:59.999999Z"},
    {2147483648000000, "20380119T031408.000000Z",
        "2038-01-19T03:14:08.000000Z"},
    {4107542400000000, "21000301T000000.000000Z",
        "2100-03-01T00:00:00.000000Z"},
    {253402300799999999, "99991231T235959.999999Z",
        "9999-12-31T23:59:59.999999Z"},
    {-62167219200000000, "00000101T000000.000000Z",
        "0000-01-01T00:00:00.000000Z"},
};

static const size_t moment_count = sizeof moment_cases / sizeof moment_cases[0];

static void test_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < moment_count; i++) {
        const struct moment_case *row = &moment_cases[i];
        char stamp[CLOCK_STAMP_LENGTH + 1];
        char iso[CLOCK_ISO_LENGTH + 1];
        clock_format_stamp(stamp, row->moment);
        clock_format_iso(iso, row->moment);
        assert_string_equal(stamp, row->stamp);
        assert_string_equal(iso, row->iso);
    }
}

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < moment_count; i++) {
        const struct moment_case *row = &moment_cases[i];
        int64_t stamp = 42;
        int64_t iso = 42;
        assert_int_equal(clock_parse_stamp(row->stamp, &stamp), ERROR_NONE);
        assert_int_equal(
            clock_parse_iso(row->iso, strlen(row->iso), &iso), ERROR_NONE);
        if (stamp != row->moment || iso != row->moment)
            fail_msg("%s: have %lld and %lld, want %lld", row->iso,
                (long long)stamp, (long long)iso, (long long)row->moment);
    }
}

/* What follows the stamp is the caller's: more of a file's name. */
static void test_stamp_may_be_followed(void **state)
{
    (void)state;
    int64_t moment = 42;
    enum error error =
        clock_parse_stamp("20241207T100015.123456Z-list-77.json", &moment);
    assert_int_equal(error, ERROR_NONE);
    assert_true(moment == 1733565615123456);
}

/* Noon of every day of four centuries and a bit, against the C library, and
 * sorting as text is sorting by time. */
static void test_every_day(void **state)
{
    (void)state;
    char previous[CLOCK_STAMP_LENGTH + 1] = "";
    for (int64_t day = -146097 / 2; day < (146097 / 2) + 400; day++) {
        int64_t want = ((day * 86400 + 43200) * clock_second) + 5;
        time_t seconds = (time_t)((day * 86400) + 43200);
        char text[CLOCK_STAMP_LENGTH + 1];
        struct tm broken;
        char date[16];
        int64_t have;
        assert_non_null(gmtime_r(&seconds, &broken));
        strftime(date, sizeof date, "%Y%m%dT%H%M%S", &broken);
        clock_format_stamp(text, want);
        assert_memory_equal(text, date, 15);
        assert_true(strcmp(previous, text) < 0);
        assert_int_equal(clock_parse_stamp(text, &have), ERROR_NONE);
        if (have != want)
            fail_msg("%s: have %lld, want %lld", text, (long long)have,
                (long long)want);
        memcpy(previous, text, sizeof text);
    }
}

/* Every single character of a good one, replaced by every other. */
static void test_refuses_every_other_character(void **state)
{
    (void)state;
    static const char stamp[] = "20241111T111111.111111Z";
    static const char iso[] = "2024-11-11T11:11:11.111111Z";
    for (int byte = 0; byte < 256; byte++) {
        if (byte >= '0' && byte <= '9')
            continue;
        char text[CLOCK_ISO_LENGTH + 1];
        for (size_t at = 0; at < CLOCK_STAMP_LENGTH; at++) {
            int64_t moment = 42;
            memcpy(text, stamp, sizeof stamp);
            text[at] = (char)byte;
            enum error want = stamp[at] == byte ? ERROR_NONE : ERROR_SYNTAX;
            assert_int_equal(clock_parse_stamp(text, &moment), want);
            assert_true((moment == 42) == (want == ERROR_SYNTAX));
        }
        for (size_t at = 0; at < CLOCK_ISO_LENGTH; at++) {
            int64_t moment = 42;
            memcpy(text, iso, sizeof iso);
            text[at] = (char)byte;
            enum error want = iso[at] == byte ? ERROR_NONE : ERROR_SYNTAX;
            assert_int_equal(
                clock_parse_iso(text, CLOCK_ISO_LENGTH, &moment), want);
            assert_true((moment == 42) == (want == ERROR_SYNTAX));
        }
    }
}

static const char *const impossible_moments[] = {
    "2024-00-01T00:00:00.000000Z",
    "2024-13-01T00:00:00.000000Z",
    "2024-01-00T00:00:00.000000Z",
    "2024-01-32T00:00:00.000000Z",
    "2024-04-31T00:00:00.000000Z",
    "2024-02-30T00:00:00.000000Z",
    "2023-02-29T00:00:00.000000Z",
    "2100-02-29T00:00:00.000000Z",
    "2024-01-01T24:00:00.000000Z",
    "2024-01-01T00:60:00.000000Z",
    "2024-12-31T23:59:60.000000Z",
    "2024-01-01T99:99:99.999999Z",
};

/* The stamp is the same without the signs between the digits. */
static void stamp_of(char out[CLOCK_STAMP_LENGTH + 1], const char *iso)
{
    size_t length = 0;
    for (; *iso != '\0'; iso++) {
        if (*iso != '-' && *iso != ':')
            out[length++] = *iso;
    }
    out[length] = '\0';
}

static void test_refuses_impossible_moments(void **state)
{
    (void)state;
    const size_t count =
        sizeof impossible_moments / sizeof impossible_moments[0];
    for (size_t i = 0; i < count; i++) {
        const char *iso = impossible_moments[i];
        char stamp[CLOCK_STAMP_LENGTH + 1];
        int64_t moment = 42;
        stamp_of(stamp, iso);
        if (clock_parse_iso(iso, CLOCK_ISO_LENGTH, &moment) != ERROR_SYNTAX ||
            clock_parse_stamp(stamp, &moment) != ERROR_SYNTAX || moment != 42)
            fail_msg("%s: have a moment, want none", iso);
    }
}

static void test_refuses_other_lengths(void **state)
{
    (void)state;
    static const char iso[] = "2024-11-11T11:11:11.111111Z";
    char stamp[] = "20241111T111111.111111Z";
    int64_t moment = 42;
    for (size_t length = 0; length <= sizeof iso; length++) {
        if (length != CLOCK_ISO_LENGTH)
            assert_int_equal(
                clock_parse_iso(iso, length, &moment), ERROR_SYNTAX);
    }
    for (size_t length = CLOCK_STAMP_LENGTH; length-- > 0;) {
        stamp[length] = '\0';
        assert_int_equal(clock_parse_stamp(stamp, &moment), ERROR_SYNTAX);
    }
    assert_true(moment == 42);
}

static void test_now(void **state)
{
    (void)state;
    time_t before = time(NULL);
    int64_t now = clock_now();
    time_t after = time(NULL);
    /* time(2) may lag behind by one tick of the clock. */
    assert_true(now / clock_second >= before - 1);
    assert_true(now / clock_second <= after + 1);
}

static void test_timespec_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof moment_cases / sizeof moment_cases[0]; i++) {
        int64_t moment = moment_cases[i].moment;
        if (moment < 0)
            continue;
        struct timespec time = clock_to_timespec(moment);
        assert_int_equal(time.tv_sec, moment / clock_second);
        assert_true(time.tv_nsec >= 0 && time.tv_nsec < 1000000000);
        assert_int_equal(clock_from_timespec(time), moment);
    }
}

struct odd_time {
    int64_t seconds;
    const char *iso;
};

/* What touch(1) can set where a file system keeps 64 bits. */
static const struct odd_time odd_times[] = {
    {INT64_MAX, "9999-12-31T23:59:59.000000Z"},
    {INT64_C(253402300800), "9999-12-31T23:59:59.000000Z"},
    {INT64_C(253402300799), "9999-12-31T23:59:59.000000Z"},
    {INT64_C(-62167219200), "0000-01-01T00:00:00.000000Z"},
    {INT64_C(-62167219201), "0000-01-01T00:00:00.000000Z"},
    {INT64_MIN, "0000-01-01T00:00:00.000000Z"},
};

static void test_odd_timespec(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof odd_times / sizeof odd_times[0]; i++) {
        struct timespec time = {.tv_sec = (time_t)odd_times[i].seconds};
        char iso[CLOCK_ISO_LENGTH + 1];
        clock_format_iso(iso, clock_from_timespec(time));
        assert_string_equal(iso, odd_times[i].iso);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_stamp_may_be_followed),
        cmocka_unit_test(test_every_day),
        cmocka_unit_test(test_refuses_every_other_character),
        cmocka_unit_test(test_refuses_impossible_moments),
        cmocka_unit_test(test_refuses_other_lengths),
        cmocka_unit_test(test_now),
        cmocka_unit_test(test_timespec_and_back),
        cmocka_unit_test(test_odd_timespec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
