/* SPDX-License-Identifier: MIT */
/* Counting in the spool while something goes wrong. */
#include "attempt_fixture.h"
#include "census.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static struct census counted;

static void lay_some(const struct fixture *fixture)
{
    fixture_put(fixture, PENDING("a", "p"), DROP("a"));
    fixture_put(fixture, EXECUTING(PAST, "l", "a", "e"), DROP("a"));
    fixture_put(fixture, COMPLETED("c"), "{}");
    fixture_put(fixture, "ingest/42/20241207T100000.000000Z-c.json", "{}");
    fixture_put(fixture, "pending/top.json", "{}");
}

static enum error count_user(const struct fixture *fixture)
{
    memset(&counted, 0, sizeof counted);
    return census_user(&fixture->account, &counted);
}

static enum error count_all(const struct fixture *fixture)
{
    memset(&counted, 0, sizeof counted);
    return census_all(&fixture->spool, &counted);
}

/* A folder that cannot be read is told of elsewhere, and counts as empty. */
static void check_count(const struct fixture *fixture, enum error error)
{
    (void)fixture;
    (void)error;
    assert_true(counted.pending <= 1 && counted.executing <= 1);
    assert_true(counted.completed <= 1 && counted.ingest <= 1);
}

static void finish_count(const struct fixture *fixture)
{
    (void)fixture;
    assert_int_equal(counted.pending, 1);
    assert_int_equal(counted.executing, 1);
    assert_int_equal(counted.overdue, 1);
    assert_int_equal(counted.completed, 1);
    assert_int_equal(counted.ingest, 1);
}

static void test_census(void **state)
{
    static const struct attempt attempts[] = {
        {"a user's tasks", lay_some, count_user, check_count, finish_count,
            ATTEMPT_SILENT},
        {"all tasks", lay_some, count_all, check_count, finish_count,
            ATTEMPT_SILENT},
    };
    for (size_t i = 0; i < COUNT_OF(attempts); i++)
        attempt_each_fault(*state, &attempts[i]);
}

/* Lack of memory is told: the sums are of no use. */
static void test_census_without_memory(void **state)
{
    const struct fixture *fixture = *state;
    lay_some(fixture);
    fault_set(FAULT_MEMORY, 1, ENOMEM);
    assert_int_equal(count_user(fixture), ERROR_MEMORY);
    assert_true(fault_clear());
    fault_set(FAULT_MEMORY, 1, ENOMEM);
    assert_int_equal(count_all(fixture), ERROR_MEMORY);
    assert_true(fault_clear());
    /* The folder of the users itself. */
    fault_set(FAULT_OPEN, 1, EACCES);
    assert_int_equal(count_all(fixture), ERROR_NONE);
    assert_true(fault_clear());
    assert_int_equal(counted.pending, 0);
    assert_int_equal(counted.executing, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_census),
        IN_SPOOL(test_census_without_memory),
    };
    return cmocka_run_group_tests_name("census_fault", tests, NULL, NULL);
}
