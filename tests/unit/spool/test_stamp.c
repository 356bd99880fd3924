/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "fault.h"
#include "file.h"
#include "path.h"
#include "place_fixture.h"
#include "spool.h"
#include "stamp.h"
#include "unit.h"

#include <stdbool.h>
#include <time.h>

/* What is done every 5 seconds, and was done `last` after now. */
struct due_case {
    int64_t last;
    bool due;
    bool astray;
};

static const struct due_case cases[] = {
    {-6000000, true, false},
    {-5000000, true, false},
    {-4999999, false, false},
    {0, false, false},
    {5000000, false, false},
    {5000001, true, true},
    {INT64_C(86400000000), true, true},
};

static void test_due(void **state)
{
    (void)state;
    int64_t now = INT64_C(1733565615123456);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t last = now + cases[i].last;
        assert_int_equal(stamp_is_due(last, now, 5), cases[i].due);
        assert_int_equal(stamp_is_astray(last, now, 5), cases[i].astray);
        assert_true(stamp_is_due(last, now, 0));
    }
    assert_true(stamp_is_due(0, now, 5)); /* there is no stamp */
    assert_true(stamp_is_due(INT64_MAX, now, 5));
    assert_true(stamp_is_due(INT64_MIN, now, 5));
    assert_true(stamp_is_astray(INT64_MAX, now, 5));
    assert_false(stamp_is_astray(INT64_MIN, now, 5));
}

static void test_moment(void **state)
{
    struct spool spool = {.directory = place_of(state)->directory};
    int64_t moment = INT64_C(1733565615123456);
    const struct timespec times[2] = {
        clock_to_timespec(0), clock_to_timespec(moment)};
    assert_int_equal(stamp_moment(&spool, path_in(SPOOL_INDEX, "a")), 0);
    stamp_write(&spool, path_in(SPOOL_INDEX, "a"), times);
    assert_true(stamp_moment(&spool, path_in(SPOOL_INDEX, "a")) == moment);
    file_remove(spool.directory, path_in(SPOOL_INDEX, "a").text);
}

struct young_case {
    int64_t written; /* seconds from now */
    int64_t changed;
    bool young;
};

static const struct young_case young_cases[] = {
    {-10, -10, false},
    {-2, -10, true},
    {-10, -2, true},
    {-400000000, -2, true},
    {10, -2, true},
    {400000000, -2, true},
    {2, -10, true},
    {10, -10, false},
    {400000000, -10, false},
    {-10, 10, false},
    {400000000, 400000000, false},
};

static void test_young(void **state)
{
    (void)state;
    int64_t now = INT64_C(1733565615123456);
    for (size_t i = 0; i < sizeof young_cases / sizeof young_cases[0]; i++) {
        const struct young_case *row = &young_cases[i];
        struct stat status = {
            .st_mtim = clock_to_timespec(now + (row->written * clock_second)),
            .st_ctim = clock_to_timespec(now + (row->changed * clock_second))};
        if (stamp_is_young(&status, now, 5) != row->young)
            fail_msg("%lld, %lld: want %d", (long long)row->written,
                (long long)row->changed, row->young);
        assert_false(stamp_is_young(&status, now, 0));
    }
}

static void test_written(void **state)
{
    (void)state;
    int64_t now = INT64_C(1733565615123456);
    int64_t skew = STAMP_SKEW * clock_second;
    struct stat status = {.st_mtim = clock_to_timespec(now + skew),
        .st_ctim = clock_to_timespec(now - 7)};
    assert_true(stamp_written(&status, now) == now + skew);
    status.st_mtim = clock_to_timespec(now + skew + 1);
    assert_true(stamp_written(&status, now) == now - 7);
    status.st_ctim = clock_to_timespec(now + skew + 5);
    assert_true(stamp_written(&status, now) == now + skew + 5);
}

static void test_bring_back(void **state)
{
    struct spool spool = {.directory = place_of(state)->directory};
    struct path path = path_in(SPOOL_INDEX, "a");
    int64_t now = INT64_C(1733565615123456);
    int64_t limit = now + (STAMP_SKEW * clock_second);
    static const int64_t beyond[] = {0, 1, INT64_C(2500000000000000)};
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        int64_t last = limit + beyond[i];
        const struct timespec times[2] = {
            clock_to_timespec(last), clock_to_timespec(last)};
        stamp_write(&spool, path, times);
        bool want = beyond[i] > 0;
        assert_int_equal(stamp_bring_back(&spool, path, last, now, true), want);
        assert_true(stamp_moment(&spool, path) == last);
        assert_int_equal(
            stamp_bring_back(&spool, path, last, now, false), want);
        assert_true(stamp_moment(&spool, path) == (want ? now : last));
    }
    file_remove(spool.directory, path.text);
    assert_true(stamp_bring_back(&spool, path, limit + 1, now, false));
    assert_int_equal(stamp_moment(&spool, path), 0); /* nothing is made */
}

static void test_set(void **state)
{
    struct spool spool = {.directory = place_of(state)->directory};
    struct path path = path_in(SPOOL_INDEX, "a");
    struct stat status = {.st_mtim = {5, 1}};
    struct stamp stamp;
    assert_int_equal(stamp_look_at(&spool, &status, path, &stamp), ERROR_NONE);
    stamp_set(&spool, &stamp);
    assert_int_equal(
        stamp_look_at(&spool, &status, path, &stamp), ERROR_EXISTS);
    status.st_mtim.tv_nsec = 2;
    assert_int_equal(stamp_look_at(&spool, &status, path, &stamp), ERROR_NONE);
    status.st_mtim = (struct timespec){6, 1};
    assert_int_equal(stamp_look_at(&spool, &status, path, &stamp), ERROR_NONE);
    file_remove(spool.directory, path.text);
}

struct believed_case {
    int64_t passed; /* seconds since it was set */
    bool believed;
};

static const struct believed_case believed_cases[] = {
    {0, true},
    {STAMP_BELIEVED - 2, true},
    {STAMP_BELIEVED + 1, false},
    {3600, false},
    {2 - STAMP_BELIEVED, true},
    {-STAMP_BELIEVED - 2, false},
};

/* What it says of a folder may have ceased to be so, at the same mtime: by a
 * loss of power, or by a clock that was set back. Of a file it may not. */
static void test_believed(void **state)
{
    struct spool spool = {.directory = place_of(state)->directory};
    struct path path = path_in(SPOOL_INDEX, "a");
    const struct timespec times[2] = {{1, 0}, {5, 0}};
    struct path folder = path_of(SPOOL_PENDING);
    struct stat status;
    struct stamp stamp;
    assert_int_equal(spool_make(&spool, SPOOL_PENDING), ERROR_NONE);
    file_set_times(spool.directory, folder.text, times);
    assert_int_equal(stamp_look(&spool, folder, path, &stamp), ERROR_NONE);
    stamp_set(&spool, &stamp);
    assert_int_equal(fstatat(spool.directory, folder.text, &status, 0), 0);
    for (size_t i = 0; i < sizeof believed_cases / sizeof believed_cases[0];
        i++) {
        const struct believed_case *row = &believed_cases[i];
        fault_set_clock(row->passed);
        clock_now();
        assert_int_equal(stamp_look(&spool, folder, path, &stamp),
            row->believed ? ERROR_EXISTS : ERROR_NONE);
        assert_int_equal(stamp_look_at(&spool, &status, path, &stamp),
            row->believed ? ERROR_EXISTS : ERROR_NONE);
        assert_int_equal(
            stamp_look_at_file(&spool, &status, path, &stamp), ERROR_EXISTS);
    }
    fault_set_clock(0);
    file_remove(spool.directory, path.text);
}

/* A program died between making it and marking it, and a change of the folder
 * came in the moment in which it was made. */
static void test_unmarked(void **state)
{
    struct spool spool = {.directory = place_of(state)->directory};
    struct path path = path_in(SPOOL_INDEX, "a");
    struct stat status;
    struct stamp stamp;
    assert_int_equal(spool_make(&spool, SPOOL_INDEX), ERROR_NONE);
    assert_int_equal(file_touch(spool.directory, path.text), ERROR_NONE);
    assert_int_equal(fstatat(spool.directory, path.text, &status, 0), 0);
    assert_int_equal(stamp_look_at(&spool, &status, path, &stamp), ERROR_NONE);
    file_remove(spool.directory, path.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_due),
        IN_PLACE(test_moment),
        cmocka_unit_test(test_young),
        cmocka_unit_test(test_written),
        IN_PLACE(test_bring_back),
        IN_PLACE(test_set),
        IN_PLACE(test_believed),
        IN_PLACE(test_unmarked),
    };
    return cmocka_run_group_tests_name("stamp", tests, NULL, NULL);
}
