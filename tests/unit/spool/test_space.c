/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "ingest_fixture.h"
#include "space.h"
#include "spool.h"
#include "task_fixture.h"
#include "unit.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

struct space_case {
    struct space space;
    bool want;
};

/* A twentieth, 64 MiB and 1,000 inodes at most. */
static const struct space_case cases[] = {
    {{100 * GIB, 200 * GIB, 1000000, 2000000}, true},
    {{64 * MIB, 200 * GIB, 1000, 2000000}, true},
    {{(64 * MIB) - 1, 200 * GIB, 1000, 2000000}, false},
    {{64 * MIB, 200 * GIB, 999, 2000000}, false},
    {{1 * MIB, 20 * MIB, 5, 100}, true},
    {{(1 * MIB) - 1, 20 * MIB, 5, 100}, false},
    {{1 * MIB, 20 * MIB, 4, 100}, false},
    {{0, 200 * GIB, 1000000, 2000000}, false},
    {{100 * GIB, 200 * GIB, 0, 2000000}, false},
    {{100 * GIB, 200 * GIB, 0, 0}, true}, /* btrfs counts no inodes */
    {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}, true},
    {{63 * MIB, UINT64_MAX, UINT64_MAX, UINT64_MAX}, false},
};

static void test_reserve(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (space_allows_create(&cases[i].space) != cases[i].want)
            fail_msg(
                "row %zu: have %d, want %d", i, !cases[i].want, cases[i].want);
    }
}

static void test_read(void **state)
{
    const struct fixture *fixture = *state;
    struct space space = {0, 0, 0, 0};
    assert_int_equal(space_read(&fixture->spool, &space), ERROR_NONE);
    assert_true(space.bytes_total > 0);
    assert_true(space.bytes_free <= space.bytes_total);
    assert_true(space.inodes_free <= space.inodes_total);
    assert_int_equal(space_check_create(&fixture->spool),
        space_allows_create(&space) ? ERROR_NONE : ERROR_FULL);
    const struct spool closed = {.directory = -1};
    assert_int_not_equal(space_read(&closed, &space), ERROR_NONE);
    assert_int_not_equal(space_check_create(&closed), ERROR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reserve),
        IN_SPOOL(test_read),
    };
    return cmocka_run_group_tests_name("space", tests, NULL, NULL);
}
