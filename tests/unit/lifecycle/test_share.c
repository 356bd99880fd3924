/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "share.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static enum error check(const struct fixture *fixture, size_t most)
{
    struct config config = fixture_config();
    config.user_space = most;
    return share_check(UNDER(fixture, &config));
}

/* Each file takes a block of the disk at the least. */
static void test_full(void **state)
{
    const struct fixture *fixture = *state;
    static char large[3 * SHARE_LEAST];
    assert_int_equal(check(fixture, 1), ERROR_NONE);
    fixture_put(fixture, COMPLETED("a"), "{}");
    fixture_put(fixture, FAILED("b"), "{}");
    assert_int_equal(check(fixture, (size_t)2 * SHARE_LEAST), ERROR_NONE);
    assert_int_equal(check(fixture, ((size_t)2 * SHARE_LEAST) - 1), ERROR_FULL);
    assert_int_equal(check(fixture, 0), ERROR_NONE);
    assert_int_equal(check(fixture, config_half), ERROR_NONE);
    memset(large, ' ', sizeof large - 1);
    fixture_put(fixture, COMPLETED("a"), large);
    assert_int_equal(check(fixture, (size_t)3 * SHARE_LEAST), ERROR_FULL);
    assert_int_equal(check(fixture, (size_t)4 * SHARE_LEAST), ERROR_NONE);
}

static enum error remove_record(void *context)
{
    const struct fixture *fixture = context;
    unlinkat(fixture->spool.directory, COMPLETED("a"), 0);
    return ERROR_NONE;
}

/* What is removed meanwhile takes nothing. */
static void test_gone(void **state)
{
    fixture_put(*state, COMPLETED("a"), "{}");
    assert_int_equal(check(*state, 1), ERROR_FULL);
    fault_meet(FAULT_STATUS, 1, remove_record, *state);
    assert_int_equal(check(*state, 1), ERROR_NONE);
    assert_true(fault_clear());
}

/* What the disk has free may be the limit, and not be known. */
static void test_unknown(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, COMPLETED("a"), "{}");
    fault_set(FAULT_STATUS, 1, EIO);
    assert_int_equal(check(fixture, config_half), ERROR_IO);
    assert_true(fault_clear());
    fault_set(FAULT_OPEN, 1, EIO);
    assert_int_equal(check(fixture, 1), ERROR_IO);
    assert_true(fault_clear());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_full),
        IN_SPOOL(test_gone),
        IN_SPOOL(test_unknown),
    };
    return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
