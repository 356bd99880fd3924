/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "second.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define WAITING PENDING("a", "t")
#define RUNNING EXECUTING(FUTURE, "l1", "a", "t")

static enum error look(const struct fixture *fixture)
{
    return second_look(&fixture->account, "t", (struct path){WAITING});
}

static void put_both(const struct fixture *fixture)
{
    fixture_put(fixture, WAITING, DROP("a"));
    fixture_put(fixture, RUNNING, DROP("a"));
}

static void test_alone(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, WAITING, DROP("a"));
    assert_int_equal(look(fixture), ERROR_NONE);
    fixture_put(fixture, EXECUTING(FUTURE, "l1", "a", "u"), DROP("a"));
    assert_int_equal(look(fixture), ERROR_NONE);
}

static void test_executing_besides(void **state)
{
    put_both(*state);
    assert_int_equal(look(*state), ERROR_EXISTS);
}

static enum error give_back(void *context)
{
    const struct fixture *fixture = context;
    return file_remove(fixture->spool.directory, RUNNING);
}

/* What a loss of power has left of a rename is no copy. */
static void test_one_file(void **state)
{
    const struct fixture *fixture = *state;
    put_both(fixture);
    give_back(*state);
    assert_int_equal(
        file_link(fixture->spool.directory, WAITING, RUNNING), ERROR_NONE);
    assert_int_equal(look(fixture), ERROR_CONFLICT);
}

static enum error take(void *context)
{
    const struct fixture *fixture = context;
    return file_remove(fixture->spool.directory, WAITING);
}

static void test_taken_meanwhile(void **state)
{
    put_both(*state);
    fault_meet(FAULT_STATUS, 1, take, *state);
    assert_int_equal(look(*state), ERROR_NOT_FOUND);
}

/* Between the look for its pending name and that for its other one. */
static void test_given_back_meanwhile(void **state)
{
    put_both(*state);
    fault_meet(FAULT_STATUS, 2, give_back, *state);
    assert_int_equal(look(*state), ERROR_CONFLICT);
}

static void test_cannot_tell(void **state)
{
    put_both(*state);
    fault_set(FAULT_OPEN, 1, EACCES);
    assert_int_equal(look(*state), ERROR_DENIED);
    assert_true(fault_clear());
}

#define BEFORE EXECUTING(PAST, "l1", "a", "t")

/* Of one file, before a renewal and after it: the former goes, unless that
 * cannot be done, or another has done it. */
static void test_earlier_stays(void **state)
{
    static const int numbers[] = {EACCES, EIO, ENOENT};
    static const enum error wants[] = {ERROR_DENIED, ERROR_IO, ERROR_NONE};
    for (size_t i = 0; i <= COUNT_OF(numbers); i++) {
        const struct fixture *fixture = *state;
        struct lease_name lease;
        bool goes = i == COUNT_OF(numbers);
        assert_int_equal(
            name_parse_executing(strrchr(BEFORE, '/') + 1, &lease), ERROR_NONE);
        fixture_put(fixture, BEFORE, DROP("a"));
        assert_int_equal(
            file_link(fixture->spool.directory, BEFORE, RUNNING), ERROR_NONE);
        if (!goes)
            fault_set(FAULT_NAMES, 1, numbers[i]);
        assert_int_equal(second_remove_earlier(
                             &fixture->account, (struct path){BEFORE}, &lease),
            goes ? ERROR_EXISTS : wants[i]);
        fault_clear();
        assert_int_equal(file_exists(fixture->spool.directory, BEFORE), !goes);
        assert_int_equal(fixture_logged(fixture, "was removed"), goes);
        assert_true(file_exists(fixture->spool.directory, RUNNING));
        fixture_renew(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_alone),
        IN_SPOOL(test_executing_besides),
        IN_SPOOL(test_one_file),
        IN_SPOOL(test_taken_meanwhile),
        IN_SPOOL(test_given_back_meanwhile),
        IN_SPOOL(test_cannot_tell),
        IN_SPOOL(test_earlier_stays),
    };
    return cmocka_run_group_tests_name("second", tests, NULL, NULL);
}
