/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "limit.h"
#include "unit.h"

#include <sys/resource.h>

/* More than any host has, and than a sanitizer takes up. */
static const uint64_t vast = UINT64_C(1) << 46;

static void set(int resource, rlim_t most)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(resource, &limit), 0);
    limit.rlim_cur = most;
    assert_int_equal(setrlimit(resource, &limit), 0);
}

/* Only where a limit is the cause it is of no use to try again. */
static void test_memory(void **state)
{
    (void)state;
    assert_false(limit_memory_was_reached());
    limit_memory_refused(SIZE_MAX);
    assert_false(limit_memory_was_reached());
    assert_true(error_is_temporary(ERROR_MEMORY));
    assert_string_equal(error_text(ERROR_MEMORY), "out of memory");
    set(RLIMIT_AS, vast);
    assert_int_equal(limit_memory(), vast);
    limit_memory_refused(1000);
    assert_false(limit_memory_was_reached());
    limit_memory_refused((size_t)vast);
    assert_true(limit_memory_was_reached());
    assert_true(error_is_limit(ERROR_MEMORY));
    assert_false(error_is_temporary(ERROR_MEMORY));
    assert_string_not_equal(error_text(ERROR_MEMORY), "out of memory");
    set(RLIMIT_AS, RLIM_INFINITY);
    set(RLIMIT_DATA, vast);
    assert_int_equal(limit_memory(), vast);
    limit_memory_refused(1000);
    assert_false(limit_memory_was_reached());
    limit_memory_refused((size_t)vast);
    assert_true(limit_memory_was_reached());
    set(RLIMIT_DATA, RLIM_INFINITY);
    assert_int_equal(limit_memory(), UINT64_MAX);
}

/* Where it cannot be seen what a program takes up, a limit passes for the
 * cause. */
static void test_out_of_sight(void **state)
{
    static const int limits[] = {RLIMIT_AS, RLIMIT_DATA};
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    set(RLIMIT_NOFILE, 0);
    limit_memory_refused(1000);
    assert_false(limit_memory_was_reached());
    for (int i = 0; i < 2; i++) {
        set(limits[i], vast);
        limit_memory_refused(1000);
        assert_true(limit_memory_was_reached());
        set(limits[i], RLIM_INFINITY);
    }
    set(RLIMIT_NOFILE, before.rlim_cur);
}

static void test_others(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    set(RLIMIT_FSIZE, 12345678);
    set(RLIMIT_NOFILE, 100);
    assert_int_equal(limit_file(), 12345678);
    assert_int_equal(limit_descriptors(), 100);
    set(RLIMIT_FSIZE, RLIM_INFINITY);
    set(RLIMIT_NOFILE, before.rlim_cur);
    assert_int_equal(limit_file(), UINT64_MAX);
    struct rlimit seconds = {.rlim_cur = 10000, .rlim_max = 20000};
    assert_int_equal(setrlimit(RLIMIT_CPU, &seconds), 0);
    assert_int_equal(limit_seconds(), 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_out_of_sight),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
