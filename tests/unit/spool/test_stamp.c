/* SPDX-License-Identifier: MIT */
#include "clock.h"
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
}

static void test_moment(void **state)
{
    struct spool spool = {place_of(state)->directory};
    int64_t moment = INT64_C(1733565615123456);
    const struct timespec times[2] = {
        clock_to_timespec(0), clock_to_timespec(moment)};
    assert_int_equal(stamp_moment(&spool, path_in(SPOOL_INDEX, "a")), 0);
    stamp_write(&spool, path_in(SPOOL_INDEX, "a"), times);
    assert_true(stamp_moment(&spool, path_in(SPOOL_INDEX, "a")) == moment);
    file_remove(spool.directory, path_in(SPOOL_INDEX, "a").text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_due),
        IN_PLACE(test_moment),
    };
    return cmocka_run_group_tests_name("stamp", tests, NULL, NULL);
}
